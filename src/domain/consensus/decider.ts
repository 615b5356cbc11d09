import { Schema } from "effect";
import { AggregateId, accept, type CommandOf, defineDecider, type EvolveContext, refuse } from "../kernel/mod.ts";
import { standingBallots } from "./ballot.ts";
import { castBallot } from "./casting.ts";
import { closeVoting, isInTime } from "./closing.ts";
import { proposalCommands, proposalEvents } from "./contract.ts";
import type { KnownToProposals, ProposalContext, ProposalDecision, ProposalEvent } from "./decision.ts";
import { enact } from "./enactment.ts";
import { openVoting } from "./opening.ts";
import { Rules } from "./rules.ts";
import { isApproved, type Proposal, ProposalState, type Terms } from "./state.ts";
import { submit } from "./submission.ts";
import { veto } from "./veto.ts";

type Command = CommandOf<typeof proposalCommands>;

/** Nothing can happen to a proposal any more. */
const hasEnded = (proposal: Proposal): boolean =>
  proposal.status !== "pending" && proposal.status !== "active" && !isApproved(proposal);

/** Too late to call it off: it has ended, or it is being counted. An approval can be, until it is enacted. */
const isOver = (proposal: Proposal, time: string): boolean =>
  proposal.status === "active" ? !isInTime(proposal, time) : hasEnded(proposal);

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
    case "veto":
      return "rules" in proposal
        ? veto(command.payload.reason, proposal, context)
        : refuse("too-late", `proposal \`${aggregateId}\` is ${proposal.status}, and cannot be vetoed any more`);
    case "close-voting":
      if (proposal.status === "pending") return notOpen();
      return proposal.status === "active" ? closeVoting(proposal, context) : accept();
    case "enact":
      if (proposal.status === "pending" || proposal.status === "active") return notOpen();
      return isApproved(proposal) ? enact(proposal, context) : accept();
    case "supersede":
      return hasEnded(proposal) ? accept() : accept({ type: "proposal-superseded", data: command.payload });
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

/** The rules in the event that submits a proposal: what else it says is left out. */
const rulesIn: (data: Rules) => Rules = Schema.decodeUnknownSync(Schema.toType(Rules));

/** The terms alone. */
const termsOf = ({ proposer, rules, vetoKeys }: Terms): Terms => ({
  proposer,
  rules,
  ...(vetoKeys === undefined ? {} : { vetoKeys }),
});

const evolve = (proposal: ProposalState, event: ProposalEvent, { time }: EvolveContext): ProposalState => {
  if (event.type === "proposal-submitted") {
    const { electorate } = event.data;
    const named = electorate === undefined ? {} : { requestedElectorate: electorate };
    return { status: "pending", ...termsOf({ ...event.data, rules: rulesIn(event.data) }), ...named };
  }
  if (proposal === null) return proposal;
  const { proposer } = proposal;
  switch (event.type) {
    case "voting-opened": {
      if (proposal.status !== "pending") return proposal;
      const { electorate, deadline } = event.data;
      return { status: "active", ...termsOf(proposal), electorate, deadline, extended: false, ballots: [] };
    }
    case "ballot-cast": {
      const { replaces: _replaces, ...ballot } = event.data;
      return proposal.status === "active"
        ? { ...proposal, ballots: standingBallots(proposal.ballots, ballot) }
        : proposal;
    }
    case "voting-extended":
      return proposal.status === "active" ? { ...proposal, deadline: event.data.deadline, extended: true } : proposal;
    case "proposal-approved":
    case "proposal-approved-with-conditions": {
      if (proposal.status !== "active") return proposal;
      const { tally, enactAt = time } = event.data;
      const [status, conditions] =
        event.type === "proposal-approved"
          ? (["approved", []] as const)
          : (["approved-with-conditions", event.data.conditions] as const);
      return { status, ...termsOf(proposal), tally, conditions, enactAt };
    }
    case "proposal-rejected":
      return { status: "rejected", proposer };
    case "proposal-expired":
      return { status: "expired", proposer };
    case "proposal-vetoed":
      return { status: "vetoed", proposer };
    case "proposal-withdrawn":
      return { status: "withdrawn", proposer };
    case "proposal-cancelled":
      return { status: "cancelled", proposer };
    case "proposal-superseded":
      return { status: "superseded", proposer, by: event.data.by };
    case "proposal-enacted":
      return { status: "enacted", proposer };
    case "approval-voided":
      return { status: "void", proposer };
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
  stateVersion: 3,
  initial: null,
  decide,
  evolve,
});
