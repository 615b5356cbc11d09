import type { Ballot, Choice } from "./ballot.ts";
import type { Electorate } from "./electorate.ts";

/** Sums of weights; `total` is the whole electorate's. BigInt, because sums of integers may pass 2^53. */
export interface Count {
  readonly approve: bigint;
  readonly reject: bigint;
  readonly abstain: bigint;
  readonly total: bigint;
}

/** The weight that has been cast, abstentions included. */
export const castWeight = ({ approve, reject, abstain }: Count): bigint => approve + reject + abstain;

/** The weight that has not been cast yet. */
export const uncastWeight = (count: Count): bigint => count.total - castWeight(count);

/** The count if `weight` more were cast for `choice`. */
export const withMore = (count: Count, choice: Choice, weight: bigint): Count => ({
  ...count,
  [choice]: count[choice] + weight,
});

/** The sum of weights: in safe integers, which are exact, and in BigInt where it is beyond them. */
const sumOf = (weights: ReadonlyArray<number>): bigint => {
  let sum = 0;
  for (const weight of weights) sum += weight;
  // Weights are not negative: where the last sum is exact, so was each before it.
  return Number.isSafeInteger(sum) ? BigInt(sum) : weights.reduce((exact, weight) => exact + BigInt(weight), 0n);
};

/** Counts the ballots that stand, one for each voter; their order does not matter. */
export const countBallots = (
  electorate: Electorate,
  ballots: ReadonlyArray<Pick<Ballot, "choice" | "weight">>,
): Count => {
  const cast: Record<Choice, Array<number>> = { approve: [], reject: [], abstain: [] };
  for (const { choice, weight } of ballots) cast[choice].push(weight);
  return {
    approve: sumOf(cast.approve),
    reject: sumOf(cast.reject),
    abstain: sumOf(cast.abstain),
    total: sumOf(electorate.map(({ weight }) => weight)),
  };
};
