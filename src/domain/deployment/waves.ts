import { Schema } from "effect";
import { HostNode } from "../graph/node.ts";
import { Port } from "../graph/values.ts";
import { Name } from "../kernel/mod.ts";

/** How a deployer or monitor sees that a node is well on its host. Times in seconds; `retries` after the first try. */
export const Check = Schema.Struct({
  node: Name,
  kind: Schema.Literals(["http", "tcp", "exec"]),
  port: Schema.optionalKey(Port),
  path: Schema.optionalKey(Schema.String),
  command: Schema.optionalKey(Schema.String),
  intervalSeconds: Schema.Finite,
  timeoutSeconds: Schema.Finite,
  retries: Schema.Int,
});
export type Check = typeof Check.Type;

/** A host of a wave: where it is, and what must be well on it. */
export const HostPlan = Schema.Struct({
  host: Name,
  address: HostNode.fields.address,
  system: HostNode.fields.system,
  ssh: HostNode.fields.ssh,
  checks: Schema.Array(Check),
});
export type HostPlan = typeof HostPlan.Type;

/** Hosts that are deployed at the same time, once the wave before is done. */
export const Wave = Schema.Array(HostPlan);

/** All hosts of a deployment, in the order of their waves. */
export const Waves = Schema.Array(Wave);
export type Waves = typeof Waves.Type;
