import type { Count, CountingRule } from "./count.ts";
import type { Fraction } from "./fraction.ts";

/** Approve × denominator ≥ numerator × (approve + reject), so that exactly two thirds pass 2/3. */
const reaches = ({ approve, reject }: Count, { numerator, denominator }: Fraction): boolean =>
  approve * denominator >= numerator * (approve + reject);

/**
 * The approvals reach `threshold` as a share of approvals and rejections, and exceed the rejections: a tie never
 * passes.
 */
export const qualifiedMajority = (threshold: Fraction): CountingRule => ({
  voteSucceeded: (count) => count.approve > count.reject && reaches(count, threshold),
  isBlocked: () => false,
  rejectionCause: ({ approve, reject }) =>
    approve === reject ? "tie" : approve > reject ? "below-threshold" : "majority",
});
