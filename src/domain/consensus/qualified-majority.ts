import type { Count } from "./count.ts";
import type { CountingRule } from "./counting-rule.ts";
import type { Fraction } from "./fraction.ts";

/** Compared by cross-multiplication, so that exactly two thirds are two thirds. */
const reaches = ({ approve, reject }: Count, { numerator, denominator }: Fraction): boolean =>
  approve * denominator >= numerator * (approve + reject);

/** Approvals are at least this share of approvals and rejections, and more than rejections: a tie never passes. */
export const qualifiedMajority = (threshold: Fraction): CountingRule => ({
  succeeds: (count) => count.approve > count.reject && reaches(count, threshold),
  isBlocked: () => false,
  rejectionCause: ({ approve, reject }) =>
    approve === reject ? "tie" : approve > reject ? "below-threshold" : "majority",
});
