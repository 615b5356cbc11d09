import { Effect, Schema } from "effect";
import { Electorate, RequestedElectorate } from "./electorate.ts";
import { Share, Threshold } from "./fraction.ts";
import { furtherRules, PositiveSeconds, Protocol, Rules, Seconds } from "./rules.ts";

/**
 * By what proposals are decided that name no rules of their own.
 *
 * `electorate` says who votes, whatever a proposal says. A `binding` policy cannot be departed from: a proposal that
 * says otherwise, or names another policy, is refused.
 */
export const PolicyDocument = Schema.Struct({
  description: Schema.optionalKey(Schema.String),
  ...Rules.fields,
  electorate: Schema.optionalKey(Electorate),
  binding: Schema.optionalKey(Schema.Boolean),
});
export type PolicyDocument = typeof PolicyDocument.Type;

/** A policy as people write it. */
export const WrittenPolicy = Schema.Struct({
  description: Schema.optionalKey(Schema.String),
  protocol: Protocol.pipe(Schema.withDecodingDefaultKey(Effect.succeed("simple-majority" as const))),
  threshold: Schema.optionalKey(Threshold),
  quorum: Share.pipe(Schema.withDecodingDefaultKey(Effect.succeed("1/2"))),
  votingSeconds: PositiveSeconds.pipe(Schema.withDecodingDefaultKey(Effect.succeed(60))),
  discussionSeconds: Seconds.pipe(Schema.withDecodingDefaultKey(Effect.succeed(0))),
  ballotsMayChange: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(true))),
  ...furtherRules,
  electorate: Schema.optionalKey(RequestedElectorate),
  binding: Schema.optionalKey(Schema.Boolean),
});
export type WrittenPolicy = typeof WrittenPolicy.Type;
