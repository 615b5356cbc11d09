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

/** The technology behind a host: a machine reached by nix and ssh, or a document in the store. */
export const Target = Schema.Literals(["simulated", "nixos"]);
export type Target = typeof Target.Type;

/** How a host is reached, and its platform. */
export const reach = {
  address: Schema.NonEmptyString,
  system: Schema.NonEmptyString,
  /** Absent in older records. */
  target: Schema.optionalKey(Target),
  ssh: HostNode.fields.ssh,
};

/** The health of a host in a report. */
export const HostHealth = Schema.Literals(["healthy", "unhealthy", "unreachable"]);
export type HostHealth = typeof HostHealth.Type;

/** The consequence of a drift: only its event, or a proposal to repair it. */
export const OnDrift = Schema.Literals(["report", "propose"]);
export type OnDrift = typeof OnDrift.Type;

/** Why a drift ended: an observation no longer showed it, or a deployment changed the host. */
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
/** The host and the graph that now have the machine. */
const takenOver = { deployment: AggregateId, graph: Name, host: Name };
const policy = { onDrift: OnDrift };
const FailingNodes = Schema.Array(Name).check(Schema.isUnique());
const outcome = {
  change: Serial,
  /** Why the change failed; absent if it succeeded. */
  failure: Schema.optionalKey(Schema.String),
  /** The deployment that scaled a node. */
  deployment: Schema.optionalKey(AggregateId),
};
const state = {
  closure: Schema.optionalKey(Closure),
  health: HostHealth,
  deployment: Schema.optionalKey(AggregateId),
  observed: Schema.optionalKey(Observed),
};

/** The content of commands, within their bounds. */
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
      /** What the host should run, as far as the reporter knew. Without it, the report does not count for drift. */
      expected: Schema.optionalKey(GivenClosure),
    }),
    "Reports what a monitor sees on the host. An absent closure or deployment stays unchanged.",
    { by: ["monitor"], creates: true },
  ),
  "set-policy": command(Schema.Struct(policy), "Sets the consequence of a drift of the host.", {
    by: ["owner", "admin", ["operator", "unowned"]],
  }),
  operate: command(
    GivenWish,
    "Performs an action on a node of the host, if a `manages` edge permits it to the principal.",
    { by: ["participant", "operator"] },
  ),
  "propose-change": command(GivenWish, "Proposes an action on a node of the host. The reviewers vote on it.", {
    by: ["participant", "operator", "voter"],
  }),
  release: command(
    Schema.Struct({ reason: NonEmptyText(bounds.text) }),
    "Releases the host from its graph, so that another graph can be deployed to it. Nothing changes on the host.",
    { by: ["owner", "admin"] },
  ),
  enrol: internalCommand(Schema.Struct(enrolment), "Records that a graph places nodes on the host.", { creates: true }),
  "begin-change": internalCommand(Schema.Struct(changing), "Records that a deployment is about to change the host.", {
    creates: true,
  }),
  "record-deployed": internalCommand(Schema.Struct(deployed), "Records a confirmed deployment.", {
    creates: true,
  }),
  "record-reverted": internalCommand(Schema.Struct(reverted), "Records a rolled-back deployment.", {
    creates: true,
  }),
  "record-unrestored": internalCommand(Schema.Struct(reverted), "Records that a rollback did not reach the host."),
  "record-taken-over": internalCommand(
    Schema.Struct(takenOver),
    "Records that a deployment has taken over the machine as another host.",
  ),
  "approve-change": internalCommand(Schema.Struct({ change: Serial }), "Approves a proposed change after its vote."),
  "record-operated": internalCommand(Schema.Struct(outcome), "Records the outcome of a change."),
};

export const hostEvents = {
  "host-enrolled": event(Schema.Struct(enrolment), "The host became part of a graph."),
  "host-state-reported": event(
    Schema.Struct({ ...state, failing: FailingNodes, drift: Schema.Boolean }),
    "A monitor reported the host's state. This is the complete new state, as far as it is known.",
  ),
  "host-change-begun": event(
    Schema.Struct(changing),
    "A deployment began to change the host, so its closure does not count as drift.",
  ),
  "host-deployed": event(
    Schema.Struct(deployed),
    "The host runs `closure`, or will after a reboot, as `activation` says. Before, it ran `previous`.",
  ),
  "host-reverted": event(
    Schema.Struct(reverted),
    "The host was put back: it runs `closure` again, as before `deployment`.",
  ),
  "host-unrestored": event(
    Schema.Struct(reverted),
    "The host should run `closure` again, as before `deployment`, but what it runs is unknown.",
  ),
  "host-released": event(
    Schema.Struct({
      graph: Name,
      reason: Schema.NonEmptyString,
      /** The deployment that took over the machine. If it is rolled back, the graph has the host again. */
      takenBy: Schema.optionalKey(AggregateId),
    }),
    "The graph no longer has the host. It is not watched until a deployment to it is confirmed.",
  ),
  "host-policy-set": event(Schema.Struct(policy), "The consequence of a drift of the host was set."),
  "host-drift-detected": event(
    Schema.Struct({ drift: Serial, ...Difference.fields }),
    "The host differs from its desired state. `drift` is the number of the drift. It is reported once until it is resolved.",
  ),
  "host-drift-resolved": event(
    Schema.Struct({ drift: Serial, kind: DriftKind, unit: Schema.optionalKey(Schema.String), by: ResolvedBy }),
    "The host no longer has this drift.",
  ),
  "change-proposed": event(Change, "An action on a node was proposed to the reviewers."),
  "operation-requested": event(Change, "An action on a node was permitted or approved, and begins."),
  "operation-finished": event(Schema.Struct(outcome), "The action succeeded or failed."),
};

/**
 * Looked up for a change: the `manages` edges and hosts of the deployed graph, and the principals that may propose
 * changes.
 */
export interface KnownToHosts {
  readonly manages: ReadonlyArray<Pick<ManagesEdge, "from" | "to" | "permissions">>;
  /** The hosts of the graph. */
  readonly hosts: ReadonlyArray<string>;
  /** The freeze that holds back work on the host, in words; undefined without one. */
  readonly frozen?: string;
  /** The principal, if its role allows it to propose a change of any host (`operator` or `voter`); otherwise empty. */
  readonly proposers: ReadonlyArray<string>;
  /** The owner of the host's graph, and the admins. They may release the host from the graph and set its policy. */
  readonly owners?: ReadonlyArray<string>;
}

export type HostEvent = EventOf<typeof hostEvents>;
export type HostContext = DecisionContext<KnownToHosts | undefined>;
export type HostDecision = DecisionOf<typeof hostEvents>;
