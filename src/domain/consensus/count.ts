import { Schema } from "effect";
import type { Ballot, Choice } from "./ballot.ts";
import { type Electorate, totalWeight } from "./electorate.ts";

/** Sums of weights. `total` is the weight of the whole electorate. BigInt, because a sum may exceed 2^53. */
export interface Count {
  readonly approve: bigint;
  readonly reject: bigint;
  readonly abstain: bigint;
  readonly total: bigint;
}

/** Why a vote without an approval is a rejection. */
export const RejectionCause = Schema.Literals(["majority", "tie", "below-threshold", "not-unanimous"]);
export type RejectionCause = typeof RejectionCause.Type;

/**
 * How a protocol evaluates a count: one hook for each decision, after OpenZeppelin's Governor.
 *
 * A rule must be monotone. More approval never turns success into failure, and more rejection never turns failure into
 * success. An uncast ballot does at most as much harm as a rejection. Otherwise a vote could end early with a result
 * that later ballots would have changed (see `earlyOutcome`).
 */
export interface CountingRule {
  /** Returns whether the vote approves if voting closes with this count and a quorum. */
  readonly voteSucceeded: (count: Count) => boolean;
  /** Returns whether rejections have already decided the vote, whatever the turnout. */
  readonly isBlocked: (count: Count) => boolean;
  /** Returns why a vote without an approval is a rejection. */
  readonly rejectionCause: (count: Count) => RejectionCause;
}

/** Returns the weight that has been cast, abstentions included. */
export const castWeight = ({ approve, reject, abstain }: Count): bigint => approve + reject + abstain;

/** Returns the weight that has not been cast yet. */
export const uncastWeight = (count: Count): bigint => count.total - castWeight(count);

/** Returns the count with `weight` more for `choice`. */
export const withMore = (count: Count, choice: Choice, weight: bigint): Count => ({
  ...count,
  [choice]: count[choice] + weight,
});

/** Returns the count of the ballots, one per voter. Their order does not matter. */
export const countBallots = (
  electorate: Electorate,
  ballots: ReadonlyArray<Pick<Ballot, "choice" | "weight">>,
): Count => {
  const sums: Record<Choice, number> = { approve: 0, reject: 0, abstain: 0 };
  for (const { choice, weight } of ballots) sums[choice] += weight;
  // Weights are not negative. If the last sum is a safe integer, all sums before it were exact too.
  const exactly = (choice: Choice): bigint =>
    Number.isSafeInteger(sums[choice])
      ? BigInt(sums[choice])
      : ballots.reduce((sum, ballot) => (ballot.choice === choice ? sum + BigInt(ballot.weight) : sum), 0n);
  return {
    approve: exactly("approve"),
    reject: exactly("reject"),
    abstain: exactly("abstain"),
    total: totalWeight(electorate),
  };
};
