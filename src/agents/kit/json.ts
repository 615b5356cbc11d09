import { Result, Schema } from "effect";

/** A value that JSON can hold. */
export type Json = null | number | boolean | string | ReadonlyArray<Json> | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json;
}

/** Returns true for a JSON object: not null, not a list. */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Returns the JSON of a message; undefined if its payload is not JSON. */
export const jsonOf = (message: { readonly json: <T>() => T }): Json | undefined => {
  try {
    return message.json<Json>();
  } catch {
    return undefined;
  }
};

/**
 * Returns a function that decodes a value by its schema. Fields that the schema does not know are left out. The
 * function throws an error that names `what` (with its article) if the value does not fit.
 */
export const reader = <T>(schema: Schema.Codec<T, unknown>, what: string): ((value: unknown) => T) => {
  const decode = Schema.decodeUnknownResult(schema);
  return (value) => {
    const decoded = decode(value);
    if (Result.isFailure(decoded)) throw new Error(`this is not ${what}: ${decoded.failure.message}`);
    return decoded.success;
  };
};
