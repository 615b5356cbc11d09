import { Schema } from "effect";
import type { Count } from "./count.ts";
import type { Fraction } from "./fraction.ts";
import { quorumReached, quorumRequired } from "./quorum.ts";

/**
 * A sum of weights, exact in JSON. Up to 2^53 − 1 it is a number, which every JSON reader keeps. Beyond that it is a
 * text of decimal digits.
 */
const Units = Schema.Union([
  Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)),
  Schema.String.check(Schema.isPattern(/^[1-9]\d{15,}$/u)),
]);

const toUnits = (sum: bigint): typeof Units.Type =>
  sum <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(sum) : String(sum);

/** The published count of a vote, in units of weight. */
export const Tally = Schema.Struct({
  approve: Units,
  reject: Units,
  abstain: Units,
  total: Units,
  quorumRequired: Units,
  quorumReached: Schema.Boolean,
});
export type Tally = typeof Tally.Type;

/** Returns a count in its published form. */
export const tallyOf = (count: Count, quorum: Fraction): Tally => ({
  approve: toUnits(count.approve),
  reject: toUnits(count.reject),
  abstain: toUnits(count.abstain),
  total: toUnits(count.total),
  quorumRequired: toUnits(quorumRequired(count.total, quorum)),
  quorumReached: quorumReached(count, quorum),
});
