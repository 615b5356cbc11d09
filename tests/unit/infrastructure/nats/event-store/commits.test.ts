import { describe, expect, test } from "@jest/globals";
import { Result, Schema } from "effect";
import fc from "fast-check";
import { NewCommit } from "../../../../../src/application/ports/mod.ts";
import { atOnce } from "../../../../../src/domain/kernel/mod.ts";
import { decodeCommit, encodeCommit, isNewCommit } from "../../../../../src/infrastructure/nats/event-store/commits.ts";

const text = fc.string({ unit: "binary", maxLength: 8 });
const event = fc.record({
  type: text,
  schemaVersion: fc.nat(),
  data: fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value))),
  cid: text,
});
const commit: fc.Arbitrary<NewCommit> = fc.record(
  {
    aggregate: text,
    id: text,
    firstVersion: fc.nat(),
    command: text,
    commandId: text,
    actor: text,
    time: text,
    correlationId: text,
    causationId: text,
    traceparent: text,
    signed: fc.record({ publicKey: text, signature: text, text }),
    payloadDigest: text,
    previousCid: text,
    seal: text,
    events: fc.tuple(event, event),
  },
  {
    requiredKeys: [
      "aggregate",
      "id",
      "firstVersion",
      "command",
      "commandId",
      "actor",
      "time",
      "correlationId",
      "events",
    ],
  },
);

const decodeAt = (position: number, data: Uint8Array, aggregate: string) =>
  decodeCommit(position, `cim.evt.${aggregate}`, data, "cim.evt.");

describe("a commit in the log", () => {
  test("comes back as it was, with its position", () => {
    fc.assert(
      fc.property(commit, (given) => {
        expect(decodeAt(7, atOnce(encodeCommit(given)), `${given.aggregate}.${given.id}`)).toEqual(
          Result.succeed({ ...given, position: 7 }),
        );
      }),
    );
  });

  test("is told from anything else exactly as its schema tells it", () => {
    const fitsSchema = Schema.is(NewCommit);
    const wrong = fc.constantFrom<unknown>(undefined, null, 1, 1.5, "text", [], [null], {}, { publicKey: "U" });
    fc.assert(
      fc.property(commit, fc.constantFrom(...Object.keys(NewCommit.fields)), wrong, (given, field, value) => {
        const altered = JSON.parse(JSON.stringify({ ...given, [field]: value }));
        expect(isNewCommit(altered)).toBe(fitsSchema(altered));
      }),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(commit, fc.constantFrom("type", "schemaVersion", "data", "cid"), wrong, (given, field, value) => {
        const events = [given.events[0], { ...given.events[1], [field]: value }];
        const altered = JSON.parse(JSON.stringify({ ...given, events }));
        expect(isNewCommit(altered)).toBe(fitsSchema(altered));
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ["", "it is empty"],
    ["{", "it is not JSON in UTF-8"],
    ["null", "it is JSON that is not a commit"],
    ["[]", "it is JSON that is not a commit"],
    ['"text"', "it is JSON that is not a commit"],
  ])("is not %p", (payload, problem) => {
    const of = { aggregate: "graph", id: "g" };
    expect(decodeAt(3, Buffer.from(payload), "graph.g")).toEqual(Result.fail({ position: 3, of, problem }));
  });

  test("is not text in another encoding", () => {
    expect(decodeAt(1, new Uint8Array([0xff, 0xfe]), "graph.g")).toMatchObject({
      failure: { problem: "it is not JSON in UTF-8" },
    });
  });

  test.each(["graph.h", "graph", "graph.g.h", "task.g"])(
    "is not on the subject of another aggregate: %s",
    (subject) => {
      const [given] = fc.sample(commit, 1);
      const data = atOnce(encodeCommit({ ...given, aggregate: "graph", id: "g" } as NewCommit));
      expect(Result.isSuccess(decodeAt(1, data, "graph.g"))).toBe(true);
      expect(decodeAt(1, data, subject)).toMatchObject({ failure: { problem: "it says that it is of graph g" } });
    },
  );

  test("names the aggregate of its subject, if its subject has the form of one", () => {
    expect(decodeAt(1, new Uint8Array(), "graph.g")).toMatchObject({
      failure: { of: { aggregate: "graph", id: "g" } },
    });
    for (const subject of ["graph", "graph.g.h"])
      expect(decodeAt(1, new Uint8Array(), subject)).toEqual(Result.fail({ position: 1, problem: "it is empty" }));
  });
});
