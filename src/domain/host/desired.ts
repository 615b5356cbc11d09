import { Schema } from "effect";
import { Port } from "../graph/values.ts";
import { AggregateId, Name } from "../kernel/mod.ts";

/**
 * How a deployer or monitor checks a node's health on its host: a port answers, a command succeeds, or its unit runs
 * without repeated restarts. Times are in seconds. `retries` counts attempts after the first.
 */
export const Check = Schema.Struct({
  node: Name,
  kind: Schema.Literals(["http", "tcp", "exec", "unit"]),
  port: Schema.optionalKey(Port),
  path: Schema.optionalKey(Schema.String),
  command: Schema.optionalKey(Schema.String),
  /** With its suffix. */
  unit: Schema.optionalKey(Schema.String),
  intervalSeconds: Schema.Finite,
  timeoutSeconds: Schema.Finite,
  retries: Schema.Int,
});
export type Check = typeof Check.Type;

/** The store path of a NixOS system: what a host runs. */
export const Closure = Schema.NonEmptyString;

/**
 * How a new system becomes active on a host (`switch-to-configuration` of NixOS). `switch`: now and after a reboot.
 * `test`: now, until the next reboot. `boot`: from the next reboot on.
 */
export const Activation = Schema.Literals(["switch", "test", "boot"]);
export type Activation = typeof Activation.Type;

/** A node on a host, and the units of its programs. */
export const Resident = Schema.Struct({ node: Name, units: Schema.Array(Schema.NonEmptyString) });
export type Resident = typeof Resident.Type;

/** The nodes that a deployment placed on a host, their graph, and their health checks. */
export const Placement = Schema.Struct({
  graph: Name,
  graphVersion: Schema.Int,
  nodes: Schema.Array(Resident),
  checks: Schema.Array(Check),
});
export type Placement = typeof Placement.Type;

/** The system that a host should run, and the deployment that set it. */
export const Desired = Schema.Struct({
  deployment: AggregateId,
  closure: Closure,
  /** `switch` if it is absent. */
  activation: Schema.optionalKey(Activation),
  /** The closure that runs until the next reboot, if `closure` runs only after it. */
  untilReboot: Schema.optionalKey(Closure),
  /** Absent if the host is back at the system that it had before any deployment. */
  placement: Schema.optionalKey(Placement),
});
export type Desired = typeof Desired.Type;
