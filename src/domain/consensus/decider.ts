import { AggregateId, accept, type CommandOf, defineDecider, defined, isOwnPrincipal, refuse } from "../kernel/mod.ts";
import {
  type KnownToProposals,
  type ProposalContext,
  type ProposalDecision,
  proposalCommands,
  proposalEvents,
} from "./contract.ts";
import { memberOf } from "./electorate.ts";
import { noteBreakGlass, noteReview, openRound } from "./revision-vote.ts";
import { excludedFrom, isSameRevision, type Subject } from "./rounds.ts";
import { type AmendingVote, type ApprovedProposal, evolve, isApproved, type Proposal, ProposalState } from "./state.ts";
import { openVoting, putToVote, submit } from "./submission.ts";
import { strikeVeto, veto } from "./veto.ts";
import { castBallot, changeVoterKey, closeVoting, isInTime, strikeBallot } from "./voting.ts";

/** Returns whether the proposal has ended. */
const hasEnded = (proposal: Proposal): boolean =>
  proposal.status !== "pending" &&
  proposal.status !== "active" &&
  proposal.status !== "amending" &&
  !isApproved(proposal);

/**
 * Returns whether it is too late to cancel the proposal: it has ended, or its ballots are being counted. An approval
 * can still be cancelled.
 */
const isOver = (proposal: Proposal, time: string): boolean =>
  proposal.status === "active" ? !isInTime(proposal, time) : hasEnded(proposal);

const votingClosed = (id: string, proposal: Proposal) =>
  refuse("voting-closed", `proposal \`${id}\`: voting is over (${proposal.status})`, { status: proposal.status });

const betweenRounds = (id: string, { rounds }: AmendingVote) =>
  refuse(
    "between-rounds",
    `proposal \`${id}\`: round ${rounds.round} is over and its conditions are being made; vote in round ${rounds.round + 1}`,
    { round: rounds.round + 1 },
  );

const notOpenYet = (id: string, proposal: Proposal) => {
  const opensAt = proposal.status === "pending" ? proposal.opensAt : undefined;
  const when = opensAt === undefined ? "its proposer opens it" : `it opens at ${opensAt}`;
  return refuse("not-open", `proposal \`${id}\`: voting has not opened yet; ${when}`, defined({ opensAt }));
};

/** Enacts an approval: once, after the delay, and only if the digests still match. Otherwise the approval is void. */
const enact = (
  { status: outcome, tally, conditions, enactAt, rounds }: ApprovedProposal,
  subject: Subject,
  { aggregateId, time, known: { changed } }: ProposalContext,
): ProposalDecision => {
  if (rounds !== undefined && !isSameRevision(rounds.subject, subject))
    return refuse("other-revision", `proposal \`${aggregateId}\`: round ${rounds.round} approved another revision`);
  if (time < enactAt)
    return refuse("too-early", `proposal \`${aggregateId}\` takes effect at ${enactAt}`, { until: enactAt });
  return accept(
    changed === undefined
      ? { type: "proposal-enacted", data: defined({ outcome, tally, conditions, subject: rounds?.subject }) }
      : { type: "approval-voided", data: { detail: changed } },
  );
};

const decide = (
  command: CommandOf<typeof proposalCommands>,
  proposal: ProposalState,
  context: ProposalContext,
): ProposalDecision => {
  const { aggregateId, principal, time } = context;
  if (command.type === "submit" || command.type === "put-to-vote")
    return proposal === null
      ? command.type === "submit"
        ? submit(command.payload, context)
        : putToVote(command.payload, context)
      : refuse("already-exists", `proposal \`${aggregateId}\` exists; submit another one under a new id`);
  if (proposal === null) return refuse("not-found", `proposal \`${aggregateId}\` does not exist; submit it first`);
  const notOpen = () => notOpenYet(aggregateId, proposal);
  switch (command.type) {
    case "open-voting":
      if (proposal.status === "pending") return openVoting(proposal, context);
      return proposal.status === "active" || proposal.status === "amending"
        ? accept()
        : votingClosed(aggregateId, proposal);
    case "vote":
      if (proposal.status === "pending") return notOpen();
      if (proposal.status === "amending") return betweenRounds(aggregateId, proposal);
      return proposal.status === "active"
        ? castBallot(proposal, command.payload, context)
        : votingClosed(aggregateId, proposal);
    case "veto":
      return "rules" in proposal
        ? veto(command.payload.reason, proposal, context)
        : refuse("too-late", `proposal \`${aggregateId}\` is ${proposal.status}, and can no longer be vetoed`);
    case "close-voting":
      if (proposal.status === "pending") return notOpen();
      return proposal.status === "active" ? closeVoting(proposal, context) : accept();
    case "enact":
      if (proposal.status === "pending" || proposal.status === "active" || proposal.status === "amending")
        return notOpen();
      return isApproved(proposal) ? enact(proposal, command.payload.subject, context) : accept();
    case "note-review":
      return noteReview(command.payload, proposal, context);
    case "note-break-glass":
      return noteBreakGlass(command.payload, proposal, context);
    case "open-round":
      return openRound(command.payload, proposal, context);
    case "strike-ballot":
      return strikeBallot(proposal, command.payload);
    case "strike-veto":
      return strikeVeto(proposal, command.payload, context);
    case "change-voter-key":
      return changeVoterKey(proposal, command.payload);
    case "supersede":
      return hasEnded(proposal) ? accept() : accept({ type: "proposal-superseded", data: command.payload });
    case "withdraw":
      if (isOver(proposal, time)) return votingClosed(aggregateId, proposal);
      return principal === proposal.proposer
        ? accept({ type: "proposal-withdrawn", data: command.payload })
        : refuse(
            "not-the-proposer",
            `proposal \`${aggregateId}\` was submitted by \`${proposal.proposer}\`, and only they can withdraw it; cancel it instead`,
          );
    case "cancel":
      return isOver(proposal, time)
        ? votingClosed(aggregateId, proposal)
        : accept({ type: "proposal-cancelled", data: { by: principal, ...command.payload } });
  }
};

/** Something that an electorate decides by vote. */
export const proposal = defineDecider<KnownToProposals>()({
  name: "proposal",
  description: "Something that an electorate decides by vote.",
  id: AggregateId,
  commands: proposalCommands,
  events: proposalEvents,
  relations: {
    proposer: (proposal, { principal }) => proposal?.proposer === principal,
    elector: (proposal, { principal }) =>
      proposal?.status !== "active" ||
      memberOf(proposal.electorate, principal) !== undefined ||
      excludedFrom(proposal.rounds, principal) !== undefined,
    "veto-holder": (proposal, { principal }) =>
      proposal === null || !("rules" in proposal) || proposal.rules.vetoHolders?.includes(principal) === true,
    "not-the-systems": (proposal) => proposal === null || !isOwnPrincipal(proposal.proposer),
  },
  state: ProposalState,
  stateVersion: 6,
  initial: null,
  decide,
  evolve,
});
