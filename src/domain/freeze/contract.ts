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
 * What becomes of a deployment that is under way: `finish-host` ends the hosts that it is working on and waits with all
 * others; `go-back` puts every host back to what it ran before.
 */
export const UnderWay = Schema.Literals(["finish-host", "go-back"]);
export type UnderWay = typeof UnderWay.Type;

/** How often something was frozen: what lifts one freeze does not lift a later one. */
const Serial = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1));

export const freezeCommands = {
  freeze: command(
    Schema.Struct({
      reason: NonEmptyText(bounds.text),
      underWay: UnderWay.pipe(Schema.withDecodingDefaultKey(Effect.succeed("finish-host" as const))),
    }),
    "Freezes everything, a graph or a host: nothing begins to activate there.",
    { by: ["operator", "admin"], creates: true },
  ),
  unfreeze: command(
    Schema.Struct({ reason: NonEmptyText(bounds.text) }),
    "Lifts one's own freeze if the policy lets one, or puts it to the vote whether the freeze is lifted.",
    { by: ["operator", "voter", "admin"] },
  ),
  lift: internalCommand(Schema.Struct({ freeze: Serial, proposal: AggregateId }), "The vote has lifted the freeze."),
};

export const freezeEvents = {
  frozen: event(
    Schema.Struct({ freeze: Serial, reason: Schema.String, underWay: UnderWay }),
    "Nothing begins to activate there any more.",
  ),
  "unfreeze-proposed": event(
    Schema.Struct({
      freeze: Serial,
      proposal: AggregateId,
      electorate: Electorate,
      by: Principal,
      reason: Schema.String,
    }),
    "It is put to the vote whether the freeze is lifted.",
  ),
  unfrozen: event(
    Schema.Struct({
      freeze: Serial,
      /** The vote that lifted it; absent if who set it did. */
      proposal: Schema.optionalKey(AggregateId),
      by: Schema.optionalKey(Principal),
      reason: Schema.optionalKey(Schema.String),
    }),
    "The freeze is lifted.",
  ),
};

/** Looked up if a freeze is to be lifted: who may vote on that, and the roles of who wants it. */
export interface KnownToLift extends KnownVoters {
  readonly roles: ReadonlySet<Role>;
}

export type FreezeEvent = EventOf<typeof freezeEvents>;
export type FreezeContext = DecisionContext<KnownToLift | undefined>;
export type FreezeDecision = DecisionOf<typeof freezeEvents>;
