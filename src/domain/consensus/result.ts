import type { Ballot, VoterCondition } from "./ballot.ts";
import { conditionsOf } from "./conditions.ts";
import type { RejectionCause, Tally } from "./contract.ts";
import { type Count, countBallots, uncastWeight } from "./count.ts";
import { earlyOutcome } from "./early-decision.ts";
import type { Electorate } from "./electorate.ts";
import { fractionOf } from "./fraction.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";
import { countingRuleOf } from "./protocols.ts";
import type { CountingRules, Rules } from "./rules.ts";
import { tallyOf } from "./tally.ts";

/** What the ballots of a vote come to. */
export interface VoteResult {
  readonly outcome: Outcome;
  readonly tally: Tally;
  /** Why a rejection is one. */
  readonly reason?: RejectionCause;
  /** What an approval depends on. */
  readonly conditions: ReadonlyArray<VoterCondition>;
}

const told = (
  rules: CountingRules,
  electorate: Electorate,
  ballots: ReadonlyArray<Ballot>,
  count: Count,
  outcome: Outcome,
): VoteResult => ({
  outcome,
  tally: tallyOf(count, fractionOf(rules.quorum)),
  ...(outcome === "rejected" ? { reason: countingRuleOf(rules).rejectionCause(count) } : {}),
  conditions: outcome === "approved" ? conditionsOf(electorate, ballots) : [],
});

/**
 * The result of a vote that is closed: a function of its rules, its electorate and the ballots that stand, and of nothing
 * else. Those are the newest of each member by the order of the log, without what came too late.
 */
export const resultOf = (rules: CountingRules, electorate: Electorate, ballots: ReadonlyArray<Ballot>): VoteResult => {
  const count = countBallots(electorate, ballots);
  const outcome = outcomeOf(countingRuleOf(rules), count, fractionOf(rules.quorum));
  return told(rules, electorate, ballots, count, outcome);
};

/** An approval may still become one with conditions, where those count as part of the result. */
const mayGetConditions = (outcome: Outcome, rules: Pick<Rules, "awaitConditions">, count: Count): boolean =>
  outcome === "approved" && rules.awaitConditions === true && uncastWeight(count) > 0n;

/** The result that no ballot which is not cast yet can change; undefined while one could. */
export const earlyResultOf = (
  rules: CountingRules & Pick<Rules, "awaitConditions">,
  electorate: Electorate,
  ballots: ReadonlyArray<Ballot>,
): VoteResult | undefined => {
  const count = countBallots(electorate, ballots);
  const outcome = earlyOutcome(countingRuleOf(rules), count, fractionOf(rules.quorum));
  return outcome === undefined || mayGetConditions(outcome, rules, count)
    ? undefined
    : told(rules, electorate, ballots, count, outcome);
};

/** Whether enough of the electorate has voted. */
export const hasQuorum = (rules: CountingRules, electorate: Electorate, ballots: ReadonlyArray<Ballot>): boolean =>
  tallyOf(countBallots(electorate, ballots), fractionOf(rules.quorum)).quorumReached;
