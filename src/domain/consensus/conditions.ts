import type { Ballot, VoterCondition } from "./ballot.ts";
import type { Electorate } from "./electorate.ts";

/**
 * What the standing approvals depend on, in the electorate's order, so that the order of ballots does not show. A
 * ballot that counts nothing imposes nothing.
 */
export const conditionsOf = (
  electorate: Electorate,
  ballots: ReadonlyArray<Pick<Ballot, "voter" | "conditions">>,
): ReadonlyArray<VoterCondition> => {
  const conditions = new Map(ballots.map(({ voter, conditions = [] }) => [voter, conditions]));
  return electorate
    .filter(({ weight }) => weight > 0)
    .flatMap(({ id }) => (conditions.get(id) ?? []).map((condition) => ({ voter: id, ...condition })));
};
