import { Effect, Schema } from "effect";
import { AggregateId, command, event, internalCommand, Name } from "../kernel/mod.ts";

/** What a report can say of a host. */
export const HostHealth = Schema.Literals(["healthy", "unhealthy", "unreachable"]);
export type HostHealth = typeof HostHealth.Type;

/** The store path of a NixOS system: what a host runs. */
export const Closure = Schema.NonEmptyString;

const enrolment = { address: Schema.NonEmptyString, system: Schema.NonEmptyString, graph: Name };
const deployed = { deployment: AggregateId, closure: Closure, previous: Closure };
const reverted = { deployment: AggregateId, closure: Closure };
const FailingNodes = Schema.Array(Name).check(Schema.isUnique());

export const hostCommands = {
  "report-state": command(
    Schema.Struct({
      closure: Schema.optionalKey(Closure),
      health: HostHealth,
      failing: FailingNodes.pipe(Schema.withDecodingDefaultKey(Effect.succeed([]))),
      drift: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(false))),
      deployment: Schema.optionalKey(AggregateId),
    }),
    "What a monitor sees on the host; a closure or deployment that it does not name stays what it was.",
    { creates: true },
  ),
  enrol: internalCommand(Schema.Struct(enrolment), "A graph places nodes on the host.", { creates: true }),
  "record-deployed": internalCommand(Schema.Struct(deployed), "A deployment was confirmed on the host.", {
    creates: true,
  }),
  "record-reverted": internalCommand(Schema.Struct(reverted), "A deployment was rolled back on the host.", {
    creates: true,
  }),
};

export const hostEvents = {
  "host-enrolled": event(Schema.Struct(enrolment), "The host is part of a graph."),
  "host-state-reported": event(
    Schema.Struct({
      closure: Schema.optionalKey(Closure),
      health: HostHealth,
      failing: FailingNodes,
      drift: Schema.Boolean,
      deployment: Schema.optionalKey(AggregateId),
    }),
    "The host's whole new state, as far as it is known.",
  ),
  "host-deployed": event(Schema.Struct(deployed), "The host runs `closure`; before it ran `previous`."),
  "host-reverted": event(Schema.Struct(reverted), "The host runs `closure` again, which it ran before `deployment`."),
};
