import type { Result } from "effect";
import {
  accept,
  addSeconds,
  canonicalJson,
  type DecisionContext,
  type EventOf,
  type Rejection,
  refuse,
} from "../kernel/mod.ts";
import type { Ballot, Vote } from "./ballot.ts";
import { conditionsOf } from "./conditions.ts";
import type { proposalEvents } from "./contract.ts";
import { type Count, countBallots } from "./count.ts";
import { earlyOutcome } from "./early-decision.ts";
import { type Electorate, equalMembers } from "./electorate.ts";
import { fractionOf } from "./fraction.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";
import { countingRules } from "./protocols.ts";
import type { ActiveVote, PendingProposal } from "./state.ts";
import { tallyOf } from "./tally.ts";

/** Looked up for a proposal: who may vote where the proposer names nobody. */
export interface KnownToProposals {
  /** Every registered agent that is not offline and every registered person. */
  readonly defaultElectorate: ReadonlyArray<string>;
}

export type ProposalContext = DecisionContext<KnownToProposals>;
export type ProposalEvent = EventOf<typeof proposalEvents>;
export type ProposalDecision = Result.Result<ReadonlyArray<ProposalEvent>, Rejection>;

/** Opens voting with the electorate that was asked for, or else with everyone there is now. */
export const openVoting = (
  { requestedElectorate, protocol, quorum, votingSeconds }: Omit<PendingProposal, "status" | "proposer">,
  { aggregateId, time, known }: ProposalContext,
): ProposalDecision => {
  const electorate = requestedElectorate ?? equalMembers(known.defaultElectorate);
  if (electorate.length === 0) return refuseEmptyElectorate(aggregateId);
  return accept({
    type: "voting-opened",
    data: { electorate, protocol, quorum, deadline: addSeconds(time, votingSeconds) },
  });
};

/** Nobody could ever decide. */
export const refuseEmptyElectorate = (id: string) =>
  refuse("empty-electorate", `proposal \`${id}\`: nobody may vote; name an electorate or register agents that can`);

/** The deadline is inclusive: a ballot at that very millisecond is in time. */
export const isInTime = ({ deadline }: ActiveVote, time: string): boolean => time <= deadline;

/** The ballots that stand once `ballot` is cast: the newest of each voter. */
export const standingBallots = (ballots: ReadonlyArray<Ballot>, ballot: Ballot): ReadonlyArray<Ballot> => [
  ...ballots.filter(({ voter }) => voter !== ballot.voter),
  ballot,
];

const voteIn = ({ voter, weight, ...vote }: Ballot): Vote => vote;

const decisionEvent = (
  outcome: Outcome,
  vote: Pick<ActiveVote, "electorate" | "ballots" | "protocol" | "quorum">,
  count: Count,
): ProposalEvent => {
  const tally = tallyOf(count, fractionOf(vote.quorum));
  switch (outcome) {
    case "expired":
      return { type: "proposal-expired", data: { tally } };
    case "rejected":
      return {
        type: "proposal-rejected",
        data: { tally, reason: countingRules[vote.protocol].rejectionCause(count) },
      };
    case "approved": {
      const [first, ...others] = conditionsOf(vote.electorate, vote.ballots);
      return first === undefined
        ? { type: "proposal-approved", data: { tally } }
        : { type: "proposal-approved-with-conditions", data: { tally, conditions: [first, ...others] } };
    }
  }
};

/** The vote's end, where no ballot that is not cast yet can change it. */
const earlyDecision = (vote: ActiveVote): ReadonlyArray<ProposalEvent> => {
  const count = countBallots(vote.electorate, vote.ballots);
  const outcome = earlyOutcome(countingRules[vote.protocol], count, fractionOf(vote.quorum));
  return outcome === undefined ? [] : [decisionEvent(outcome, vote, count)];
};

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
    ...earlyDecision({ ...active, ballots: standingBallots(active.ballots, ballot) }),
  );
};

/** Decides by the ballots that were cast, once no more can be. */
export const closeVoting = (active: ActiveVote, { aggregateId, time }: ProposalContext): ProposalDecision => {
  if (isInTime(active, time))
    return refuse("too-early", `proposal \`${aggregateId}\`: voting is open up to and including ${active.deadline}`);
  const count = countBallots(active.electorate, active.ballots);
  const outcome = outcomeOf(countingRules[active.protocol], count, fractionOf(active.quorum));
  return accept(decisionEvent(outcome, active, count));
};
