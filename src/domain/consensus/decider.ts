import { Result } from "effect";
import { AggregateId, accept, type CommandOf, defineDecider, refuse } from "../kernel/mod.ts";
import { castBallot, standingBallots } from "./casting.ts";
import { closeVoting, isInTime } from "./closing.ts";
import { proposalCommands, proposalEvents } from "./contract.ts";
import type { KnownToProposals, ProposalContext, ProposalDecision, ProposalEvent } from "./decision.ts";
import { membersOf } from "./electorate.ts";
import { shareText } from "./fraction.ts";
import { openVoting, refuseEmptyElectorate } from "./opening.ts";
import { type Proposal, ProposalState } from "./state.ts";

type Command = CommandOf<typeof proposalCommands>;
type Submission = Extract<Command, { type: "submit" }>["payload"];

/** Without a discussion voting opens at once, in the same commit. */
const submit = ({ electorate: requested, ...submission }: Submission, context: ProposalContext): ProposalDecision => {
  const electorate = requested === undefined ? undefined : membersOf(requested);
  if (electorate?.length === 0) return refuseEmptyElectorate(context.aggregateId);
  const proposal = { ...submission, quorum: shareText(submission.quorum) };
  const submitted: ProposalEvent = {
    type: "proposal-submitted",
    data: { ...proposal, ...(electorate === undefined ? {} : { electorate }), proposer: context.principal },
  };
  if (proposal.discussionSeconds > 0) return accept(submitted);
  const request = electorate === undefined ? proposal : { ...proposal, requestedElectorate: electorate };
  return Result.map(openVoting(request, context), (opened) => [submitted, ...opened]);
};

/** A proposal is over once it is decided or called off, and for people also while the decision is being counted. */
const isOver = (proposal: Proposal, time: string): boolean =>
  proposal.status === "active" ? !isInTime(proposal, time) : proposal.status !== "pending";

const votingClosed = (id: string, proposal: Proposal) =>
  refuse("voting-closed", `proposal \`${id}\`: voting is over (${proposal.status})`, { status: proposal.status });

const decide = (command: Command, proposal: ProposalState, context: ProposalContext): ProposalDecision => {
  const { aggregateId, principal, time } = context;
  if (command.type === "submit")
    return proposal === null
      ? submit(command.payload, context)
      : refuse("already-exists", `proposal \`${aggregateId}\` exists; submit another one under a new id`);
  if (proposal === null) return refuse("not-found", `proposal \`${aggregateId}\` does not exist; submit it first`);
  const notOpen = () => refuse("not-open", `proposal \`${aggregateId}\`: voting has not opened yet`);
  switch (command.type) {
    case "open-voting":
      if (proposal.status === "pending") return openVoting(proposal, context);
      return proposal.status === "active" ? accept() : votingClosed(aggregateId, proposal);
    case "vote":
      if (proposal.status === "pending") return notOpen();
      return proposal.status === "active"
        ? castBallot(proposal, command.payload, context)
        : votingClosed(aggregateId, proposal);
    case "close-voting":
      if (proposal.status === "pending") return notOpen();
      return proposal.status === "active" ? closeVoting(proposal, context) : accept();
    case "withdraw":
      if (isOver(proposal, time)) return votingClosed(aggregateId, proposal);
      return principal === proposal.proposer
        ? accept({ type: "proposal-withdrawn", data: command.payload })
        : refuse(
            "not-the-proposer",
            `proposal \`${aggregateId}\` is \`${proposal.proposer}\`'s, and only they can withdraw it; cancel it instead`,
          );
    case "cancel":
      return isOver(proposal, time)
        ? votingClosed(aggregateId, proposal)
        : accept({ type: "proposal-cancelled", data: { by: principal, ...command.payload } });
  }
};

const evolve = (proposal: ProposalState, event: ProposalEvent): ProposalState => {
  if (event.type === "proposal-submitted") {
    const { proposer, protocol, quorum, votingSeconds, ballotsMayChange, awaitConditions, electorate } = event.data;
    return {
      status: "pending",
      ...{ proposer, protocol, quorum, votingSeconds, ballotsMayChange },
      ...(awaitConditions === undefined ? {} : { awaitConditions }),
      ...(electorate === undefined ? {} : { requestedElectorate: electorate }),
    };
  }
  if (proposal === null) return proposal;
  switch (event.type) {
    case "voting-opened":
      return proposal.status === "pending"
        ? {
            status: "active",
            proposer: proposal.proposer,
            ballotsMayChange: proposal.ballotsMayChange,
            ...(proposal.awaitConditions === undefined ? {} : { awaitConditions: proposal.awaitConditions }),
            ...event.data,
            ballots: [],
          }
        : proposal;
    case "ballot-cast": {
      const { replaces: _replaces, ...ballot } = event.data;
      return proposal.status === "active"
        ? { ...proposal, ballots: standingBallots(proposal.ballots, ballot) }
        : proposal;
    }
    case "proposal-approved":
      return { status: "approved", proposer: proposal.proposer };
    case "proposal-approved-with-conditions":
      return { status: "approved-with-conditions", proposer: proposal.proposer };
    case "proposal-rejected":
      return { status: "rejected", proposer: proposal.proposer };
    case "proposal-expired":
      return { status: "expired", proposer: proposal.proposer };
    case "proposal-withdrawn":
      return { status: "withdrawn", proposer: proposal.proposer };
    case "proposal-cancelled":
      return { status: "cancelled", proposer: proposal.proposer };
  }
};

/** Something that an electorate decides by its ballots. */
export const proposal = defineDecider<KnownToProposals>()({
  name: "proposal",
  description: "Something that an electorate decides by its ballots.",
  id: AggregateId,
  commands: proposalCommands,
  events: proposalEvents,
  state: ProposalState,
  stateVersion: 1,
  initial: null,
  decide,
  evolve,
});
