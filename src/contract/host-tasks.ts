import { Schema } from "effect";
import { Execution } from "../domain/deployment/execution.ts";
import { HostPlan, ReachedHost, Waves } from "../domain/deployment/waves.ts";
import { GraphPins } from "../domain/graph/host-files.ts";
import { Check, Closure } from "../domain/host/desired.ts";

const { host, address, ssh } = HostPlan.fields;
const place = { host, address, ssh };

/**
 * The operator that does the work, `simulated` or `nixos`. A deployer fails a task if it does not have this operator.
 */
const target = Schema.NonEmptyString;
const deployment = Schema.NonEmptyString;
/** The earlier addresses of hosts whose address this deployment changes. Until such a host is confirmed, both work. */
const reached = Schema.optionalKey(Schema.Array(ReachedHost));
const Unit = Schema.NonEmptyString;

/** Payload of a task `deploy`: the hosts in their waves, and how they are deployed. */
export const DeployTask = Schema.Struct({
  deployment,
  target,
  graph: Schema.NonEmptyString,
  graphVersion: Schema.Int,
  flakeDigest: Schema.NonEmptyString,
  waves: Waves,
  /** `switch` if it is absent. */
  activation: Execution.fields.activation,
  /** The number of hosts to work on at once. If it is absent, the deployer chooses. */
  maxParallel: Execution.fields.maxParallel,
  /** What an activation may remove from hosts. */
  acceptRemovals: Execution.fields.acceptRemovals,
  reboot: Execution.fields.reboot,
  reached,
});
export type DeployTask = typeof DeployTask.Type;

/** Payload of a task `pin`: the flake references to resolve, by the names of the inputs. */
export const PinTask = Schema.Struct({
  deployment,
  target,
  graph: Schema.NonEmptyString,
  inputs: GraphPins,
});

/** Payload of a task `roll-back`: the hosts in the order in which they return to `previous`. */
export const RollBackTask = Schema.Struct({
  deployment,
  target,
  hosts: Schema.Array(
    Schema.Struct({
      ...place,
      previous: Closure,
      /** The closure that the deployment brought to the host; absent if it did not get that far. */
      closure: Schema.optionalKey(Closure),
    }),
  ),
  reached,
});
export type RollBackTask = typeof RollBackTask.Type;

/** A host to watch: the closure that it should run, and the checks that show the health of its nodes. */
export const WatchedHost = Schema.Struct({ ...place, closure: Closure, checks: Schema.Array(Check) });
export type WatchedHost = typeof WatchedHost.Type;

/** Payload of a task `monitor`: the hosts of a deployment, to be watched for `seconds`. */
export const MonitorTask = Schema.Struct({
  deployment,
  target,
  seconds: Schema.Finite,
  hosts: Schema.Array(WatchedHost),
});

/** Payload of a task `watch`: hosts to watch until the task is cancelled. */
export const WatchTask = Schema.Struct({ target, hosts: Schema.Array(WatchedHost) });

/** Payload of a task `repair`: the kind of drift, and the closure that the host should run. */
export const RepairTask = Schema.Struct({
  ...place,
  target,
  deployment,
  kind: Schema.Literals(["closure", "boot", "unit"]),
  closure: Closure,
  /** The failed unit, for the kind `unit`. */
  unit: Schema.optionalKey(Unit),
});

/** Payload of a task `operate`: an action on the units of a node, one after the other. */
export const OperateTask = Schema.Struct({
  ...place,
  target,
  action: Schema.Literals(["start", "stop", "restart"]),
  node: Schema.NonEmptyString,
  units: Schema.Array(Unit),
});

/** The payloads of the tasks for agents that deploy or monitor, by the type of the task. */
export const hostTasks = {
  pin: PinTask,
  deploy: DeployTask,
  "roll-back": RollBackTask,
  monitor: MonitorTask,
  watch: WatchTask,
  repair: RepairTask,
  operate: OperateTask,
} as const;

/** The payload of a task of the type `T`. */
export type HostTask<T extends keyof typeof hostTasks> = (typeof hostTasks)[T]["Type"];
