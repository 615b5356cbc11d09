import { Schema } from "effect";

/**
 * A sum of weights in JSON, exactly: a number as long as every JSON reader keeps it (up to 2^53 − 1), decimal digits
 * as text beyond.
 */
export const Units = Schema.Union([
  Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)),
  Schema.String.check(Schema.isPattern(/^[1-9]\d{15,}$/u)),
]);
export type Units = typeof Units.Type;

/** How a sum is published. */
export const toUnits = (sum: bigint): Units => (sum <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(sum) : String(sum));
