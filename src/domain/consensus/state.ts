import { Schema } from "effect";
import { AggregateId, Instant, Principal } from "../kernel/mod.ts";
import { Ballot, VoterCondition } from "./ballot.ts";
import { Tally } from "./contract.ts";
import { Electorate, VetoKeys } from "./electorate.ts";
import { Rules } from "./rules.ts";

const endings = ["rejected", "vetoed", "expired", "withdrawn", "cancelled", "superseded", "void", "enacted"] as const;

export const ProposalStatus = Schema.Literals([
  "pending",
  "active",
  "approved",
  "approved-with-conditions",
  ...endings,
]);
export type ProposalStatus = typeof ProposalStatus.Type;

const base = { proposer: Principal, rules: Rules, vetoKeys: Schema.optionalKey(VetoKeys) };

/** What a proposal keeps until its end. */
export type Terms = Omit<PendingProposal, "status" | "requestedElectorate">;

/** Where a proposal stands before voting opens. */
const Pending = Schema.Struct({
  status: Schema.Literal("pending"),
  ...base,
  requestedElectorate: Schema.optionalKey(Electorate),
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

/** A proposal that was approved and has not taken effect yet. */
const Approved = Schema.Struct({
  status: Schema.Literals(["approved", "approved-with-conditions"]),
  ...base,
  tally: Tally,
  conditions: Schema.Array(VoterCondition),
  /** When it is due. */
  enactAt: Instant,
});
export type ApprovedProposal = typeof Approved.Type;

/** A proposal with which nothing happens any more; `by` is the proposal that took its place. */
const Ended = Schema.Struct({
  status: Schema.Literals(endings),
  proposer: Principal,
  by: Schema.optionalKey(AggregateId),
});

/** A proposal that was submitted; null before. */
export const ProposalState = Schema.NullOr(Schema.Union([Pending, Active, Approved, Ended]));
export type ProposalState = typeof ProposalState.Type;
/** A proposal that exists. */
export type Proposal = NonNullable<ProposalState>;

export const isApproved = (proposal: Proposal): proposal is ApprovedProposal =>
  proposal.status === "approved" || proposal.status === "approved-with-conditions";
