import { describe, expect, test } from "@jest/globals";
import { CommandRefused } from "../../../../../src/agents/kit/errors.ts";
import type { Client, Json } from "../../../../../src/agents/kit/mod.ts";
import type { GraphDocument } from "../../../../../src/domain/graph/document.ts";
import { checkAmendments } from "../../../../../src/interfaces/cli/graph/over-amendments.ts";
import { document, service } from "../../../domain/graph/fixtures.ts";

const [submitted, amended, later] = [80, 81, 81].map((port, index) =>
  document([service("web", { port }), ...(index === 2 ? [service("api")] : [])]),
);
const versions: Readonly<Record<string, GraphDocument | undefined>> = { 4: submitted, 5: amended, 6: later };

/** An installation whose graph has three versions, the middle one by a vote. */
const installation = (items: ReadonlyArray<Json>): Client => {
  const query = async (_view: string, operation: string, input: { readonly version?: number }) => {
    const data: Json = operation === "versions" ? { items } : JSON.parse(JSON.stringify(versions[input.version ?? 6]));
    return { position: 6, data };
  };
  const client: Partial<Client> = { query: query as Client["query"] };
  return client as Client;
};
const items = [{ version: 6 }, { version: 5, amends: "shop-1" }, { version: 4 }];
const check = (client: Client, next: GraphDocument | undefined) =>
  checkAmendments(client, next ?? document([]), "shop.json", new AbortController().signal);

describe("an import", () => {
  test("that takes out what a vote put in is refused, and says what", async () => {
    await expect(check(installation(items), submitted)).rejects.toMatchObject({
      message: expect.stringMatching(
        /^shop\.json would take out what the vote on shop-1 put .*cim graph pull shop FILE/,
      ),
      below: ["  `port` of `web` is 81 by the vote, and is 80 in the file"],
    });
  });

  test("that has it is not, and neither is one of a graph that no vote changed or that is new", async () => {
    await check(installation(items), amended);
    await check(installation([{ version: 6 }, { version: 4 }]), submitted);
    const none: Partial<Client> = {
      query: () =>
        Promise.reject(new CommandRefused({ code: "rejected", message: "", details: { reason: "not-found" } })),
    };
    await check(none as Client, submitted);
  });
});
