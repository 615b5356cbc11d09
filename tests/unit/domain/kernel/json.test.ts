import { expect, test } from "@jest/globals";
import type { Schema } from "effect";
import fc from "fast-check";
import {
  atOnce,
  canonicalJson,
  canonicalJsonInSteps,
  isSameJson,
  jsonInSteps,
} from "../../../../src/domain/kernel/mod.ts";

const json = fc.jsonValue().map((value): Schema.Json => JSON.parse(JSON.stringify(value)));

/** The value with the keys of each object in another order. */
const shuffled = (value: Schema.Json): Schema.Json => {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(shuffled);
  const members = Object.entries<Schema.Json>(value).map(([key, member]) => [key, shuffled(member)] as const);
  return Object.fromEntries(members.reverse());
};

test("two values are the same JSON if their canonical texts are equal, and only then", () => {
  fc.assert(
    fc.property(json, json, (one, other) => {
      expect(isSameJson(one, other)).toBe(canonicalJson(one) === canonicalJson(other));
      expect(isSameJson(one, shuffled(one))).toBe(true);
    }),
  );
});

test("a text that is made with pauses is the same", () => {
  // More values than are written at a time.
  const large = fc.array(json, { minLength: 1, maxLength: 4 }).map((values) => ({
    b: Array.from({ length: 3_000 }, () => values[0] ?? null),
    a: { list: Array.from({ length: 3_000 }, (_, index) => ({ id: index, values })), text: "ü" },
  }));
  fc.assert(
    fc.property(large, (value) => {
      expect(atOnce(jsonInSteps(value))).toBe(JSON.stringify(value));
      expect(atOnce(canonicalJsonInSteps(value))).toBe(canonicalJson(value));
      expect([...jsonInSteps(value)].length).toBeGreaterThan(3_000);
    }),
    { numRuns: 3 },
  );
  fc.assert(fc.property(json, (value) => expect(atOnce(jsonInSteps([value]))).toBe(JSON.stringify([value]))));
});

test.each([
  [{ a: 1 }, { a: 1, b: 2 }],
  [{ a: 1, b: 2 }, { a: 1 }],
  [{ a: null }, {}],
  [[], {}],
  [null, {}],
  [
    [1, 2],
    [2, 1],
  ],
  [{ toString: 1 }, {}],
  [0, false],
])("%j and %j are not", (one, other) => {
  expect(isSameJson(one, other)).toBe(false);
});

test("a key without a value is as none, and zero has no sign", () => {
  const withUndefined: { a: number; b?: number | undefined } = { a: 0, b: undefined };
  expect(isSameJson(JSON.parse('{"a":-0}'), Object.assign({}, withUndefined) as { a: number })).toBe(true);
});
