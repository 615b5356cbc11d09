import { Effect, Schema } from "effect";
import { Electorate } from "../consensus/electorate.ts";
import type { KnownVoters } from "../consensus/four-eyes.ts";
import {
  AggregateId,
  bounds,
  command,
  type DecisionContext,
  type DecisionOf,
  type EventOf,
  event,
  internalCommand,
  NonEmptyText,
  Principal,
  type Role,
} from "../kernel/mod.ts";

/**
 * The effect on a deployment that is already on its hosts. `finish-host`: it finishes the hosts that it is working on,
 * and waits with all others. `go-back`: it puts every host back.
 */
export const UnderWay = Schema.Literals(["finish-host", "go-back"]);
export type UnderWay = typeof UnderWay.Type;

/** The number of the freeze. Lifting one freeze does not lift a later one. */
const Serial = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1));

export const freezeCommands = {
  freeze: command(
    Schema.Struct({
      reason: NonEmptyText(bounds.text),
      underWay: UnderWay.pipe(Schema.withDecodingDefaultKey(Effect.succeed("finish-host" as const))),
    }),
    "Freezes everything, a graph or a host: no activation begins there.",
    { by: ["operator", "admin"], creates: true },
  ),
  unfreeze: command(
    Schema.Struct({ reason: NonEmptyText(bounds.text) }),
    "Lifts a freeze of one's own if the policy allows it. Otherwise puts the lifting to the vote.",
    { by: ["operator", "voter", "admin"] },
  ),
  lift: internalCommand(Schema.Struct({ freeze: Serial, proposal: AggregateId }), "Lifts the freeze after a vote."),
};

export const freezeEvents = {
  frozen: event(
    Schema.Struct({ freeze: Serial, reason: Schema.String, underWay: UnderWay }),
    "From now on, no activation begins there.",
  ),
  "unfreeze-proposed": event(
    Schema.Struct({
      freeze: Serial,
      proposal: AggregateId,
      electorate: Electorate,
      by: Principal,
      reason: Schema.String,
    }),
    "Lifting the freeze was put to the vote.",
  ),
  unfrozen: event(
    Schema.Struct({
      freeze: Serial,
      /** The vote that lifted it; absent if its author lifted it. */
      proposal: Schema.optionalKey(AggregateId),
      by: Schema.optionalKey(Principal),
      reason: Schema.optionalKey(Schema.String),
    }),
    "The freeze was lifted.",
  ),
};

/** Looked up for lifting a freeze: the eligible voters, and the principal's roles. */
export interface KnownToLift extends KnownVoters {
  readonly roles: ReadonlySet<Role>;
}

export type FreezeEvent = EventOf<typeof freezeEvents>;
export type FreezeContext = DecisionContext<KnownToLift | undefined>;
export type FreezeDecision = DecisionOf<typeof freezeEvents>;
