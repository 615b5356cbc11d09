import { accept, canonicalJson, refuse } from "../kernel/mod.ts";
import { type Ballot, standingBallots, type Vote } from "./ballot.ts";
import { decideEarly, extendForLateQuorum, isInTime } from "./closing.ts";
import type { ProposalContext, ProposalDecision } from "./decision.ts";
import { memberOf } from "./electorate.ts";
import { signatureProblem } from "./signature.ts";
import type { ActiveVote } from "./state.ts";

const voteIn = ({ voter, weight, ...vote }: Ballot): Vote => vote;

/** Counts a ballot, and ends the vote where it is the deciding one. */
export const castBallot = (
  active: ActiveVote,
  { conditions = [], ...vote }: Vote,
  context: ProposalContext,
): ProposalDecision => {
  const { aggregateId, principal: voter, time } = context;
  if (!isInTime(active, time))
    return refuse("voting-closed", `proposal \`${aggregateId}\`: voting ended at ${active.deadline}`);
  const member = memberOf(active.electorate, voter);
  if (member === undefined)
    return refuse(
      "not-in-electorate",
      `proposal \`${aggregateId}\`: \`${voter}\` is not in the electorate, which was fixed when voting opened`,
    );
  const unsigned = signatureProblem("ballot", active.rules, member, context);
  if (unsigned !== undefined) return unsigned;
  if (conditions.length > 0 && vote.choice !== "approve")
    return refuse(
      "conditions-need-approval",
      `proposal \`${aggregateId}\`: only an approval may have conditions; leave them out or approve`,
    );
  const ballot: Ballot = {
    voter,
    weight: member.weight,
    ...vote,
    ...(conditions.length > 0 ? { conditions } : {}),
  };
  const before = active.ballots.find((cast) => cast.voter === voter);
  if (before !== undefined && !active.rules.ballotsMayChange)
    return refuse(
      "already-voted",
      `proposal \`${aggregateId}\`: \`${voter}\` has voted, and ballots may not be changed`,
    );
  if (before !== undefined && canonicalJson(voteIn(before)) === canonicalJson(voteIn(ballot))) return accept();
  const after = { ...active, ballots: standingBallots(active.ballots, ballot) };
  const end = decideEarly(after, time);
  return accept(
    { type: "ballot-cast", data: { ...ballot, replaces: before !== undefined } },
    ...(end.length > 0 ? end : extendForLateQuorum(active, after, time)),
  );
};
