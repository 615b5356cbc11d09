import { accept, canonicalJson, refuse } from "../kernel/mod.ts";
import type { Ballot, Vote } from "./ballot.ts";
import { decideEarly, isInTime } from "./closing.ts";
import type { ProposalContext, ProposalDecision } from "./decision.ts";
import type { Electorate } from "./electorate.ts";
import type { ActiveVote } from "./state.ts";

/** The ballots that stand once `ballot` is cast: the newest of each voter. */
export const standingBallots = (ballots: ReadonlyArray<Ballot>, ballot: Ballot): ReadonlyArray<Ballot> => [
  ...ballots.filter(({ voter }) => voter !== ballot.voter),
  ballot,
];

const voteIn = ({ voter, weight, ...vote }: Ballot): Vote => vote;

const weightOf = (electorate: Electorate, voter: string): number | undefined =>
  electorate.find(({ id }) => id === voter)?.weight;

/** Counts a ballot, and ends the vote where it is the deciding one. */
export const castBallot = (
  active: ActiveVote,
  { conditions = [], ...vote }: Vote,
  { aggregateId, principal: voter, time }: ProposalContext,
): ProposalDecision => {
  if (!isInTime(active, time))
    return refuse("voting-closed", `proposal \`${aggregateId}\`: voting ended at ${active.deadline}`);
  const weight = weightOf(active.electorate, voter);
  if (weight === undefined)
    return refuse(
      "not-in-electorate",
      `proposal \`${aggregateId}\`: \`${voter}\` is not in the electorate, which was fixed when voting opened`,
    );
  if (conditions.length > 0 && vote.choice !== "approve")
    return refuse(
      "conditions-need-approval",
      `proposal \`${aggregateId}\`: only an approval may have conditions; leave them out or approve`,
    );
  const ballot: Ballot = { voter, weight, ...vote, ...(conditions.length > 0 ? { conditions } : {}) };
  const before = active.ballots.find((cast) => cast.voter === voter);
  if (before !== undefined && !active.ballotsMayChange)
    return refuse(
      "already-voted",
      `proposal \`${aggregateId}\`: \`${voter}\` has voted, and ballots may not be changed`,
    );
  if (before !== undefined && canonicalJson(voteIn(before)) === canonicalJson(voteIn(ballot))) return accept();
  return accept(
    { type: "ballot-cast", data: { ...ballot, replaces: before !== undefined } },
    ...decideEarly({ ...active, ballots: standingBallots(active.ballots, ballot) }),
  );
};
