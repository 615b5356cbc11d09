import { Schema } from "effect";
import { AggregateId, Instant, Name, Principal } from "../kernel/mod.ts";
import { HostHealth, OnDrift } from "./contract.ts";
import { Closure, Desired } from "./desired.ts";
import { Drift } from "./drift.ts";
import { Observed } from "./observed.ts";
import { Change } from "./operation.ts";
import { reach } from "./reach.ts";

/**
 * What is known of a host. Nothing is known at first, and each field may come from another source.
 * `previous` is the closure that `deployment` replaced; it goes when the deployment is rolled back.
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
  /** What was last seen of it that was news, by whom and when. */
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

/** A host that nobody has said anything of. */
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

/** The units that are a node's programs on the host; undefined where the node is not there. */
export const unitsOf = ({ desired }: HostState, node: string): ReadonlyArray<string> | undefined =>
  desired?.placement?.nodes.find((resident) => resident.node === node)?.units;

/** The units that were stopped on purpose. */
export const stoppedUnits = (host: HostState): ReadonlyArray<string> =>
  host.stopped.flatMap((node) => unitsOf(host, node) ?? []);
