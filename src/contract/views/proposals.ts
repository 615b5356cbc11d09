import { Schema } from "effect";
import { PublicKey } from "../../domain/agent/contract.ts";
import { Ballot, VoterCondition } from "../../domain/consensus/ballot.ts";
import { PolicyReference } from "../../domain/consensus/contract.ts";
import { Electorate, VetoKeys } from "../../domain/consensus/electorate.ts";
import {
  BrokenGlass,
  Excluded,
  NotedReview,
  RejectionReason,
  RoundNumber,
  StandingFinding,
  Subject,
} from "../../domain/consensus/rounds.ts";
import { Rules } from "../../domain/consensus/rules.ts";
import { ProposalStatus } from "../../domain/consensus/state.ts";
import { Tally } from "../../domain/consensus/tally.ts";
import { Instant, Principal } from "../../domain/kernel/mod.ts";
import { documentFields, documentOperations, type PublishedView } from "./view.ts";

const CountedBallot = Schema.Struct({ ...Ballot.fields, at: Instant });

/** A ballot that was struck. */
const StruckBallot = Schema.Struct({ voter: Principal, reason: Schema.String });

/** A finished round: its subject, its ballots, and the conditions that led to the next round. */
export const EndedRound = Schema.Struct({
  round: RoundNumber,
  subject: Subject,
  ballots: Schema.Array(CountedBallot),
  tally: Tally,
  conditions: Schema.Array(VoterCondition),
  reviews: Schema.Array(NotedReview),
  endedAt: Instant,
}).annotate({ identifier: "EndedRound" });

export const ProposalDocument = Schema.Struct({
  ...documentFields,
  kind: Schema.String,
  title: Schema.String,
  /** The subject of the newest round. */
  subject: Subject,
  ...Rules.fields,
  /** The source of these rules. */
  policy: Schema.optionalKey(PolicyReference),
  proposer: Principal,
  /** The keys of the principals that may veto it. */
  vetoKeys: Schema.optionalKey(VetoKeys),
  status: ProposalStatus,
  /** Empty until voting opens. */
  electorate: Electorate,
  /** The newest ballot of each voter in this round, in the order of casting. */
  ballots: Schema.Array(CountedBallot),
  /** The voters whose ballots carried over from the previous round. */
  carried: Schema.optionalKey(Schema.Array(Principal)),
  /** The ballots of this round that no longer count, with reasons. */
  struck: Schema.optionalKey(Schema.Array(StruckBallot)),
  /** The number of the round, and the earlier rounds; absent if the subject is not a revision of a graph. */
  round: Schema.optionalKey(RoundNumber),
  rounds: Schema.optionalKey(Schema.Array(EndedRound)),
  /** Principals that could have a vote and were excluded, with reasons. */
  excluded: Schema.optionalKey(Schema.Array(Excluded)),
  /** The reviews of this revision. */
  reviews: Schema.optionalKey(Schema.Array(NotedReview)),
  /** The blocking findings of this revision that act as a veto. */
  blocking: Schema.optionalKey(Schema.Array(StandingFinding)),
  /** Present if the glass was broken for this revision. Its blocking findings are then not a veto. */
  glass: Schema.optionalKey(BrokenGlass),
  /** The required reviews of this revision that are missing. */
  missingReviews: Schema.optionalKey(Schema.Array(Principal)),
  tally: Tally,
  deadline: Schema.optionalKey(Instant),
  conditions: Schema.optionalKey(Schema.Array(VoterCondition)),
  submittedAt: Instant,
  rejectedFor: Schema.optionalKey(RejectionReason),
  /** When the vote ended, whatever its outcome. */
  decidedAt: Schema.optionalKey(Instant),
  /** When an approval takes effect. */
  enactAt: Schema.optionalKey(Instant),
  enactedAt: Schema.optionalKey(Instant),
  /** Who vetoed it, or which proposal replaced it, and why. */
  by: Schema.optionalKey(Principal),
  reason: Schema.optionalKey(Schema.String),
  /** The key that the veto was signed with. */
  signedBy: Schema.optionalKey(PublicKey),
  /** A veto that no longer counts: who gave it, what it said, and why it was struck. */
  vetoStruck: Schema.optionalKey(Schema.Struct({ by: Principal, veto: Schema.String, reason: Schema.String })),
}).annotate({ identifier: "ProposalDocument" });
export type ProposalDocument = typeof ProposalDocument.Type;

export const proposals = {
  description: "Each proposal: its subject, its electorate, and the state of the vote.",
  document: ProposalDocument,
  operations: documentOperations("proposals", ProposalDocument, ProposalDocument),
} satisfies PublishedView;
