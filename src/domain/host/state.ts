import { Schema, Struct } from "effect";
import { AggregateId, type DataOf, defined, type EvolveContext, Instant, Name, Principal } from "../kernel/mod.ts";
import { type HostEvent, HostHealth, type hostEvents, OnDrift, reach } from "./contract.ts";
import { Closure, Desired } from "./desired.ts";
import { Drift } from "./drift.ts";
import { Observed } from "./observed.ts";
import { Change } from "./operation.ts";

/**
 * The known state of a host. At first it is empty, and each field may have another source. `previous` is the closure
 * that `deployment` replaced; it is removed when the deployment is rolled back.
 */
export const HostState = Schema.Struct({
  address: Schema.optionalKey(reach.address),
  system: Schema.optionalKey(reach.system),
  target: reach.target,
  ssh: reach.ssh,
  graph: Schema.optionalKey(Name),
  closure: Schema.optionalKey(Closure),
  previous: Schema.optionalKey(Closure),
  deployment: Schema.optionalKey(AggregateId),
  health: Schema.Union([HostHealth, Schema.Literal("unknown")]),
  failing: Schema.Array(Name),
  /** Whether the last report said that the host runs another closure than desired. */
  drift: Schema.Boolean,
  /** The desired state, and the desired state before the deployment that set it. */
  desired: Schema.optionalKey(Desired),
  replaced: Schema.optionalKey(Desired),
  /** The host's former state, if a deployment took over its machine under another id. */
  taken: Schema.optionalKey(
    Schema.Struct({ by: AggregateId, graph: Schema.optionalKey(Name), desired: Schema.optionalKey(Desired) }),
  ),
  /** The last observation that showed something new, with its author and time. */
  observed: Schema.optionalKey(Schema.Struct({ ...Observed.fields, by: Principal, at: Instant })),
  onDrift: OnDrift,
  drifts: Schema.Array(Drift),
  /** Nodes that were stopped on purpose. */
  stopped: Schema.Array(Name),
  /** Changes that are proposed or in progress. */
  changes: Schema.Array(Schema.Struct({ ...Change.fields, underWay: Schema.Boolean })),
  /** The deployment that is changing the host. */
  changing: Schema.optionalKey(AggregateId),
  /** The number of drifts and changes so far. */
  serial: Schema.Int,
});
export type HostState = typeof HostState.Type;

/** The state of an unknown host. */
export const unknownHost: HostState = {
  health: "unknown",
  failing: [],
  drift: false,
  onDrift: "propose",
  drifts: [],
  stopped: [],
  changes: [],
  serial: 0,
};

/** Returns the units of a node's programs on the host; undefined if the node is not there. */
export const unitsOf = ({ desired }: HostState, node: string): ReadonlyArray<string> | undefined =>
  desired?.placement?.nodes.find((resident) => resident.node === node)?.units;

/** Returns the units that were stopped on purpose. */
export const stoppedUnits = (host: HostState): ReadonlyArray<string> =>
  host.stopped.flatMap((node) => unitsOf(host, node) ?? []);

/** Returns the graph that has the host, which is the graph of its desired state. */
export const graphOf = ({ desired }: Pick<HostState, "desired">): string | undefined => desired?.placement?.graph;

/** A deployment starts everything in its closure, so afterwards no node is stopped on purpose. */
const changed = (host: HostState): HostState => ({ ...Struct.omit(host, ["changing"]), stopped: [] });

const deployed = (
  host: HostState,
  { placement, activation, ...data }: DataOf<typeof hostEvents, "host-deployed">,
): HostState => {
  const { deployment, closure, previous } = data;
  const atReboot = activation === "boot";
  const untilReboot = atReboot ? previous : undefined;
  const desired: Desired = defined({ deployment, closure, activation, untilReboot, placement });
  const replaced = host.desired?.deployment === deployment ? host.replaced : host.desired;
  const runs = atReboot ? previous : closure;
  return { ...Struct.omit(changed(host), ["taken"]), ...data, closure: runs, desired, ...defined({ replaced }) };
};

/**
 * Undoes a deployment. The host should run the previous closure again, with its former placement. If the deployment was
 * never confirmed on the host, the desired state stays. If the deployment had taken over the host's machine, the host
 * has the machine again.
 */
const undone = (host: HostState, { deployment, closure }: DataOf<typeof hostEvents, "host-reverted">): HostState => {
  const { replaced, taken } = host;
  if (taken?.by === deployment) {
    const { graph, desired } = taken;
    const before = defined({ graph, desired: desired && { ...desired, closure } });
    return { ...Struct.omit(changed(host), ["taken"]), ...before };
  }
  if (host.desired?.deployment !== deployment) return changed(host);
  return { ...Struct.omit(changed(host), ["replaced"]), desired: { ...(replaced ?? { deployment }), closure } };
};

const released = (host: HostState, { takenBy }: DataOf<typeof hostEvents, "host-released">): HostState => {
  const { graph, desired } = host;
  const taken = takenBy === undefined ? undefined : defined({ by: takenBy, graph, desired });
  const left = Struct.omit(host, ["graph", "desired", "replaced", "changing", "taken"]);
  return { ...left, ...defined({ taken }), drifts: [], stopped: [] };
};

const reported = (
  host: HostState,
  data: DataOf<typeof hostEvents, "host-state-reported">,
  { actor, time }: EvolveContext,
): HostState => {
  const { observed, ...state } = data;
  return { ...host, ...state, ...defined({ observed: observed && { ...observed, by: actor, at: time } }) };
};

const operated = (host: HostState, { change, failure }: DataOf<typeof hostEvents, "operation-finished">): HostState => {
  const done = host.changes.find((one) => one.change === change);
  const changes = host.changes.filter((one) => one !== done);
  if (done === undefined) return host;
  // A stop counts from its request on, so that a monitor does not report a failure in the meantime.
  const runs = done.action === "stop" ? failure !== undefined : failure === undefined && done.action !== "scale";
  return { ...host, changes, stopped: runs ? host.stopped.filter((node) => node !== done.node) : host.stopped };
};

const requested = (host: HostState, data: DataOf<typeof hostEvents, "operation-requested">): HostState => ({
  ...host,
  serial: Math.max(host.serial, data.change),
  changes: [...host.changes.filter(({ change }) => change !== data.change), { ...data, underWay: true }],
  stopped: data.action === "stop" ? [...new Set([...host.stopped, data.node])].sort() : host.stopped,
});

/** Returns the host after an event. */
export const evolve = (host: HostState, event: HostEvent, context: EvolveContext): HostState => {
  switch (event.type) {
    case "host-enrolled":
      return { ...Struct.omit(host, ["target", "ssh"]), ...event.data };
    case "host-state-reported":
      return reported(host, event.data, context);
    case "host-change-begun":
      return { ...host, changing: event.data.deployment };
    case "host-deployed":
      return deployed(host, event.data);
    case "host-reverted":
      return { ...Struct.omit(undone(host, event.data), ["previous"]), ...event.data };
    case "host-unrestored":
      return undone(host, event.data);
    case "host-released":
      return released(host, event.data);
    case "host-policy-set":
      return { ...host, ...event.data };
    case "host-drift-detected":
      return {
        ...host,
        serial: Math.max(host.serial, event.data.drift),
        drifts: [...host.drifts, { ...event.data, since: context.time }],
      };
    case "host-drift-resolved":
      return { ...host, drifts: host.drifts.filter(({ drift }) => drift !== event.data.drift) };
    case "change-proposed":
      return {
        ...host,
        serial: Math.max(host.serial, event.data.change),
        changes: [...host.changes, { ...event.data, underWay: false }],
      };
    case "operation-requested":
      return requested(host, event.data);
    case "operation-finished":
      return operated(host, event.data);
  }
};
