import { defined } from "../kernel/mod.ts";
import { type Ballot, conditionsOf, type VoterCondition } from "./ballot.ts";
import { type Count, type CountingRule, countBallots, type RejectionCause, uncastWeight, withMore } from "./count.ts";
import type { Electorate } from "./electorate.ts";
import { type Fraction, fractionOf } from "./fraction.ts";
import { countingRuleOf } from "./protocols.ts";
import { quorumReached } from "./quorum.ts";
import type { CountingRules, Rules } from "./rules.ts";
import { type Tally, tallyOf } from "./tally.ts";

/** What a vote comes to by its count. Whether an approval has conditions follows from the ballots. */
export type Outcome = "approved" | "rejected" | "expired";

/**
 * Returns the outcome if voting closed now. Without a quorum a vote expires, unless it is blocked; it never approves.
 */
export const outcomeOf = (rule: CountingRule, count: Count, quorum: Fraction): Outcome => {
  if (rule.isBlocked(count)) return "rejected";
  if (!quorumReached(count, quorum)) return "expired";
  return rule.voteSucceeded(count) ? "approved" : "rejected";
};

/**
 * Returns the outcome that no ballot which has not been cast can change; undefined while one could.
 *
 * As counting rules are monotone, two completions stand for all: everyone who is left approves, or everyone rejects. If
 * both end as the vote stands now, with nobody else voting at all, every other completion does too. A quorum that is
 * not reached yet leaves the vote open, because those who are left may stay away.
 */
export const earlyOutcome = (rule: CountingRule, count: Count, quorum: Fraction): Outcome | undefined => {
  const uncast = uncastWeight(count);
  const now = outcomeOf(rule, count, quorum);
  const best = outcomeOf(rule, withMore(count, "approve", uncast), quorum);
  const worst = outcomeOf(rule, withMore(count, "reject", uncast), quorum);
  return now === best && now === worst ? now : undefined;
};

/** What the ballots of a vote come to. */
export interface VoteResult {
  readonly outcome: Outcome;
  readonly tally: Tally;
  /** Why a rejection is one. */
  readonly reason?: RejectionCause;
  /** What an approval depends on. */
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
 * Returns the result of a vote that is closed. It depends on nothing but the rules, the electorate and the ballots that
 * stand: the newest of each member by the order of the log, without those that came too late.
 */
export const resultOf = (rules: CountingRules, electorate: Electorate, ballots: ReadonlyArray<Ballot>): VoteResult => {
  const count = countBallots(electorate, ballots);
  const outcome = outcomeOf(countingRuleOf(rules), count, fractionOf(rules.quorum));
  return resultFor(outcome, rules, electorate, ballots, count);
};

/** Whether a voter who is left could still add a condition to an approval, and the rules wait for that. */
const awaitsConditions = (
  outcome: Outcome,
  { awaitConditions }: Pick<Rules, "awaitConditions">,
  count: Count,
): boolean => outcome === "approved" && awaitConditions === true && uncastWeight(count) > 0n;

/** Returns the result that no ballot which has not been cast can change; undefined while one could. */
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
