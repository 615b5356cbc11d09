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

/** The policy that a proposal was submitted under; `digest` is the SHA-256 of its document's canonical JSON. */
export const PolicyReference = Schema.Struct({
  id: AggregateId,
  /** The number of the event that set it; 0 for one that is shipped. */
  version: Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)),
  digest: Schema.String,
});
export type PolicyReference = typeof PolicyReference.Type;

const reason = Schema.optionalKey(Schema.String);
const matter = {
  kind: Schema.NonEmptyString,
  title: Schema.NonEmptyString,
  /** Digests of what is decided on. */
  subject: Subject,
};

const conditions = Schema.Array(VoterCondition);
/** When the approval takes effect; absent if that is at once. */
const enactAt = Schema.optionalKey(Instant);

const givenReason = Text(bounds.text);

export const proposalCommands = {
  submit: command(
    Schema.Struct({
      kind: NonEmptyText(bounds.name),
      title: NonEmptyText(bounds.proposalTitle),
      subject: Schema.Record(Text(bounds.name), JsonUpTo(bounds.message)).check(maxKeys(bounds.list)),
      /** The policy to decide by; by default the one in force for this kind. */
      policy: Schema.optionalKey(AggregateId),
      // Rules that are absent here are the policy's.
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
    "Opens voting before or after the discussion is over; changes nothing if it is open.",
    { by: ["proposer"] },
  ),
  vote: command(GivenVote, "Casts the principal's ballot, or changes it.", {
    by: [["elector", "voter"]],
  }),
  veto: command(
    Schema.Struct({ reason: NonEmptyText(bounds.text) }),
    "Stops the proposal before it is enacted; only the veto holders in its rules may.",
    { by: [["veto-holder", "voter"]] },
  ),
  withdraw: command(
    Schema.Struct({ reason: Schema.optionalKey(givenReason) }),
    "The proposer takes the proposal back.",
    { by: ["proposer"] },
  ),
  cancel: command(Schema.Struct({ reason: Schema.optionalKey(givenReason) }), "Calls the vote off.", {
    by: ["proposer", ["admin", "not-the-systems"]],
  }),
  "put-to-vote": internalCommand(
    Schema.Struct({
      ...matter,
      protocol: Schema.optionalKey(Protocol),
      threshold: Schema.optionalKey(Threshold),
      votingSeconds: Schema.optionalKey(PositiveSeconds),
      electorate: RequestedElectorate,
      /** The members that the rule of four eyes leaves out, and why. */
      excluded: Schema.Array(Excluded),
      /** The reviews of the revision so far. */
      reviews: Schema.Array(NotedReview),
      /** Present if somebody broke the glass for the revision. */
      glass: Schema.optionalKey(BrokenGlass),
    }),
    "Puts a revision of a graph to the vote, in as many rounds as its conditions and its policy lead to.",
    { creates: true },
  ),
  "note-review": internalCommand(
    Schema.Struct({ subject: Subject, review: NotedReview }),
    "A reviewer has reviewed the revision that is voted on.",
  ),
  "note-break-glass": internalCommand(
    Schema.Struct({ subject: Subject, ...BrokenGlass.fields }),
    "Somebody broke the glass for the revision that is voted on: its blocking findings are no veto.",
  ),
  "open-round": internalCommand(
    Schema.Struct({ round: RoundNumber, subject: Subject }),
    "The conditions were made: the revision that came of them is voted on in the next round.",
  ),
  "close-voting": internalCommand(
    Schema.Struct({}),
    "Decides by the ballots that were cast, once the deadline has passed; changes nothing if that is done.",
  ),
  enact: internalCommand(
    Schema.Struct({ subject: matter.subject }),
    "Puts an approval into effect, once, if the digests that it was bound to still hold.",
  ),
  "strike-ballot": internalCommand(
    Schema.Struct({ voter: Principal, reason: Schema.String, signedBy: Schema.optionalKey(PublicKey) }),
    "A voter has lost its role, or the key that signed its ballot was revoked: the ballot does not count.",
  ),
  "strike-veto": internalCommand(
    Schema.Struct({
      holder: Principal,
      reason: Schema.String,
      /** The key that was revoked. Absent if the holder had lost its role before the veto. */
      signedBy: Schema.optionalKey(PublicKey),
      /** Whether the holder's ballot is struck too. */
      ballot: Schema.Boolean,
    }),
    "The key that signed the veto was revoked, or its holder had no veto: the vote goes on, if its time is not over.",
  ),
  "change-voter-key": internalCommand(
    Schema.Struct({ voter: Principal, publicKey: Schema.optionalKey(PublicKey) }),
    "A voter or veto holder signs with another key from now on, or with none because its key was revoked.",
  ),
  supersede: internalCommand(Schema.Struct({ by: AggregateId }), "A newer proposal takes this one's place."),
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
      /** Those who may not vote, if it is a revision of a graph, and why. */
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
      /** The members that have no vote because they do not have the role, and why. */
      excluded: Schema.optionalKey(Schema.Array(Excluded)),
    }),
    "These may vote, with these weights, up to and including the deadline.",
  ),
  "ballot-cast": event(
    Schema.Struct({ ...Ballot.fields, replaces: Schema.Boolean }),
    "A ballot; `replaces` if the voter had cast one before.",
  ),
  "ballot-struck": event(
    Schema.Struct({ voter: Principal, reason: Schema.String }),
    "The ballot of this voter does not count any more; the others are counted again.",
  ),
  "veto-struck": event(
    Schema.Struct({ by: Principal, reason: Schema.String }),
    "The veto of this holder does not count any more: the vote goes on as if it had not been.",
  ),
  "voter-key-changed": event(
    Schema.Struct({ voter: Principal, publicKey: Schema.optionalKey(PublicKey) }),
    "This voter or veto holder signs with this key from now on, or with none.",
  ),
  "voting-extended": event(
    Schema.Struct({ deadline: Instant }),
    "The quorum was reached late: ballots are taken up to and including this deadline instead.",
  ),
  "review-noted": event(
    Schema.Struct({ round: RoundNumber, ...NotedReview.fields }),
    "A reviewer has reviewed what this round is about; its blocking findings stand until it reviews it again.",
  ),
  "break-glass-noted": event(
    Schema.Struct({ round: RoundNumber, ...BrokenGlass.fields }),
    "Somebody broke the glass for what this round is about: its blocking findings are no veto.",
  ),
  "round-ended": event(
    Schema.Struct({ round: RoundNumber, tally: Tally, conditions: Schema.NonEmptyArray(VoterCondition) }),
    "The round approved on conditions that change the graph: what comes of them is voted on in another round.",
  ),
  "round-opened": event(
    Schema.Struct({
      round: RoundNumber,
      subject: Subject,
      electorate: Electorate,
      deadline: Instant,
      /** The members that have no vote any more, and why. */
      excluded: Schema.Array(Excluded),
      /** The voters whose ballots stand in this round too. */
      carried: Schema.Array(Principal),
    }),
    "The graph was changed as the conditions wanted: ballots are for this subject from now on.",
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
      /** The key that its holder signed it with. */
      signedBy: Schema.optionalKey(PublicKey),
      /** The blocking findings that are the veto; absent if a veto holder gave it. */
      findings: Schema.optionalKey(Schema.Array(StandingFinding)),
    }),
    "A veto holder or a blocking finding stopped it before it was enacted.",
  ),
  "proposal-withdrawn": event(Schema.Struct({ reason }), "The proposer took it back."),
  "proposal-cancelled": event(Schema.Struct({ by: Principal, reason }), "The vote was called off."),
  "proposal-superseded": event(Schema.Struct({ by: AggregateId }), "A newer proposal took its place."),
  "proposal-enacted": event(
    Schema.Struct({
      outcome: Schema.Literals(["approved", "approved-with-conditions"]),
      tally: Tally,
      conditions,
      /** What the round that approved it was about, if it had rounds. */
      subject: Schema.optionalKey(Subject),
    }),
    "The approval takes effect now.",
  ),
  "approval-voided": event(
    Schema.Struct({ detail: Schema.String }),
    "The subject has changed since the vote: the approval is void and nothing takes effect.",
  ),
};

/** The policy that a proposal refers to, with its document. */
export interface KnownPolicy extends PolicyReference {
  readonly document: PolicyDocument;
}

/** Looked up for a command. */
export interface KnownToProposals {
  /** The voters if no electorate is named: every registered person, and every registered agent that is not offline. */
  readonly defaultElectorate: ReadonlyArray<string>;
  /** The keys that principals have registered to sign with. */
  readonly publicKeys?: ReadonlyMap<string, string>;
  /** Those who may be in an electorate; undefined if it was not looked up. */
  readonly voters?: ReadonlySet<string>;
  /** The policy in force for the kind of a submission. */
  readonly policy?: KnownPolicy;
  /** The policy that a submission names; undefined if there is none of that id. */
  readonly namedPolicy?: KnownPolicy;
  /** The owners of principals that others own, if a look-up needs them. */
  readonly owners?: ReadonlyMap<string, string>;
  /** Whether there is a deployment of the id under which a proposal is to be submitted. */
  readonly deployment?: boolean;
  /** Why an approved subject is not what it was any more; undefined while it is. */
  readonly changed?: string;
  /** What the graph of the vote has, if something in the conditions of a ballot looks like a secret. */
  readonly graph?: Texts;
}

export type ProposalEvent = EventOf<typeof proposalEvents>;
export type ProposalContext = DecisionContext<KnownToProposals>;
export type ProposalDecision = DecisionOf<typeof proposalEvents>;
