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

/** Counts the ballots that stand, one for each voter; their order does not matter. */
export const countBallots = (
  electorate: Electorate,
  ballots: ReadonlyArray<Pick<Ballot, "choice" | "weight">>,
): Count => {
  const total = electorate.reduce((sum, member) => sum + BigInt(member.weight), 0n);
  return ballots.reduce<Count>((count, { choice, weight }) => withMore(count, choice, BigInt(weight)), {
    approve: 0n,
    reject: 0n,
    abstain: 0n,
    total,
  });
};
