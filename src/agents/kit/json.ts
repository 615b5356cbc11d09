/** What JSON can hold. */
export type Json = null | number | boolean | string | ReadonlyArray<Json> | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json;
}

/** True for a JSON object: not null, not a list. */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What a message says; undefined where it is no JSON. */
export const jsonOf = (message: { readonly json: <T>() => T }): Json | undefined => {
  try {
    return message.json<Json>();
  } catch {
    return undefined;
  }
};
