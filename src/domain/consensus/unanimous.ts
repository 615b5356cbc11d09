import type { CountingRule } from "./counting-rule.ts";

/** Every member approves; one rejection decides at once, and an abstention is no approval. */
export const unanimous: CountingRule = {
  succeeds: ({ approve, total }) => approve === total && total > 0n,
  isBlocked: ({ reject }) => reject > 0n,
  rejectionCause: () => "not-unanimous",
};
