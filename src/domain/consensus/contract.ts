import { Schema } from "effect";
import { AggregateId, command, event, Instant, internalCommand, Principal } from "../kernel/mod.ts";
import { Ballot, Vote, VoterCondition } from "./ballot.ts";
import { Electorate, RequestedElectorate, VetoKeys } from "./electorate.ts";
import { Share, ShareText, Threshold } from "./fraction.ts";
import { furtherRules, PositiveSeconds, Protocol, Rules, Seconds } from "./rules.ts";
import { Units } from "./units.ts";

/** The count of a vote, in units of weight. */
export const Tally = Schema.Struct({
  approve: Units,
  reject: Units,
  abstain: Units,
  total: Units,
  quorumRequired: Units,
  quorumReached: Schema.Boolean,
});
export type Tally = typeof Tally.Type;

export const RejectionCause = Schema.Literals(["majority", "tie", "below-threshold", "not-unanimous"]);
export type RejectionCause = typeof RejectionCause.Type;

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
  subject: Schema.Record(Schema.String, Schema.Json),
};

const conditions = Schema.Array(VoterCondition);
/** When what was approved is due; absent where that is at once. */
const enactAt = Schema.optionalKey(Instant);

export const proposalCommands = {
  submit: command(
    Schema.Struct({
      ...matter,
      /** The policy to decide by; without it the one in force for this kind. */
      policy: Schema.optionalKey(AggregateId),
      // What is not said here, the policy says.
      protocol: Schema.optionalKey(Protocol),
      threshold: Schema.optionalKey(Threshold),
      quorum: Schema.optionalKey(Share),
      electorate: Schema.optionalKey(RequestedElectorate),
      votingSeconds: Schema.optionalKey(PositiveSeconds),
      discussionSeconds: Schema.optionalKey(Seconds),
      ballotsMayChange: Schema.optionalKey(Schema.Boolean),
      ...furtherRules,
    }),
    "Puts something to the vote.",
    { creates: true },
  ),
  "open-voting": command(
    Schema.Struct({}),
    "Opens voting before or after the discussion is over; changes nothing where it is open.",
  ),
  vote: command(Vote, "Casts the principal's ballot, or changes it."),
  veto: command(
    Schema.Struct({ reason: Schema.NonEmptyString }),
    "Stops the proposal before it is enacted; for those whom its rules name.",
  ),
  withdraw: command(Schema.Struct({ reason }), "The proposer takes the proposal back."),
  cancel: command(Schema.Struct({ reason }), "Calls the vote off."),
  "close-voting": internalCommand(
    Schema.Struct({}),
    "Decides by the ballots that were cast once the deadline has passed; changes nothing where that is done.",
  ),
  enact: internalCommand(
    Schema.Struct({ subject: matter.subject }),
    "Lets what was approved happen, once, if what was decided on still is what it was.",
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
      /** Where the rules name veto holders. */
      vetoKeys: Schema.optionalKey(VetoKeys),
    }),
    "A proposal is up for discussion, by these rules; voting opens `discussionSeconds` later.",
  ),
  "voting-opened": event(
    Schema.Struct({ electorate: Electorate, protocol: Protocol, quorum: ShareText, deadline: Instant }),
    "These may vote, with these weights, up to and including the deadline.",
  ),
  "ballot-cast": event(
    Schema.Struct({ ...Ballot.fields, replaces: Schema.Boolean }),
    "A ballot; `replaces` where the voter had cast one before.",
  ),
  "voting-extended": event(
    Schema.Struct({ deadline: Instant }),
    "The quorum was reached late: ballots are taken up to and including this deadline instead.",
  ),
  "proposal-approved": event(Schema.Struct({ tally: Tally, enactAt }), "The vote approved it."),
  "proposal-approved-with-conditions": event(
    Schema.Struct({ tally: Tally, conditions: Schema.NonEmptyArray(VoterCondition), enactAt }),
    "The vote approved it on these conditions.",
  ),
  "proposal-rejected": event(
    Schema.Struct({ tally: Tally, reason: RejectionCause }),
    "The vote did not approve it; a tie is a rejection.",
  ),
  "proposal-expired": event(Schema.Struct({ tally: Tally }), "The deadline passed without a quorum."),
  "proposal-vetoed": event(
    Schema.Struct({ by: Principal, reason: Schema.NonEmptyString }),
    "One who may stop it did, before it was enacted.",
  ),
  "proposal-withdrawn": event(Schema.Struct({ reason }), "The proposer took it back."),
  "proposal-cancelled": event(Schema.Struct({ by: Principal, reason }), "The vote was called off."),
  "proposal-superseded": event(Schema.Struct({ by: AggregateId }), "A newer proposal took its place."),
  "proposal-enacted": event(
    Schema.Struct({ outcome: Schema.Literals(["approved", "approved-with-conditions"]), tally: Tally, conditions }),
    "What was approved takes effect now.",
  ),
  "approval-voided": event(
    Schema.Struct({ detail: Schema.String }),
    "What was approved is not any more what it was: nothing takes effect.",
  ),
};
