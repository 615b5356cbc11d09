import type { Schema } from "effect";
import type { Steps } from "./steps.ts";

/**
 * Returns the canonical text of a JSON value: keys sorted by UTF-16 code units, no white space, numbers and strings as
 * ECMAScript writes them (RFC 8785, JSON Canonicalization Scheme). Equal values have equal texts, so a digest of the
 * text identifies the value. Keys with the value `undefined` are left out.
 */
export const canonicalJson = (value: Schema.Json): string => {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item)).join(",")}]`;
  // A loop instead of `sortedMembers`, because this runs for every commit that is read.
  let text = "";
  for (const key of Object.keys(value).sort()) {
    const member: Schema.Json | undefined = Reflect.get(value, key);
    if (member !== undefined) text += `${text === "" ? "" : ","}${JSON.stringify(key)}:${canonicalJson(member)}`;
  }
  return `{${text}}`;
};

/** The number of nested values from which a value is large: its text takes about a millisecond. */
const largeFrom = 2_000;

/** Returns `left` minus the number of nested values; 0 if there are at least as many. */
const without = (left: number, value: unknown): number => {
  let rest = left - 1;
  if (typeof value !== "object" || value === null) return rest;
  for (const key in value) {
    if (rest <= 0) return 0;
    rest = without(rest, Reflect.get(value, key));
  }
  return rest;
};

const isLarge = (value: unknown): boolean => without(largeFrom, value) <= 0;

/** Returns the text that `textOf` returns. For a large value it pauses after each member. */
function* textInSteps<A>(
  value: A,
  textOf: (value: A) => string,
  keysOf: (value: object) => ReadonlyArray<string>,
): Steps<string> {
  if (typeof value !== "object" || value === null || !isLarge(value)) return textOf(value);
  const parts: Array<string> = [];
  if (Array.isArray(value)) {
    for (const member of value) {
      parts.push(yield* textInSteps(member, textOf, keysOf));
      yield;
    }
    return `[${parts.join(",")}]`;
  }
  const object: object = value;
  for (const key of keysOf(object)) {
    const member: A | undefined = Reflect.get(object, key);
    if (member === undefined) continue;
    parts.push(`${JSON.stringify(key)}:${yield* textInSteps(member, textOf, keysOf)}`);
    yield;
  }
  return `{${parts.join(",")}}`;
}

/** Returns the text of `JSON.stringify`, with pauses, because a large value takes long. */
export const jsonInSteps = (value: object): Steps<string> => textInSteps(value, JSON.stringify, Object.keys);

/** Returns the text of {@link canonicalJson}, with pauses. */
export const canonicalJsonInSteps = (value: Schema.Json): Steps<string> =>
  textInSteps(value, canonicalJson, (object) => Object.keys(object).sort());

/**
 * Returns whether two values have the same canonical text, that is, the same JSON in any order of keys. Costs a tenth
 * of computing the texts.
 */
export const isSameJson = (left: Schema.Json, right: Schema.Json): boolean => {
  if (left === right) return true;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null)
    return typeof left !== "object" && typeof right !== "object" && JSON.stringify(left) === JSON.stringify(right);
  if (Array.isArray(left) || Array.isArray(right))
    return (
      Array.isArray(left) &&
      Array.isArray(right) &&
      left.length === right.length &&
      left.every((item, index) => isSameJson(item, right[index]))
    );
  const members = Object.entries(left).filter(([, member]) => member !== undefined);
  return (
    members.length === Object.values(right).filter((member) => member !== undefined).length &&
    members.every(([key, member]) => {
      const other: Schema.Json | undefined = Object.hasOwn(right, key) ? Reflect.get(right, key) : undefined;
      return other !== undefined && isSameJson(member, other);
    })
  );
};

/** Returns the value with its keys in canonical order. JavaScript still puts integer-like keys first. */
export const inKeyOrder = (value: Schema.Json): Schema.Json => {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(inKeyOrder);
  const members = sortedMembers(value);
  for (const member of members) member[1] = inKeyOrder(member[1]);
  return Object.fromEntries(members);
};

const sortedMembers = (value: Schema.JsonObject | Schema.JsonArray): ReadonlyArray<[string, Schema.Json]> =>
  Object.entries<Schema.Json>(value).sort(([left], [right]) => (left < right ? -1 : 1));

const utf8 = new TextEncoder();

/** Returns the number of bytes of a value as JSON in UTF-8. */
export const jsonBytes = (value: Schema.Json): number => utf8.encode(JSON.stringify(value)).length;
