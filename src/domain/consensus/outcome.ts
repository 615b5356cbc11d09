import type { Count } from "./count.ts";
import type { CountingRule } from "./counting-rule.ts";
import type { Fraction } from "./fraction.ts";
import { quorumReached } from "./quorum.ts";

/** What a vote comes to; whether an approval has conditions is a matter of its ballots, not of the count. */
export type Outcome = "approved" | "rejected" | "expired";

/** The outcome if voting closed now: without a quorum a vote expires, unless it is blocked; it is never approved. */
export const outcomeOf = (rule: CountingRule, count: Count, quorum: Fraction): Outcome => {
  if (rule.isBlocked(count)) return "rejected";
  if (!quorumReached(count, quorum)) return "expired";
  return rule.succeeds(count) ? "approved" : "rejected";
};
