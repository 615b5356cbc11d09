import { Schema, Struct } from "effect";
import { PublicKey } from "../agent/contract.ts";
import {
  AggregateId,
  addSeconds,
  type DataOf,
  defined,
  type EvolveContext,
  Instant,
  Principal,
} from "../kernel/mod.ts";
import { Ballot, standingBallots, VoterCondition } from "./ballot.ts";
import type { ProposalEvent, proposalEvents } from "./contract.ts";
import { Electorate, VetoKeys, withKeyOf, withVetoKeyOf } from "./electorate.ts";
import { carriedOver, firstRound, nextRound, Rounds, withAcceptance, withReview } from "./rounds.ts";
import { Rules } from "./rules.ts";
import { Tally } from "./tally.ts";

const endings = ["rejected", "expired", "withdrawn", "cancelled", "superseded", "void", "enacted"] as const;

export const ProposalStatus = Schema.Literals([
  "pending",
  "active",
  "amending",
  "approved",
  "approved-with-conditions",
  "vetoed",
  ...endings,
]);
export type ProposalStatus = typeof ProposalStatus.Type;

const base = {
  proposer: Principal,
  rules: Rules,
  vetoKeys: Schema.optionalKey(VetoKeys),
  /** Present if it is a vote on a revision of a graph. */
  rounds: Schema.optionalKey(Rounds),
};

/** What a proposal keeps until its end. */
export type Terms = Omit<PendingProposal, "status" | "requestedElectorate" | "opensAt">;

/** A proposal before voting opens. */
const Pending = Schema.Struct({
  status: Schema.Literal("pending"),
  ...base,
  requestedElectorate: Schema.optionalKey(Electorate),
  /** When voting opens by itself. */
  opensAt: Schema.optionalKey(Instant),
});
export type PendingProposal = typeof Pending.Type;

/** A vote that is going on. `ballots` holds the newest of each voter, in the order they were cast. */
const Active = Schema.Struct({
  status: Schema.Literal("active"),
  ...base,
  electorate: Electorate,
  deadline: Instant,
  /** Whether the deadline has been moved already. */
  extended: Schema.Boolean,
  ballots: Schema.Array(Ballot),
});
export type ActiveVote = typeof Active.Type;

/** A vote between two rounds: the graph is changed as the conditions want. */
const Amending = Schema.Struct({
  status: Schema.Literal("amending"),
  ...base,
  rounds: Rounds,
  electorate: Electorate,
  ballots: Schema.Array(Ballot),
  conditions: Schema.Array(VoterCondition),
});
export type AmendingVote = typeof Amending.Type;

/** A proposal that was approved and has not taken effect yet. */
const Approved = Schema.Struct({
  status: Schema.Literals(["approved", "approved-with-conditions"]),
  ...base,
  tally: Tally,
  conditions: Schema.Array(VoterCondition),
  /** When the approval takes effect. */
  enactAt: Instant,
});
export type ApprovedProposal = typeof Approved.Type;

/** A proposal that a holder vetoed. `before` is the vote that goes on if the veto is struck; `publicKey` signed the veto. */
const Vetoed = Schema.Struct({
  status: Schema.Literal("vetoed"),
  proposer: Principal,
  stopped: Schema.optionalKey(
    Schema.Struct({
      by: Principal,
      publicKey: Schema.optionalKey(PublicKey),
      before: Schema.Union([Pending, Active, Approved]),
    }),
  ),
});

/** A proposal that has come to its end; `by` is the proposal that took its place. */
const Ended = Schema.Struct({
  status: Schema.Literals(endings),
  proposer: Principal,
  by: Schema.optionalKey(AggregateId),
});

/** A proposal that was submitted; null before. */
export const ProposalState = Schema.NullOr(Schema.Union([Pending, Active, Amending, Approved, Vetoed, Ended]));
export type ProposalState = typeof ProposalState.Type;
/** A proposal that exists. */
export type Proposal = NonNullable<ProposalState>;

/** Whether the vote approved the proposal and it has not come to its end. */
export const isApproved = (proposal: Proposal): proposal is ApprovedProposal =>
  proposal.status === "approved" || proposal.status === "approved-with-conditions";

/** Returns the rules in the event that submits a proposal, without its other fields. */
const rulesIn: (data: Rules) => Rules = Schema.decodeUnknownSync(Schema.toType(Rules));

const termsOf = (proposal: Terms): Terms => Struct.pick(proposal, ["proposer", "rules", "vetoKeys", "rounds"]);

/** A proposal that has not come to its end. */
type Going = Extract<Proposal, { readonly rules: unknown }>;

const withVoterKey = <V extends Going>(vote: V, voter: string, publicKey: string | undefined): V => {
  const { vetoKeys, rules } = vote;
  const isHolder = vetoKeys !== undefined && rules.vetoHolders?.includes(voter) === true;
  const after = isHolder ? { ...vote, vetoKeys: withVetoKeyOf(vetoKeys, voter, publicKey) } : vote;
  return "electorate" in after ? { ...after, electorate: withKeyOf(after.electorate, voter, publicKey) } : after;
};

const withoutBallot = <V extends Going>(vote: V, voter: string): V =>
  "ballots" in vote ? { ...vote, ballots: vote.ballots.filter((ballot) => ballot.voter !== voter) } : vote;

/** Returns the vote of a proposal that goes on, or would if its veto is struck; undefined after its end. */
export const voteOf = (proposal: Proposal): Going | undefined => {
  if (proposal.status === "vetoed") return proposal.stopped?.before;
  return "rules" in proposal ? proposal : undefined;
};

/** Changes the vote that {@link voteOf} returns. Who loses a key or a role while a vote is vetoed does not get it back. */
const changingVote = (proposal: Proposal, change: <V extends Going>(vote: V) => V): Proposal => {
  if (proposal.status !== "vetoed") return "rules" in proposal ? change(proposal) : proposal;
  const { stopped } = proposal;
  return stopped === undefined ? proposal : { ...proposal, stopped: { ...stopped, before: change(stopped.before) } };
};

/** The vote without its veto, whose holder signs no more with the key that signed it. */
const withoutVeto = ({ by, publicKey, before }: NonNullable<(typeof Vetoed.Type)["stopped"]>): Proposal => {
  if (publicKey === undefined) return before;
  const members = "electorate" in before ? before.electorate : [];
  const keys = [...(before.vetoKeys ?? []), ...(members ?? [])].filter(({ id }) => id === by);
  return keys.some((key) => key.publicKey !== undefined && key.publicKey !== publicKey)
    ? before
    : withVoterKey(before, by, undefined);
};

/** A vote on a revision of a graph does not go on after a veto, because its deployment has ended with it. */
const vetoed = (
  proposal: Proposal,
  { by, signedBy: publicKey }: DataOf<typeof proposalEvents, "proposal-vetoed">,
): Proposal => {
  const { proposer } = proposal;
  return "rules" in proposal && proposal.rounds === undefined && proposal.status !== "amending"
    ? { status: "vetoed", proposer, stopped: { by, ...defined({ publicKey }), before: proposal } }
    : { status: "vetoed", proposer };
};

/** Returns the proposal after an event. */
export const evolve = (proposal: ProposalState, event: ProposalEvent, { time }: EvolveContext): ProposalState => {
  if (event.type === "proposal-submitted") {
    const { proposer, subject, electorate: requestedElectorate, vetoKeys } = event.data;
    const { reviews = [], excluded, glass } = event.data;
    const rules = rulesIn(event.data);
    const rounds = excluded === undefined ? undefined : firstRound(subject, reviews, excluded, glass);
    const opensAt = rules.discussionSeconds > 0 ? addSeconds(time, rules.discussionSeconds) : undefined;
    return defined({ status: "pending", proposer, rules, vetoKeys, rounds, requestedElectorate, opensAt });
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
      const ballot = Struct.omit(event.data, ["replaces"]);
      if (proposal.status !== "active") return proposal;
      const { rounds } = proposal;
      const ballots = standingBallots(proposal.ballots, ballot);
      return { ...proposal, ballots, ...defined({ rounds: rounds && withAcceptance(rounds, ballot) }) };
    }
    case "review-noted":
      return "rounds" in proposal && proposal.rounds !== undefined
        ? { ...proposal, rounds: withReview(proposal.rounds, Struct.omit(event.data, ["round"])) }
        : proposal;
    case "break-glass-noted": {
      const { by, reason } = event.data;
      return "rounds" in proposal && proposal.rounds !== undefined
        ? { ...proposal, rounds: { ...proposal.rounds, glass: { by, reason } } }
        : proposal;
    }
    case "round-ended": {
      if (proposal.status !== "active" || proposal.rounds === undefined) return proposal;
      const { rounds, electorate, ballots } = proposal;
      const { conditions } = event.data;
      return { status: "amending", ...termsOf(proposal), rounds, electorate, ballots, conditions };
    }
    case "round-opened": {
      if (proposal.status !== "amending") return proposal;
      const { subject, electorate, deadline, excluded, carried } = event.data;
      const rounds = nextRound(proposal.rounds, subject, excluded);
      const ballots = carriedOver(proposal.ballots, carried);
      return { status: "active", ...termsOf(proposal), rounds, electorate, deadline, extended: false, ballots };
    }
    case "ballot-struck":
      return changingVote(proposal, (vote) => withoutBallot(vote, event.data.voter));
    case "voter-key-changed":
      return changingVote(proposal, (vote) => withVoterKey(vote, event.data.voter, event.data.publicKey));
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
      return vetoed(proposal, event.data);
    case "veto-struck":
      return proposal.status === "vetoed" && proposal.stopped !== undefined ? withoutVeto(proposal.stopped) : proposal;
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
