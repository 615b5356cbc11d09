import type { Schema } from "effect";
import type { Steps } from "./steps.ts";

/**
 * The canonical text of a JSON value: keys sorted by UTF-16 code units, no white space, numbers and strings as
 * ECMAScript writes them (RFC 8785, JSON Canonicalization Scheme). Equal values have equal text, so digests of it
 * are digests of the value. Keys whose value is `undefined` are left out.
 */
export const canonicalJson = (value: Schema.Json): string => {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item)).join(",")}]`;
  // Not by `sortedMembers`: this is done for every commit that is read.
  let text = "";
  for (const key of Object.keys(value).sort()) {
    const member: Schema.Json | undefined = Reflect.get(value, key);
    if (member !== undefined) text += `${text === "" ? "" : ","}${JSON.stringify(key)}:${canonicalJson(member)}`;
  }
  return `{${text}}`;
};

/** Values in a value from which on it is large: its text takes about a millisecond. */
const largeFrom = 2_000;

/** Returns what is left of a number of values after those in a value are taken off; 0 if it has as many or more. */
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

/** Makes a text as `textOf` does. That of a large value is made with pauses, after each of its members. */
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

/** The text that `JSON.stringify` makes of a JSON value, made with pauses: that of a large one takes long. */
export const jsonInSteps = (value: object): Steps<string> => textInSteps(value, JSON.stringify, Object.keys);

/** The same for {@link canonicalJson}. */
export const canonicalJsonInSteps = (value: Schema.Json): Steps<string> =>
  textInSteps(value, canonicalJson, (object) => Object.keys(object).sort());

/**
 * Whether two values are the same JSON, whatever the order of their keys: whether their canonical texts are equal. Costs
 * a tenth of making these.
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

/** The same value with its keys in their canonical order, as far as JavaScript lets them: numbers come first. */
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

/** How many bytes a value takes as JSON in UTF-8. */
export const jsonBytes = (value: Schema.Json): number => utf8.encode(JSON.stringify(value)).length;
