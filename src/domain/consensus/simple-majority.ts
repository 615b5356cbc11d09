import type { CountingRule } from "./count.ts";

/** Approve > reject. Abstentions do not count, and a tie is a rejection. */
export const simpleMajority: CountingRule = {
  voteSucceeded: ({ approve, reject }) => approve > reject,
  isBlocked: () => false,
  rejectionCause: ({ approve, reject }) => (approve === reject ? "tie" : "majority"),
};
