import { Result, Schema } from "effect";

/** Reads what fits a schema, without fields that it does not know; throws an error that names `what` otherwise. */
export const reader = <T>(schema: Schema.Codec<T, unknown>, what: string) => {
  const decode = Schema.decodeUnknownResult(schema);
  return (value: unknown): T => {
    const decoded = decode(value);
    if (Result.isFailure(decoded)) throw new Error(`this is no ${what}: ${decoded.failure.message}`);
    return decoded.success;
  };
};
