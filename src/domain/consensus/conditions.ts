import type { Ballot, VoterCondition } from "./ballot.ts";
import type { Electorate } from "./electorate.ts";

/** What the standing approvals depend on, in the electorate's order, so that the order of ballots does not show. */
export const conditionsOf = (electorate: Electorate, ballots: ReadonlyArray<Ballot>): ReadonlyArray<VoterCondition> => {
  const conditions = new Map(ballots.map(({ voter, conditions = [] }) => [voter, conditions]));
  return electorate.flatMap(({ id }) => (conditions.get(id) ?? []).map((condition) => ({ voter: id, ...condition })));
};
