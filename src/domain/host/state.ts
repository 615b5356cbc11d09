import { Schema, Struct } from "effect";
import { AggregateId, type DataOf, defined, type EvolveContext, Instant, Name, Principal } from "../kernel/mod.ts";
import { type HostEvent, HostHealth, type hostEvents, OnDrift, reach } from "./contract.ts";
import { Closure, Desired } from "./desired.ts";
import { Drift } from "./drift.ts";
import { Observed } from "./observed.ts";
import { Change } from "./operation.ts";

/**
 * What is known of a host. At first nothing is, and each field may come from another source. `previous` is the closure
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
  /** Whether the last report said that the host runs another closure than it should. */
  drift: Schema.Boolean,
  /** What it should run, and what it should have run before the deployment that says so. */
  desired: Schema.optionalKey(Desired),
  replaced: Schema.optionalKey(Desired),
  /** What it was when a deployment took its machine over under another id. */
  taken: Schema.optionalKey(
    Schema.Struct({ by: AggregateId, graph: Schema.optionalKey(Name), desired: Schema.optionalKey(Desired) }),
  ),
  /** The last observation that showed something new, by whom and when. */
  observed: Schema.optionalKey(Schema.Struct({ ...Observed.fields, by: Principal, at: Instant })),
  onDrift: OnDrift,
  drifts: Schema.Array(Drift),
  /** Nodes that were stopped on purpose. */
  stopped: Schema.Array(Name),
  /** Changes that are proposed or being done. */
  changes: Schema.Array(Schema.Struct({ ...Change.fields, underWay: Schema.Boolean })),
  /** The deployment that changes the host now. */
  changing: Schema.optionalKey(AggregateId),
  /** How many drifts and changes have had a number so far. */
  serial: Schema.Int,
});
export type HostState = typeof HostState.Type;

/** A host of which nothing is known. */
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

/** The units that are a node's programs on the host; undefined if the node is not there. */
export const unitsOf = ({ desired }: HostState, node: string): ReadonlyArray<string> | undefined =>
  desired?.placement?.nodes.find((resident) => resident.node === node)?.units;

/** The units that were stopped on purpose. */
export const stoppedUnits = (host: HostState): ReadonlyArray<string> =>
  host.stopped.flatMap((node) => unitsOf(host, node) ?? []);

/** The graph that has the host: what it should run was deployed from that graph. */
export const graphOf = ({ desired }: Pick<HostState, "desired">): string | undefined => desired?.placement?.graph;

/** A deployment starts everything in its closure, so no node is stopped on purpose after it. */
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
 * A deployment is undone: the host should run the closure of before, with what was placed there then. A deployment that
 * was never confirmed on the host has not changed what it should run. A host whose machine the deployment had taken over
 * is that machine again.
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
  // A stop counts from its request on, so that a monitor does not take it for a failure meanwhile.
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
