import { type Count, castWeight } from "./count.ts";
import type { Fraction } from "./fraction.ts";

/** The weight that must be cast: the quorum's share of the total, rounded up. */
export const quorumRequired = (total: bigint, { numerator, denominator }: Fraction): bigint =>
  (numerator * total + denominator - 1n) / denominator;

/** Whether enough was cast; abstentions count. */
export const quorumReached = (count: Count, quorum: Fraction): boolean =>
  castWeight(count) >= quorumRequired(count.total, quorum);
