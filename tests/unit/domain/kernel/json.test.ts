import { expect, test } from "@jest/globals";
import type { Schema } from "effect";
import fc from "fast-check";
import { canonicalJson, isSameJson } from "../../../../src/domain/kernel/mod.ts";

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
