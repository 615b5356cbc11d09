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
  /** Present for a vote on a revision of a graph. */
  rounds: Schema.optionalKey(Rounds),
};

/** The fields that a proposal keeps until its end. */
export type Terms = Omit<PendingProposal, "status" | "requestedElectorate" | "opensAt">;

/** A proposal before voting opens. */
const Pending = Schema.Struct({
  status: Schema.Literal("pending"),
  ...base,
  requestedElectorate: Schema.optionalKey(Electorate),
  /** When voting opens automatically. */
  opensAt: Schema.optionalKey(Instant),
});
export type PendingProposal = typeof Pending.Type;

/** An open vote. `ballots` has the newest of each voter, in the order of casting. */
const Active = Schema.Struct({
  status: Schema.Literal("active"),
  ...base,
  electorate: Electorate,
  deadline: Instant,
  /** Whether the deadline has already been moved. */
  extended: Schema.Boolean,
  ballots: Schema.Array(Ballot),
});
export type ActiveVote = typeof Active.Type;

/** A vote between two rounds, while the graph is changed as the conditions require. */
const Amending = Schema.Struct({
  status: Schema.Literal("amending"),
  ...base,
  rounds: Rounds,
  electorate: Electorate,
  ballots: Schema.Array(Ballot),
  conditions: Schema.Array(VoterCondition),
});
export type AmendingVote = typeof Amending.Type;

/** An approved proposal that has not taken effect yet. */
const Approved = Schema.Struct({
  status: Schema.Literals(["approved", "approved-with-conditions"]),
  ...base,
  tally: Tally,
  conditions: Schema.Array(VoterCondition),
  /** When the approval takes effect. */
  enactAt: Instant,
});
export type ApprovedProposal = typeof Approved.Type;

/**
 * A vetoed proposal. `before` is the vote that resumes if the veto is struck. `publicKey` is the key that signed the
 * veto.
 */
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

/** A proposal that has ended. `by` is the proposal that replaced it. */
const Ended = Schema.Struct({
  status: Schema.Literals(endings),
  proposer: Principal,
  by: Schema.optionalKey(AggregateId),
});

/** The state of a proposal; null before its submission. */
export const ProposalState = Schema.NullOr(Schema.Union([Pending, Active, Amending, Approved, Vetoed, Ended]));
export type ProposalState = typeof ProposalState.Type;
/** A proposal that exists. */
export type Proposal = NonNullable<ProposalState>;

/** Returns whether the proposal is approved and has not ended. */
export const isApproved = (proposal: Proposal): proposal is ApprovedProposal =>
  proposal.status === "approved" || proposal.status === "approved-with-conditions";

/** Returns the rules in the event that submits a proposal, without its other fields. */
const rulesIn: (data: Rules) => Rules = Schema.decodeUnknownSync(Schema.toType(Rules));

const termsOf = (proposal: Terms): Terms => Struct.pick(proposal, ["proposer", "rules", "vetoKeys", "rounds"]);

/** A proposal that has not ended. */
type Going = Extract<Proposal, { readonly rules: unknown }>;

const withVoterKey = <V extends Going>(vote: V, voter: string, publicKey: string | undefined): V => {
  const { vetoKeys, rules } = vote;
  const isHolder = vetoKeys !== undefined && rules.vetoHolders?.includes(voter) === true;
  const after = isHolder ? { ...vote, vetoKeys: withVetoKeyOf(vetoKeys, voter, publicKey) } : vote;
  return "electorate" in after ? { ...after, electorate: withKeyOf(after.electorate, voter, publicKey) } : after;
};

const withoutBallot = <V extends Going>(vote: V, voter: string): V =>
  "ballots" in vote ? { ...vote, ballots: vote.ballots.filter((ballot) => ballot.voter !== voter) } : vote;

/** Returns the vote of an open proposal, or of a vetoed one whose veto may be struck; undefined after its end. */
export const voteOf = (proposal: Proposal): Going | undefined => {
  if (proposal.status === "vetoed") return proposal.stopped?.before;
  return "rules" in proposal ? proposal : undefined;
};

/**
 * Changes the vote that {@link voteOf} returns. A principal that loses a key or a role during a veto does not get it
 * back afterwards.
 */
const changingVote = (proposal: Proposal, change: <V extends Going>(vote: V) => V): Proposal => {
  if (proposal.status !== "vetoed") return "rules" in proposal ? change(proposal) : proposal;
  const { stopped } = proposal;
  return stopped === undefined ? proposal : { ...proposal, stopped: { ...stopped, before: change(stopped.before) } };
};

/** Returns the vote without its veto. The holder can no longer sign with the key that signed the veto. */
const withoutVeto = ({ by, publicKey, before }: NonNullable<(typeof Vetoed.Type)["stopped"]>): Proposal => {
  if (publicKey === undefined) return before;
  const members = "electorate" in before ? before.electorate : [];
  const keys = [...(before.vetoKeys ?? []), ...(members ?? [])].filter(({ id }) => id === by);
  return keys.some((key) => key.publicKey !== undefined && key.publicKey !== publicKey)
    ? before
    : withVoterKey(before, by, undefined);
};

/**
 * Vetoes a proposal. A vote on a revision of a graph does not resume after a veto, because its deployment has ended
 * with it.
 */
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
