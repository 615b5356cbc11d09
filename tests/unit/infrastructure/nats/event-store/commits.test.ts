import { describe, expect, test } from "@jest/globals";
import { Result, Schema } from "effect";
import fc from "fast-check";
import { NewCommit } from "../../../../../src/application/ports/mod.ts";
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

describe("a commit in the log", () => {
  test("comes back as it was, with its position", () => {
    fc.assert(
      fc.property(commit, (given) => {
        expect(decodeCommit(7, encodeCommit(given))).toEqual(Result.succeed({ ...given, position: 7 }));
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

  test.each(["", "{", "null", "[]", '"text"'])("is not %p", (payload) => {
    const decoded = decodeCommit(3, new TextEncoder().encode(payload));
    expect(Result.isFailure(decoded) && decoded.failure).toMatchObject({ _tag: "LogDamaged", position: 3 });
  });

  test("is not text in another encoding", () => {
    expect(Result.isFailure(decodeCommit(1, new Uint8Array([0xff, 0xfe])))).toBe(true);
  });
});
