import { Schema } from "effect";
import { PublicKey } from "../agent/contract.ts";
import type { Texts } from "../graph/secret-check.ts";
import {
  AggregateId,
  bounds,
  command,
  type DecisionContext,
  type DecisionOf,
  type EventOf,
  event,
  Instant,
  internalCommand,
  JsonUpTo,
  maxKeys,
  NonEmptyText,
  PositiveSeconds,
  Principal,
  Seconds,
  Text,
} from "../kernel/mod.ts";
import { Ballot, GivenVote, VoterCondition } from "./ballot.ts";
import { Electorate, RequestedElectorate, VetoKeys } from "./electorate.ts";
import { Share, ShareText, Threshold } from "./fraction.ts";
import type { PolicyDocument } from "./policy-document.ts";
import { Protocol } from "./protocols.ts";
import {
  BrokenGlass,
  Excluded,
  NotedReview,
  RejectionReason,
  RoundNumber,
  StandingFinding,
  Subject,
} from "./rounds.ts";
import { givenRules, Rules } from "./rules.ts";
import { Tally } from "./tally.ts";

/** The policy of a proposal. `digest` is the SHA-256 of its document's canonical JSON. */
export const PolicyReference = Schema.Struct({
  id: AggregateId,
  /** The number of the event that set it; 0 for a shipped policy. */
  version: Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)),
  digest: Schema.String,
});
export type PolicyReference = typeof PolicyReference.Type;

const reason = Schema.optionalKey(Schema.String);
const matter = {
  kind: Schema.NonEmptyString,
  title: Schema.NonEmptyString,
  /** Digests of the subject of the vote. */
  subject: Subject,
};

const conditions = Schema.Array(VoterCondition);
/** When the approval takes effect; absent if at once. */
const enactAt = Schema.optionalKey(Instant);

const givenReason = Text(bounds.text);

export const proposalCommands = {
  submit: command(
    Schema.Struct({
      kind: NonEmptyText(bounds.name),
      title: NonEmptyText(bounds.proposalTitle),
      subject: Schema.Record(Text(bounds.name), JsonUpTo(bounds.message)).check(maxKeys(bounds.list)),
      /** The policy to apply; by default, the one in force for this kind. */
      policy: Schema.optionalKey(AggregateId),
      // If a rule is absent here, the policy's rule applies.
      protocol: Schema.optionalKey(Protocol),
      threshold: Schema.optionalKey(Threshold),
      quorum: Schema.optionalKey(Share),
      electorate: Schema.optionalKey(RequestedElectorate),
      votingSeconds: Schema.optionalKey(PositiveSeconds),
      discussionSeconds: Schema.optionalKey(Seconds),
      ballotsMayChange: Schema.optionalKey(Schema.Boolean),
      ...givenRules,
    }),
    "Puts something to the vote.",
    { by: ["participant"], creates: true },
  ),
  "open-voting": command(
    Schema.Struct({}),
    "Opens voting, even before the discussion is over; changes nothing if voting is open already.",
    { by: ["proposer"] },
  ),
  vote: command(GivenVote, "Casts the principal's ballot, or changes it.", {
    by: [["elector", "voter"]],
  }),
  veto: command(
    Schema.Struct({ reason: NonEmptyText(bounds.text) }),
    "Stops the proposal before it is enacted. Only the veto holders in its rules may do this.",
    { by: [["veto-holder", "voter"]] },
  ),
  withdraw: command(
    Schema.Struct({ reason: Schema.optionalKey(givenReason) }),
    "Withdraws the proposer's own proposal.",
    { by: ["proposer"] },
  ),
  cancel: command(Schema.Struct({ reason: Schema.optionalKey(givenReason) }), "Cancels the vote.", {
    by: ["proposer", ["admin", "not-the-systems"]],
  }),
  "put-to-vote": internalCommand(
    Schema.Struct({
      ...matter,
      protocol: Schema.optionalKey(Protocol),
      threshold: Schema.optionalKey(Threshold),
      votingSeconds: Schema.optionalKey(PositiveSeconds),
      electorate: RequestedElectorate,
      /** The members without a vote under the four-eyes rule, with reasons. */
      excluded: Schema.Array(Excluded),
      /** The reviews of the revision so far. */
      reviews: Schema.Array(NotedReview),
      /** Present if the glass was broken for the revision. */
      glass: Schema.optionalKey(BrokenGlass),
    }),
    "Puts a revision of a graph to the vote. Conditions may lead to more rounds, up to the policy's limit.",
    { creates: true },
  ),
  "note-review": internalCommand(
    Schema.Struct({ subject: Subject, review: NotedReview }),
    "Records a review of the revision under vote.",
  ),
  "note-break-glass": internalCommand(
    Schema.Struct({ subject: Subject, ...BrokenGlass.fields }),
    "Records that the glass was broken for the revision under vote, so its blocking findings are not a veto.",
  ),
  "open-round": internalCommand(
    Schema.Struct({ round: RoundNumber, subject: Subject }),
    "Opens the next round with the revision that the conditions produced.",
  ),
  "close-voting": internalCommand(
    Schema.Struct({}),
    "Decides by the cast ballots after the deadline; changes nothing if the vote is decided.",
  ),
  enact: internalCommand(
    Schema.Struct({ subject: matter.subject }),
    "Puts an approval into effect once, if the digests that it is bound to still match.",
  ),
  "strike-ballot": internalCommand(
    Schema.Struct({ voter: Principal, reason: Schema.String, signedBy: Schema.optionalKey(PublicKey) }),
    "Strikes a ballot, because its voter lost the role or the key that signed it was revoked.",
  ),
  "strike-veto": internalCommand(
    Schema.Struct({
      holder: Principal,
      reason: Schema.String,
      /** The revoked key. Absent if the holder had lost its role before the veto. */
      signedBy: Schema.optionalKey(PublicKey),
      /** Whether to strike the holder's ballot too. */
      ballot: Schema.Boolean,
    }),
    "Strikes a veto, because its key was revoked or its holder had no veto. The vote continues if its time is not over.",
  ),
  "change-voter-key": internalCommand(
    Schema.Struct({ voter: Principal, publicKey: Schema.optionalKey(PublicKey) }),
    "Changes the signing key of a voter or veto holder, or removes it because it was revoked.",
  ),
  supersede: internalCommand(Schema.Struct({ by: AggregateId }), "Replaces this proposal with a newer one."),
};

export const proposalEvents = {
  "proposal-submitted": event(
    Schema.Struct({
      ...matter,
      ...Rules.fields,
      electorate: Schema.optionalKey(Electorate),
      proposer: Principal,
      policy: Schema.optionalKey(PolicyReference),
      /** Present if the rules name veto holders. */
      vetoKeys: Schema.optionalKey(VetoKeys),
      /** The principals that may not vote on a revision of a graph, with reasons. */
      excluded: Schema.optionalKey(Schema.Array(Excluded)),
      /** The reviews of the revision so far. */
      reviews: Schema.optionalKey(Schema.Array(NotedReview)),
      glass: Schema.optionalKey(BrokenGlass),
    }),
    "A proposal is up for discussion, with these rules; voting opens `discussionSeconds` later.",
  ),
  "voting-opened": event(
    Schema.Struct({
      electorate: Electorate,
      protocol: Protocol,
      quorum: ShareText,
      deadline: Instant,
      /** The members without a vote because they lack the role, with reasons. */
      excluded: Schema.optionalKey(Schema.Array(Excluded)),
    }),
    "Voting opened for these members with these weights, up to and including the deadline.",
  ),
  "ballot-cast": event(
    Schema.Struct({ ...Ballot.fields, replaces: Schema.Boolean }),
    "A ballot was cast. `replaces` says whether the voter had cast one before.",
  ),
  "ballot-struck": event(
    Schema.Struct({ voter: Principal, reason: Schema.String }),
    "The ballot of this voter no longer counts. The others are counted again.",
  ),
  "veto-struck": event(
    Schema.Struct({ by: Principal, reason: Schema.String }),
    "The veto of this holder no longer counts. The vote continues as if it had not been given.",
  ),
  "voter-key-changed": event(
    Schema.Struct({ voter: Principal, publicKey: Schema.optionalKey(PublicKey) }),
    "This voter or veto holder now signs with this key, or with none.",
  ),
  "voting-extended": event(
    Schema.Struct({ deadline: Instant }),
    "The quorum was reached late. Ballots are accepted up to and including this new deadline.",
  ),
  "review-noted": event(
    Schema.Struct({ round: RoundNumber, ...NotedReview.fields }),
    "A reviewer reviewed the subject of this round. Its blocking findings stand until its next review.",
  ),
  "break-glass-noted": event(
    Schema.Struct({ round: RoundNumber, ...BrokenGlass.fields }),
    "The glass was broken for the subject of this round. Its blocking findings are not a veto.",
  ),
  "round-ended": event(
    Schema.Struct({ round: RoundNumber, tally: Tally, conditions: Schema.NonEmptyArray(VoterCondition) }),
    "The round approved with conditions that change the graph. The changed graph goes to another round.",
  ),
  "round-opened": event(
    Schema.Struct({
      round: RoundNumber,
      subject: Subject,
      electorate: Electorate,
      deadline: Instant,
      /** The members that lost their vote, with reasons. */
      excluded: Schema.Array(Excluded),
      /** The voters whose ballots also count in this round. */
      carried: Schema.Array(Principal),
    }),
    "The graph was changed as the conditions required. From now on, ballots are for this subject.",
  ),
  "proposal-approved": event(Schema.Struct({ tally: Tally, enactAt }), "The vote approved it."),
  "proposal-approved-with-conditions": event(
    Schema.Struct({ tally: Tally, conditions: Schema.NonEmptyArray(VoterCondition), enactAt }),
    "The vote approved it on these conditions.",
  ),
  "proposal-rejected": event(
    Schema.Struct({ tally: Tally, reason: RejectionReason }),
    "The vote did not approve it; a tie is a rejection.",
  ),
  "proposal-expired": event(
    Schema.Struct({ tally: Tally, missingReviews: Schema.optionalKey(Schema.Array(Principal)) }),
    "The deadline passed without a quorum, or without the reviews that the policy requires.",
  ),
  "proposal-vetoed": event(
    Schema.Struct({
      by: Principal,
      reason: Schema.NonEmptyString,
      /** The key with which the holder signed it. */
      signedBy: Schema.optionalKey(PublicKey),
      /** The blocking findings that act as the veto; absent if a veto holder gave it. */
      findings: Schema.optionalKey(Schema.Array(StandingFinding)),
    }),
    "A veto holder or a blocking finding stopped it before it was enacted.",
  ),
  "proposal-withdrawn": event(Schema.Struct({ reason }), "The proposer withdrew it."),
  "proposal-cancelled": event(Schema.Struct({ by: Principal, reason }), "The vote was cancelled."),
  "proposal-superseded": event(Schema.Struct({ by: AggregateId }), "A newer proposal took its place."),
  "proposal-enacted": event(
    Schema.Struct({
      outcome: Schema.Literals(["approved", "approved-with-conditions"]),
      tally: Tally,
      conditions,
      /** The subject of the round that approved it, if the vote had rounds. */
      subject: Schema.optionalKey(Subject),
    }),
    "The approval takes effect now.",
  ),
  "approval-voided": event(
    Schema.Struct({ detail: Schema.String }),
    "The subject changed after the vote, so the approval is void and nothing takes effect.",
  ),
};

/** The policy that a proposal refers to, with its document. */
export interface KnownPolicy extends PolicyReference {
  readonly document: PolicyDocument;
}

/** What the application looks up before a command. */
export interface KnownToProposals {
  /** The voters if no electorate is named: all registered people, and all registered agents that are not offline. */
  readonly defaultElectorate: ReadonlyArray<string>;
  /** The signing keys that principals have registered. */
  readonly publicKeys?: ReadonlyMap<string, string>;
  /** The principals that may be in an electorate; undefined if they were not looked up. */
  readonly voters?: ReadonlySet<string>;
  /** The policy in force for the kind of a submission. */
  readonly policy?: KnownPolicy;
  /** The policy that a submission names; undefined if it does not exist. */
  readonly namedPolicy?: KnownPolicy;
  /** The owners of owned principals, if a look-up needs them. */
  readonly owners?: ReadonlyMap<string, string>;
  /** Whether a deployment has the id of the proposal to submit. */
  readonly deployment?: boolean;
  /** Why an approved subject no longer matches; undefined while it matches. */
  readonly changed?: string;
  /** The texts of the graph under vote, if a condition of a ballot looks like a secret. */
  readonly graph?: Texts;
}

export type ProposalEvent = EventOf<typeof proposalEvents>;
export type ProposalContext = DecisionContext<KnownToProposals>;
export type ProposalDecision = DecisionOf<typeof proposalEvents>;
