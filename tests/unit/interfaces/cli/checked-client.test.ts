import { describe, expect, test } from "@jest/globals";
import type { Client, Json } from "../../../../src/agents/kit/mod.ts";
import { checked } from "../../../../src/interfaces/cli/checked-client.ts";
import { MisfitAnswer } from "../../../../src/interfaces/cli/errors.ts";

/** A client of a backend that answers every query with `data`, and whose views have one document. */
const clientOf = (data: Json): Client => {
  const client: Pick<Client, "query" | "watch"> = {
    query: (async () => ({ position: 1, data })) as Client["query"],
    watch: async function* () {
      yield { id: "dig-1", document: data };
    } as Client["watch"],
  };
  return checked(client as Client);
};

const place = { place: 1, waitsFor: "ann", id: "dig-1", type: "dig", priority: "high" };
const waiting = { ...place, since: "2026-01-01T00:00:00.000Z", requiredCapabilities: [] };

describe("an answer", () => {
  test("comes as it was sent, with fields that this version does not know", async () => {
    const answer = { waiting: 1, items: [{ ...waiting, added: "later" }] };
    expect((await clientOf(answer).query("tasks", "queue")).data).toEqual(answer);
  });

  test("that lacks a field, or has another type there, fails with the view and the field", async () => {
    const asking = clientOf({ waiting: 1, items: [waiting, { ...waiting, place: "first" }] }).query("tasks", "queue");
    await expect(asking).rejects.toThrow(MisfitAnswer);
    await expect(asking).rejects.toThrow(
      "the answer of tasks.queue does not fit this version of cim (field items.1.place: Expected number)",
    );
    await expect(clientOf({ items: [] }).query("tasks", "queue")).rejects.toThrow("(field waiting: Missing key)");
  });

  test("of a view that the contract does not have is not checked", async () => {
    const view: string = "parcels";
    expect((await clientOf({ id: 1 }).query(view, "get")).data).toEqual({ id: 1 });
  });
});

test("a document that does not fit fails with its id, the view and the field", async () => {
  const changes = clientOf({ id: "dig-1" }).watch("tasks", {}, new AbortController().signal);
  await expect(changes[Symbol.asyncIterator]().next()).rejects.toThrow(
    "dig-1 of tasks does not fit this version of cim (field version: Missing key)",
  );
});
