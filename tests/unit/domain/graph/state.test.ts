import { describe, expect, test } from "@jest/globals";
import { Equal, Option, Schema } from "effect";
import fc from "fast-check";
import { contentOf } from "../../../../src/domain/graph/content.ts";
import { type GraphState, graphStateInSteps, GraphState as States } from "../../../../src/domain/graph/state.ts";
import { atOnce } from "../../../../src/domain/kernel/mod.ts";
import { anyDocument, host, runsOn } from "./fixtures.ts";

const codec = Schema.toCodecJson(States);
const encode = Schema.encodeSync(codec);
const decode = Schema.decodeUnknownOption(codec);

const anyState: fc.Arbitrary<GraphState> = fc
  .record({ document: anyDocument, editors: fc.subarray(["ada", "bob"]), archived: fc.boolean(), isMade: fc.nat(9) })
  .map(({ document, editors, archived, isMade }) => {
    const allowance = { field: "api.command", allowedBy: "ada", allowedAt: "2026-01-01T00:00:00.000Z" };
    return isMade === 0
      ? null
      : {
          description: "A shop.",
          owner: "eve",
          editors,
          archived,
          secretLike: [allowance],
          content: contentOf(document),
        };
  });

describe("the JSON of a graph's state, made and read in steps", () => {
  test("is the JSON of its schema, and becomes the same state again", () =>
    fc.assert(
      fc.property(anyState, (state) => {
        const json = atOnce(graphStateInSteps.encode(state));
        expect(json).toEqual(encode(state));
        const read = atOnce(graphStateInSteps.decode(JSON.parse(JSON.stringify(json))));
        expect(Equal.equals(Option.getOrThrow(read), state)).toBe(true);
      }),
      { numRuns: 50 },
    ));

  test("is refused if the schema refuses it, whatever is damaged", () =>
    fc.assert(
      fc.property(anyState, fc.nat(), fc.jsonValue(), (state, at, damage) => {
        const places: Array<() => void> = [];
        const root = { state: JSON.parse(JSON.stringify(encode(state))) };
        const walk = (value: unknown): void => {
          if (typeof value !== "object" || value === null) return;
          for (const [key, inner] of Object.entries(value)) {
            places.push(
              () => Object.assign(value, { [key]: damage }),
              () => Reflect.deleteProperty(value, key),
            );
            walk(inner);
          }
        };
        walk(root);
        places[at % places.length]?.();
        const json = JSON.parse(JSON.stringify(root)).state ?? "nothing";
        const read = atOnce(graphStateInSteps.decode(json));
        expect(Equal.equals(read, decode(json))).toBe(true);
      }),
      { numRuns: 300 },
    ));

  test("pauses after each node and edge", () => {
    const nodes = Array.from({ length: 20 }, (_, index) => host(`host-${index}`));
    const content = contentOf({ nodes, edges: [runsOn("host-0", "host-1")] });
    const state: GraphState = { owner: "eve", editors: [], archived: false, secretLike: [], content };
    expect([...graphStateInSteps.encode(state)]).toHaveLength(21);
    expect([...graphStateInSteps.decode(encode(state))]).toHaveLength(21);
  });
});
