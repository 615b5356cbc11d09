import { Schema } from "effect";
import { Instant, Principal } from "../kernel/mod.ts";
import { Ballot } from "./ballot.ts";
import { Protocol } from "./contract.ts";
import { Electorate } from "./electorate.ts";
import { ShareText } from "./fraction.ts";

export const ProposalStatus = Schema.Literals([
  "pending",
  "active",
  "approved",
  "approved-with-conditions",
  "rejected",
  "expired",
  "withdrawn",
  "cancelled",
]);
export type ProposalStatus = typeof ProposalStatus.Type;

/** Where a proposal stands before voting opens. */
const Pending = Schema.Struct({
  status: Schema.Literal("pending"),
  proposer: Principal,
  protocol: Protocol,
  quorum: ShareText,
  requestedElectorate: Schema.optionalKey(Electorate),
  votingSeconds: Schema.Finite,
  ballotsMayChange: Schema.Boolean,
  awaitConditions: Schema.optionalKey(Schema.Boolean),
});

/** A vote that is going on. `ballots` holds the newest of each voter, in the order they were cast. */
const Active = Schema.Struct({
  status: Schema.Literal("active"),
  proposer: Principal,
  protocol: Protocol,
  quorum: ShareText,
  electorate: Electorate,
  deadline: Instant,
  ballotsMayChange: Schema.Boolean,
  awaitConditions: Schema.optionalKey(Schema.Boolean),
  ballots: Schema.Array(Ballot),
});
export type ActiveVote = typeof Active.Type;

/** A proposal that is decided, or that nobody will decide. */
const Ended = Schema.Struct({
  status: Schema.Literals(["approved", "approved-with-conditions", "rejected", "expired", "withdrawn", "cancelled"]),
  proposer: Principal,
});

/** A proposal that was submitted; null before. */
export const ProposalState = Schema.NullOr(Schema.Union([Pending, Active, Ended]));
export type ProposalState = typeof ProposalState.Type;
/** A proposal that exists. */
export type Proposal = NonNullable<ProposalState>;
export type PendingProposal = typeof Pending.Type;
