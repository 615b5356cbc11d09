import { Effect, Schema } from "effect";
import type { ManagesEdge } from "../graph/edge.ts";
import { HostNode } from "../graph/node.ts";
import {
  AggregateId,
  bounds,
  command,
  type DecisionContext,
  type DecisionOf,
  type EventOf,
  event,
  internalCommand,
  List,
  Name,
  NonEmptyText,
  Text,
} from "../kernel/mod.ts";
import { Activation, Closure, Placement } from "./desired.ts";
import { Difference, DriftKind } from "./drift.ts";
import { Observed } from "./observed.ts";
import { Change, Wish } from "./operation.ts";

/** The technology behind a host: a machine that nix and ssh reach, or a document in the store. */
export const Target = Schema.Literals(["simulated", "nixos"]);
export type Target = typeof Target.Type;

/** How a host is reached, and what runs on it. */
export const reach = {
  address: Schema.NonEmptyString,
  system: Schema.NonEmptyString,
  /** Absent in what was recorded before targets were. */
  target: Schema.optionalKey(Target),
  ssh: HostNode.fields.ssh,
};

/** The health of a host in a report. */
export const HostHealth = Schema.Literals(["healthy", "unhealthy", "unreachable"]);
export type HostHealth = typeof HostHealth.Type;

/** The consequence of a drift: only its event, or a proposal to repair it. */
export const OnDrift = Schema.Literals(["report", "propose"]);
export type OnDrift = typeof OnDrift.Type;

/** Why a drift is over: a look did not show it any more, or a deployment changes the host. */
export const ResolvedBy = Schema.Literals(["observed", "deployment"]);

const Serial = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1));
const enrolment = { ...reach, graph: Name };
const deployed = {
  deployment: AggregateId,
  closure: Closure,
  previous: Closure,
  activation: Schema.optionalKey(Activation),
  placement: Schema.optionalKey(Placement),
};
const reverted = { deployment: AggregateId, closure: Closure };
const changing = { deployment: AggregateId };
/** Which host of which graph is the same machine from now on. */
const takenOver = { deployment: AggregateId, graph: Name, host: Name };
const policy = { onDrift: OnDrift };
const FailingNodes = Schema.Array(Name).check(Schema.isUnique());
const outcome = {
  change: Serial,
  /** Why the change was not done; absent if it was. */
  failure: Schema.optionalKey(Schema.String),
  /** The deployment that a node was scaled by. */
  deployment: Schema.optionalKey(AggregateId),
};
const state = {
  closure: Schema.optionalKey(Closure),
  health: HostHealth,
  deployment: Schema.optionalKey(AggregateId),
  observed: Schema.optionalKey(Observed),
};

/** What commands carry, within their bounds. */
const GivenClosure = NonEmptyText(bounds.path);
const GivenWish = Schema.Struct({
  ...Wish.fields,
  hosts: Schema.optionalKey(List(Name).check(Schema.isUnique())),
  acceptDataLoss: Schema.optionalKey(List(Name).check(Schema.isUnique())),
  reason: Schema.optionalKey(Text(bounds.text)),
});
const GivenObserved = Schema.Struct({
  ...Observed.fields,
  boot: Schema.optionalKey(GivenClosure),
  failedUnits: List(NonEmptyText(bounds.path), bounds.many),
  rebootNeeded: Schema.optionalKey(List(NonEmptyText(bounds.path))),
});

export const hostCommands = {
  "report-state": command(
    Schema.Struct({
      ...state,
      closure: Schema.optionalKey(GivenClosure),
      observed: Schema.optionalKey(GivenObserved),
      failing: List(Name, bounds.many)
        .check(Schema.isUnique())
        .pipe(Schema.withDecodingDefaultKey(Effect.succeed([]))),
      drift: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(false))),
      /** What the host should run, as far as the reporter knew. Without it the report is not judged for drift. */
      expected: Schema.optionalKey(GivenClosure),
    }),
    "Reports what a monitor sees on the host; a closure or deployment that it does not name stays as it was.",
    { by: ["monitor"], creates: true },
  ),
  "set-policy": command(Schema.Struct(policy), "Sets the consequence of a drift of the host.", {
    by: ["owner", "admin", ["operator", "unowned"]],
  }),
  operate: command(
    GivenWish,
    "Does something with a node on the host, if a `manages` edge permits it to the principal.",
    { by: ["participant", "operator"] },
  ),
  "propose-change": command(GivenWish, "Proposes to do something with a node on the host; the reviewers vote on it.", {
    by: ["participant", "operator", "voter"],
  }),
  release: command(
    Schema.Struct({ reason: NonEmptyText(bounds.text) }),
    "Takes the host from the graph that has it, so that another graph can be deployed to it. Nothing changes on the host.",
    { by: ["owner", "admin"] },
  ),
  enrol: internalCommand(Schema.Struct(enrolment), "A graph places nodes on the host.", { creates: true }),
  "begin-change": internalCommand(Schema.Struct(changing), "A deployment is about to change the host.", {
    creates: true,
  }),
  "record-deployed": internalCommand(Schema.Struct(deployed), "A deployment was confirmed on the host.", {
    creates: true,
  }),
  "record-reverted": internalCommand(Schema.Struct(reverted), "A deployment was rolled back on the host.", {
    creates: true,
  }),
  "record-unrestored": internalCommand(
    Schema.Struct(reverted),
    "A deployment should have been rolled back on the host, and the host was not reached.",
  ),
  "record-taken-over": internalCommand(
    Schema.Struct(takenOver),
    "A deployment has taken the machine over as another host.",
  ),
  "approve-change": internalCommand(Schema.Struct({ change: Serial }), "The vote on a proposed change approved it."),
  "record-operated": internalCommand(Schema.Struct(outcome), "Records the outcome of a change."),
};

export const hostEvents = {
  "host-enrolled": event(Schema.Struct(enrolment), "The host is part of a graph."),
  "host-state-reported": event(
    Schema.Struct({ ...state, failing: FailingNodes, drift: Schema.Boolean }),
    "The host's whole new state, as far as it is known.",
  ),
  "host-change-begun": event(Schema.Struct(changing), "A deployment changes the host: what it runs is not drift."),
  "host-deployed": event(
    Schema.Struct(deployed),
    "The host runs `closure`, or will after a reboot, as `activation` says; before it ran `previous`.",
  ),
  "host-reverted": event(Schema.Struct(reverted), "The host runs `closure` again, which it ran before `deployment`."),
  "host-unrestored": event(
    Schema.Struct(reverted),
    "The host should run `closure` again, which it ran before `deployment`; what it runs is not known.",
  ),
  "host-released": event(
    Schema.Struct({
      graph: Name,
      reason: Schema.NonEmptyString,
      /** The deployment that took the machine over: if it is rolled back, the graph has the host again. */
      takenBy: Schema.optionalKey(AggregateId),
    }),
    "The graph does not have the host any more. Nobody watches it until a deployment to it is confirmed.",
  ),
  "host-policy-set": event(Schema.Struct(policy), "The consequence of a drift of the host from now on."),
  "host-drift-detected": event(
    Schema.Struct({ drift: Serial, ...Difference.fields }),
    "The host is not as it should be; `drift` numbers it. It is said once, until it is resolved.",
  ),
  "host-drift-resolved": event(
    Schema.Struct({ drift: Serial, kind: DriftKind, unit: Schema.optionalKey(Schema.String), by: ResolvedBy }),
    "The host is as it should be again in this.",
  ),
  "change-proposed": event(Change, "Something is to be done with a node, if the reviewers approve."),
  "operation-requested": event(Change, "Something is to be done with a node: permitted, or approved."),
  "operation-finished": event(Schema.Struct(outcome), "It was done, or could not be."),
};

/**
 * Looked up for a change: the `manages` edges and hosts of the deployed graph, and the principals that may propose
 * changes.
 */
export interface KnownToHosts {
  readonly manages: ReadonlyArray<Pick<ManagesEdge, "from" | "to" | "permissions">>;
  /** The hosts of the graph. */
  readonly hosts: ReadonlyArray<string>;
  /** What is frozen and holds back work on the host, in words; undefined if nothing is. */
  readonly frozen?: string;
  /** Whoever asks, if the role is enough to propose a change of any host: `operator` or `voter`. */
  readonly proposers: ReadonlyArray<string>;
  /** The owner of the graph that has the host, and the admins: they may take it from the graph, and set its policy. */
  readonly owners?: ReadonlyArray<string>;
}

export type HostEvent = EventOf<typeof hostEvents>;
export type HostContext = DecisionContext<KnownToHosts | undefined>;
export type HostDecision = DecisionOf<typeof hostEvents>;
