import type { CountingRule } from "./counting-rule.ts";

/** More approval than rejection; abstentions do not count, a tie is a rejection. */
export const simpleMajority: CountingRule = {
  succeeds: ({ approve, reject }) => approve > reject,
  isBlocked: () => false,
  rejectionCause: ({ approve, reject }) => (approve === reject ? "tie" : "majority"),
};
