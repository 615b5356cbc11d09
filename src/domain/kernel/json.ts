import type { Schema } from "effect";

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
