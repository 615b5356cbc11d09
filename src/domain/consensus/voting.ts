import { accept, addSeconds, canonicalJson, defined, type PayloadOf, refuse } from "../kernel/mod.ts";
import { type Ballot, standingBallots, type Vote } from "./ballot.ts";
import type { ProposalContext, ProposalDecision, ProposalEvent, proposalCommands } from "./contract.ts";
import { type Count, countBallots } from "./count.ts";
import { memberOf } from "./electorate.ts";
import { fractionOf } from "./fraction.ts";
import { deadlineOfLateQuorum } from "./quorum.ts";
import { earlyResultOf, resultOf, type VoteResult } from "./result.ts";
import { signatureProblem } from "./signature.ts";
import type { ActiveVote, Proposal } from "./state.ts";

/** The deadline is inclusive: a ballot is in time if the log's time of it is not after the deadline. */
export const isInTime = ({ deadline }: ActiveVote, time: string): boolean => time <= deadline;

const voteIn = ({ voter, weight, ...vote }: Ballot): Vote => vote;

/**
 * Casts a ballot. If it decides the vote, its end follows in the same commit: another ballot cannot come between. If it
 * reaches the quorum late instead, the new deadline follows.
 */
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
  const { weight } = member;
  const ballot: Ballot = {
    voter,
    weight,
    ...vote,
    ...defined({ conditions: conditions.length > 0 ? conditions : undefined, signedBy: context.signedBy }),
  };
  const before = active.ballots.find((cast) => cast.voter === voter);
  if (before !== undefined && !active.rules.ballotsMayChange)
    return refuse(
      "already-voted",
      `proposal \`${aggregateId}\`: \`${voter}\` has voted, and ballots may not be changed`,
    );
  if (before !== undefined && canonicalJson(voteIn(before)) === canonicalJson(voteIn(ballot))) return accept();
  const after = { ...active, ballots: standingBallots(active.ballots, ballot) };
  return accept<ProposalEvent>(
    { type: "ballot-cast", data: { ...ballot, replaces: before !== undefined } },
    ...whatFollows(after, before === undefined ? weight : 0, time),
  );
};

/**
 * Returns what follows from a ballot: the end of the vote, a later deadline, or nothing. It counts the ballots once.
 */
const whatFollows = (active: ActiveVote, added: number, time: string): ReadonlyArray<ProposalEvent> => {
  const { rules, electorate, ballots } = active;
  const count: Count = countBallots(electorate, ballots);
  const result = earlyResultOf(rules, electorate, ballots, count);
  if (result !== undefined) return [decisionEvent(result, rules.enactmentDelaySeconds ?? 0, time)];
  const cast = { count, added, quorum: fractionOf(rules.quorum) };
  const deadline = deadlineOfLateQuorum(rules.lateQuorum, cast, active, time);
  return deadline === undefined ? [] : [{ type: "voting-extended", data: { deadline } }];
};

/**
 * Strikes the ballot of a voter that has lost its role; or only one that a key signed which was revoked. The others are
 * counted again when the vote ends; with a ballot less, nothing is certain that was not certain before.
 */
export const strikeBallot = (
  proposal: Proposal,
  { voter, reason, signedBy }: PayloadOf<typeof proposalCommands, "strike-ballot">,
): ProposalDecision =>
  proposal.status === "active" &&
  proposal.ballots.some((cast) => cast.voter === voter && (signedBy === undefined || cast.signedBy === signedBy))
    ? accept({ type: "ballot-struck", data: { voter, reason } })
    : accept();

/** Gives a voter or veto holder another key in a vote that goes on: rotation takes effect at once. */
export const changeVoterKey = (
  proposal: Proposal,
  change: PayloadOf<typeof proposalCommands, "change-voter-key">,
): ProposalDecision => {
  const { voter, publicKey } = change;
  const hasOther = (one: { readonly id: string; readonly publicKey?: string } | undefined) =>
    one !== undefined && one.publicKey !== publicKey;
  const member = proposal.status === "active" ? memberOf(proposal.electorate, voter) : undefined;
  const holder =
    "rules" in proposal && proposal.rules.vetoHolders?.includes(voter) === true && proposal.vetoKeys !== undefined
      ? (proposal.vetoKeys.find(({ id }) => id === voter) ?? { id: voter })
      : undefined;
  return hasOther(member) || hasOther(holder) ? accept({ type: "voter-key-changed", data: change }) : accept();
};

/** Closes the vote after its deadline: the ballots that were cast decide. */
export const closeVoting = (active: ActiveVote, { aggregateId, time }: ProposalContext): ProposalDecision => {
  if (isInTime(active, time))
    return refuse("too-early", `proposal \`${aggregateId}\`: voting is open up to and including ${active.deadline}`);
  const { rules, electorate, ballots } = active;
  return accept(decisionEvent(resultOf(rules, electorate, ballots), rules.enactmentDelaySeconds ?? 0, time));
};

const decisionEvent = (
  { outcome, tally, reason = "majority", conditions: [first, ...others] }: VoteResult,
  enactmentDelaySeconds: number,
  time: string,
): ProposalEvent => {
  const enactAt = enactmentDelaySeconds > 0 ? addSeconds(time, enactmentDelaySeconds) : undefined;
  switch (outcome) {
    case "expired":
      return { type: "proposal-expired", data: { tally } };
    case "rejected":
      return { type: "proposal-rejected", data: { tally, reason } };
    case "approved":
      return first === undefined
        ? { type: "proposal-approved", data: defined({ tally, enactAt }) }
        : {
            type: "proposal-approved-with-conditions",
            data: { tally, conditions: [first, ...others], ...defined({ enactAt }) },
          };
  }
};
