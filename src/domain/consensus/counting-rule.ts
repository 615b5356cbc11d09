import type { RejectionCause } from "./contract.ts";
import type { Count } from "./count.ts";

/**
 * How a protocol reads a count: one hook for each decision, after OpenZeppelin's Governor.
 *
 * A rule must be monotone, which every sensible one is: more approval never turns success into failure, more rejection
 * never failure into success, and a ballot that is not cast does at most as much harm as a rejection. Early decisions
 * rest on it.
 */
export interface CountingRule {
  /** Whether the vote approves, if voting closed with this count and a quorum. */
  readonly succeeds: (count: Count) => boolean;
  /** Whether rejections have settled it already, whatever the turnout. */
  readonly isBlocked: (count: Count) => boolean;
  /** Why a vote that does not approve is a rejection. */
  readonly rejectionCause: (count: Count) => RejectionCause;
}
