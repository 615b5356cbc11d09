import type { Vote, VoterCondition } from "./ballot.ts";
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

/** A ballot that was in time, and whose it is. */
export interface CastVote extends Vote {
  readonly voter: string;
}

/** What the ballots of a vote come to. */
export interface VoteResult {
  readonly outcome: Outcome;
  readonly tally: Tally;
  /** Why a rejection is one. */
  readonly reason?: RejectionCause;
  /** What an approval depends on. */
  readonly conditions: ReadonlyArray<VoterCondition>;
}

/** The newest ballot of each member, by the order of the log, with the weight that the member has, as `make` wants it. */
const standing = <T>(
  electorate: Electorate,
  ballots: ReadonlyArray<CastVote>,
  make: (ballot: CastVote, weight: number) => T,
): ReadonlyArray<T> => {
  const newest = new Map<string, CastVote>();
  for (const ballot of ballots) newest.set(ballot.voter, ballot);
  const all: Array<T> = [];
  for (const { id, weight } of electorate) {
    const ballot = newest.get(id);
    if (ballot !== undefined) all.push(make(ballot, weight));
  }
  return all;
};

const counted = (electorate: Electorate, ballots: ReadonlyArray<CastVote>): Count =>
  countBallots(
    electorate,
    standing(electorate, ballots, ({ choice }, weight) => ({ choice, weight })),
  );

const told = (
  rules: CountingRules,
  electorate: Electorate,
  ballots: ReadonlyArray<CastVote>,
  count: Count,
  outcome: Outcome,
): VoteResult => ({
  outcome,
  tally: tallyOf(count, fractionOf(rules.quorum)),
  ...(outcome === "rejected" ? { reason: countingRuleOf(rules).rejectionCause(count) } : {}),
  conditions:
    outcome === "approved"
      ? conditionsOf(
          electorate,
          standing(electorate, ballots, (ballot) => ballot),
        )
      : [],
});

/**
 * The result of a vote that is closed: a function of its rules, its electorate and the ballots in the order of the log,
 * and of nothing else. Ballots that came too late must be left out; those of strangers count nothing.
 */
export const resultOf = (
  rules: CountingRules,
  electorate: Electorate,
  ballots: ReadonlyArray<CastVote>,
): VoteResult => {
  const count = counted(electorate, ballots);
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
  ballots: ReadonlyArray<CastVote>,
): VoteResult | undefined => {
  const count = counted(electorate, ballots);
  const outcome = earlyOutcome(countingRuleOf(rules), count, fractionOf(rules.quorum));
  return outcome === undefined || mayGetConditions(outcome, rules, count)
    ? undefined
    : told(rules, electorate, ballots, count, outcome);
};

/** Whether enough of the electorate has voted. */
export const hasQuorum = (rules: CountingRules, electorate: Electorate, ballots: ReadonlyArray<CastVote>): boolean =>
  tallyOf(counted(electorate, ballots), fractionOf(rules.quorum)).quorumReached;
