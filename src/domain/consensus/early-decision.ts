import { type Count, uncastWeight, withMore } from "./count.ts";
import type { CountingRule } from "./counting-rule.ts";
import type { Fraction } from "./fraction.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";

/**
 * The outcome that no ballot which is not cast yet can change; undefined while one could.
 *
 * As counting rules are monotone, two completions stand for all: everyone who is left approves, and everyone rejects.
 * Where both end as the vote stands now, with nobody left voting at all, every other completion does too. A quorum that
 * is not reached yet leaves the vote open, because those who are left may stay away.
 */
export const earlyOutcome = (rule: CountingRule, count: Count, quorum: Fraction): Outcome | undefined => {
  const uncast = uncastWeight(count);
  const now = outcomeOf(rule, count, quorum);
  const best = outcomeOf(rule, withMore(count, "approve", uncast), quorum);
  const worst = outcomeOf(rule, withMore(count, "reject", uncast), quorum);
  return now === best && now === worst ? now : undefined;
};
