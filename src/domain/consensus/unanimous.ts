import type { CountingRule } from "./count.ts";

/** All members must approve. One rejection decides at once, and an abstention is not an approval. */
export const unanimous: CountingRule = {
  voteSucceeded: ({ approve, total }) => approve === total && total > 0n,
  isBlocked: ({ reject }) => reject > 0n,
  rejectionCause: () => "not-unanimous",
};
