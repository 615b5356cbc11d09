import { Effect, Schema } from "effect";
import { command, event, Instant, internalCommand, Principal } from "../kernel/mod.ts";
import { Ballot, Vote, VoterCondition } from "./ballot.ts";
import { Electorate, RequestedElectorate } from "./electorate.ts";
import { Share, ShareText } from "./fraction.ts";
import { Units } from "./units.ts";

/** How approvals and rejections become a result; each is a counting rule in a file of its own. */
export const Protocol = Schema.Literals(["simple-majority"]);
export type Protocol = typeof Protocol.Type;

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

export const RejectionCause = Schema.Literals(["majority", "tie"]);
export type RejectionCause = typeof RejectionCause.Type;

/** Seconds, at most ten years, so that every moment computed from them exists. */
const Seconds = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 10 * 365 * 24 * 60 * 60 }));
const PositiveSeconds = Seconds.check(Schema.isGreaterThan(0));

const reason = Schema.optionalKey(Schema.String);
/** Whether conditions are part of the result: an approval is then final only when nobody is left who could add one. */
const awaitConditions = Schema.optionalKey(Schema.Boolean);
const matter = {
  kind: Schema.NonEmptyString,
  title: Schema.NonEmptyString,
  /** Digests of what is decided on. */
  subject: Schema.Record(Schema.String, Schema.Json),
};

export const proposalCommands = {
  submit: command(
    Schema.Struct({
      ...matter,
      protocol: Protocol.pipe(Schema.withDecodingDefaultKey(Effect.succeed("simple-majority" as const))),
      quorum: Share.pipe(Schema.withDecodingDefaultKey(Effect.succeed("1/2"))),
      electorate: Schema.optionalKey(RequestedElectorate),
      votingSeconds: PositiveSeconds.pipe(Schema.withDecodingDefaultKey(Effect.succeed(60))),
      discussionSeconds: Seconds.pipe(Schema.withDecodingDefaultKey(Effect.succeed(0))),
      ballotsMayChange: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(true))),
      awaitConditions,
    }),
    "Puts something to the vote.",
    { creates: true },
  ),
  "open-voting": command(
    Schema.Struct({}),
    "Opens voting before or after the discussion is over; changes nothing where it is open.",
  ),
  vote: command(Vote, "Casts the principal's ballot, or changes it."),
  withdraw: command(Schema.Struct({ reason }), "The proposer takes the proposal back."),
  cancel: command(Schema.Struct({ reason }), "Calls the vote off."),
  "close-voting": internalCommand(
    Schema.Struct({}),
    "Decides by the ballots that were cast once the deadline has passed; changes nothing where that is done.",
  ),
};

export const proposalEvents = {
  "proposal-submitted": event(
    Schema.Struct({
      ...matter,
      protocol: Protocol,
      quorum: ShareText,
      electorate: Schema.optionalKey(Electorate),
      votingSeconds: PositiveSeconds,
      discussionSeconds: Seconds,
      ballotsMayChange: Schema.Boolean,
      awaitConditions,
      proposer: Principal,
    }),
    "A proposal is up for discussion; voting opens `discussionSeconds` later.",
  ),
  "voting-opened": event(
    Schema.Struct({ electorate: Electorate, protocol: Protocol, quorum: ShareText, deadline: Instant }),
    "These may vote, with these weights, up to and including the deadline.",
  ),
  "ballot-cast": event(
    Schema.Struct({ ...Ballot.fields, replaces: Schema.Boolean }),
    "A ballot; `replaces` where the voter had cast one before.",
  ),
  "proposal-approved": event(Schema.Struct({ tally: Tally }), "The vote approved it."),
  "proposal-approved-with-conditions": event(
    Schema.Struct({ tally: Tally, conditions: Schema.NonEmptyArray(VoterCondition) }),
    "The vote approved it on these conditions.",
  ),
  "proposal-rejected": event(
    Schema.Struct({ tally: Tally, reason: RejectionCause }),
    "The vote did not approve it; a tie is a rejection.",
  ),
  "proposal-expired": event(Schema.Struct({ tally: Tally }), "The deadline passed without a quorum."),
  "proposal-withdrawn": event(Schema.Struct({ reason }), "The proposer took it back."),
  "proposal-cancelled": event(Schema.Struct({ by: Principal, reason }), "The vote was called off."),
};
