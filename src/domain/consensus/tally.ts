import { Schema } from "effect";
import type { Count } from "./count.ts";
import type { Fraction } from "./fraction.ts";
import { quorumReached, quorumRequired } from "./quorum.ts";

/**
 * A sum of weights in JSON, exactly: a number as long as every JSON reader keeps it (up to 2^53 − 1), decimal digits
 * as text beyond.
 */
const Units = Schema.Union([
  Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)),
  Schema.String.check(Schema.isPattern(/^[1-9]\d{15,}$/u)),
]);

const toUnits = (sum: bigint): typeof Units.Type =>
  sum <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(sum) : String(sum);

/** The count of a vote as it is published, in units of weight. */
export const Tally = Schema.Struct({
  approve: Units,
  reject: Units,
  abstain: Units,
  total: Units,
  quorumRequired: Units,
  quorumReached: Schema.Boolean,
});
export type Tally = typeof Tally.Type;

/** Returns a count as it is published. */
export const tallyOf = (count: Count, quorum: Fraction): Tally => ({
  approve: toUnits(count.approve),
  reject: toUnits(count.reject),
  abstain: toUnits(count.abstain),
  total: toUnits(count.total),
  quorumRequired: toUnits(quorumRequired(count.total, quorum)),
  quorumReached: quorumReached(count, quorum),
});
