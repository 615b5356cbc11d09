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

/** A round that is over: what it was about, its ballots, and the conditions that led to the next one. */
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
  /** What the newest round is about. */
  subject: Subject,
  ...Rules.fields,
  /** The policy that these rules come from. */
  policy: Schema.optionalKey(PolicyReference),
  proposer: Principal,
  /** The keys of those who may veto it. */
  vetoKeys: Schema.optionalKey(VetoKeys),
  status: ProposalStatus,
  /** Nobody before voting opens. */
  electorate: Electorate,
  /** The newest of each voter in this round, in the order they were cast. */
  ballots: Schema.Array(CountedBallot),
  /** The voters whose ballots of the round before stand in this one. */
  carried: Schema.optionalKey(Schema.Array(Principal)),
  /** The ballots of this round that do not count any more, and why. */
  struck: Schema.optionalKey(Schema.Array(StruckBallot)),
  /** The number of the round, and the rounds before it; absent if it is not a vote on a revision of a graph. */
  round: Schema.optionalKey(RoundNumber),
  rounds: Schema.optionalKey(Schema.Array(EndedRound)),
  /** Those who have no vote although they could have one, and why. */
  excluded: Schema.optionalKey(Schema.Array(Excluded)),
  /** The reviews of this revision. */
  reviews: Schema.optionalKey(Schema.Array(NotedReview)),
  /** The blocking findings of this revision that are a veto. */
  blocking: Schema.optionalKey(Schema.Array(StandingFinding)),
  /** Present if somebody broke the glass for this revision: its blocking findings are no veto. */
  glass: Schema.optionalKey(BrokenGlass),
  /** The required reviews of this revision that are missing. */
  missingReviews: Schema.optionalKey(Schema.Array(Principal)),
  tally: Tally,
  deadline: Schema.optionalKey(Instant),
  conditions: Schema.optionalKey(Schema.Array(VoterCondition)),
  submittedAt: Instant,
  rejectedFor: Schema.optionalKey(RejectionReason),
  /** When the vote ended, with whatever outcome. */
  decidedAt: Schema.optionalKey(Instant),
  /** When an approval takes effect. */
  enactAt: Schema.optionalKey(Instant),
  enactedAt: Schema.optionalKey(Instant),
  /** Who vetoed it, or which proposal took its place, and why. */
  by: Schema.optionalKey(Principal),
  reason: Schema.optionalKey(Schema.String),
  /** The key that the veto was signed with. */
  signedBy: Schema.optionalKey(PublicKey),
  /** Whose veto does not count any more, what it said, and why it was struck. */
  vetoStruck: Schema.optionalKey(Schema.Struct({ by: Principal, veto: Schema.String, reason: Schema.String })),
}).annotate({ identifier: "ProposalDocument" });
export type ProposalDocument = typeof ProposalDocument.Type;

export const proposals = {
  description: "What is voted on, who may vote, and how the vote stands.",
  document: ProposalDocument,
  operations: documentOperations("proposals", ProposalDocument, ProposalDocument),
} satisfies PublishedView;
