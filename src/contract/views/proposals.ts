import { Schema } from "effect";
import { Ballot, VoterCondition } from "../../domain/consensus/ballot.ts";
import { PolicyReference } from "../../domain/consensus/contract.ts";
import { RejectionCause } from "../../domain/consensus/count.ts";
import { Electorate, VetoKeys } from "../../domain/consensus/electorate.ts";
import { Rules } from "../../domain/consensus/rules.ts";
import { ProposalStatus } from "../../domain/consensus/state.ts";
import { Tally } from "../../domain/consensus/tally.ts";
import { Instant, Principal } from "../../domain/kernel/mod.ts";
import { documentFields, documentOperations, type PublishedView } from "./view.ts";

export const ProposalDocument = Schema.Struct({
  ...documentFields,
  kind: Schema.String,
  title: Schema.String,
  subject: Schema.Record(Schema.String, Schema.Json),
  ...Rules.fields,
  /** The policy that these rules come from. */
  policy: Schema.optionalKey(PolicyReference),
  proposer: Principal,
  /** The keys of those who may veto it. */
  vetoKeys: Schema.optionalKey(VetoKeys),
  status: ProposalStatus,
  /** Nobody before voting opens. */
  electorate: Electorate,
  /** The newest of each voter, in the order they were cast. */
  ballots: Schema.Array(Schema.Struct({ ...Ballot.fields, at: Instant })),
  tally: Tally,
  deadline: Schema.optionalKey(Instant),
  conditions: Schema.optionalKey(Schema.Array(VoterCondition)),
  submittedAt: Instant,
  rejectedFor: Schema.optionalKey(RejectionCause),
  /** When the vote ended, with whatever outcome. */
  decidedAt: Schema.optionalKey(Instant),
  /** When an approval takes effect. */
  enactAt: Schema.optionalKey(Instant),
  enactedAt: Schema.optionalKey(Instant),
  /** Who vetoed it, or which proposal took its place, and why. */
  by: Schema.optionalKey(Principal),
  reason: Schema.optionalKey(Schema.String),
}).annotate({ identifier: "ProposalDocument" });
export type ProposalDocument = typeof ProposalDocument.Type;

export const proposals = {
  description: "What is voted on, who may vote, and how the vote stands.",
  document: ProposalDocument,
  operations: documentOperations("proposals", ProposalDocument, ProposalDocument),
} satisfies PublishedView;
