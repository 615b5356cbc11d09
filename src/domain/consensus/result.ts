import { defined } from "../kernel/mod.ts";
import { type Ballot, conditionsOf, type VoterCondition } from "./ballot.ts";
import { type Count, type CountingRule, countBallots, type RejectionCause, uncastWeight, withMore } from "./count.ts";
import type { Electorate } from "./electorate.ts";
import { type Fraction, fractionOf } from "./fraction.ts";
import { countingRuleOf } from "./protocols.ts";
import { quorumReached } from "./quorum.ts";
import type { CountingRules, Rules } from "./rules.ts";
import { type Tally, tallyOf } from "./tally.ts";

/** The outcome of a vote by its count. The ballots decide whether an approval has conditions. */
export type Outcome = "approved" | "rejected" | "expired";

/**
 * Returns the outcome if voting closed now. Without a quorum a vote never approves: it expires, or rejects if it is
 * blocked.
 */
export const outcomeOf = (rule: CountingRule, count: Count, quorum: Fraction): Outcome => {
  if (rule.isBlocked(count)) return "rejected";
  if (!quorumReached(count, quorum)) return "expired";
  return rule.voteSucceeded(count) ? "approved" : "rejected";
};

/**
 * Returns the outcome if no uncast ballot can change it; undefined while one could.
 *
 * Counting rules are monotone, so two completions cover all cases: every remaining voter approves, or every one
 * rejects. If both end like the vote would end now without them, every other completion does too. A quorum that is not
 * yet reached leaves the vote open, because the remaining voters may stay away.
 */
export const earlyOutcome = (rule: CountingRule, count: Count, quorum: Fraction): Outcome | undefined => {
  const uncast = uncastWeight(count);
  const now = outcomeOf(rule, count, quorum);
  const best = outcomeOf(rule, withMore(count, "approve", uncast), quorum);
  const worst = outcomeOf(rule, withMore(count, "reject", uncast), quorum);
  return now === best && now === worst ? now : undefined;
};

/** The result of a vote's ballots. */
export interface VoteResult {
  readonly outcome: Outcome;
  readonly tally: Tally;
  /** The cause of a rejection. */
  readonly reason?: RejectionCause;
  /** The conditions of an approval. */
  readonly conditions: ReadonlyArray<VoterCondition>;
}

const resultFor = (
  outcome: Outcome,
  rules: CountingRules,
  electorate: Electorate,
  ballots: ReadonlyArray<Ballot>,
  count: Count,
): VoteResult =>
  defined({
    outcome,
    tally: tallyOf(count, fractionOf(rules.quorum)),
    reason: outcome === "rejected" ? countingRuleOf(rules).rejectionCause(count) : undefined,
    conditions: outcome === "approved" ? conditionsOf(electorate, ballots) : [],
  });

/**
 * Returns the result of a closed vote. It depends only on the rules, the electorate and the counted ballots. These are
 * the newest of each member in the order of the log, without late ones.
 */
export const resultOf = (rules: CountingRules, electorate: Electorate, ballots: ReadonlyArray<Ballot>): VoteResult => {
  const count = countBallots(electorate, ballots);
  const outcome = outcomeOf(countingRuleOf(rules), count, fractionOf(rules.quorum));
  return resultFor(outcome, rules, electorate, ballots, count);
};

/** Returns whether a remaining voter could still add a condition to an approval, and the rules wait for that. */
const awaitsConditions = (
  outcome: Outcome,
  { awaitConditions }: Pick<Rules, "awaitConditions">,
  count: Count,
): boolean => outcome === "approved" && awaitConditions === true && uncastWeight(count) > 0n;

/** Returns the result if no uncast ballot can change it; undefined while one could. */
export const earlyResultOf = (
  rules: CountingRules & Pick<Rules, "awaitConditions">,
  electorate: Electorate,
  ballots: ReadonlyArray<Ballot>,
  count: Count = countBallots(electorate, ballots),
): VoteResult | undefined => {
  const outcome = earlyOutcome(countingRuleOf(rules), count, fractionOf(rules.quorum));
  return outcome === undefined || awaitsConditions(outcome, rules, count)
    ? undefined
    : resultFor(outcome, rules, electorate, ballots, count);
};
