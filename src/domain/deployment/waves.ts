import { Schema } from "effect";
import { HostNode } from "../graph/node.ts";
import { Check, Resident } from "../host/desired.ts";
import { Name } from "../kernel/mod.ts";

/** A host of a wave: where it is, and what must be well on it. */
export const HostPlan = Schema.Struct({
  host: Name,
  address: HostNode.fields.address,
  system: HostNode.fields.system,
  ssh: HostNode.fields.ssh,
  checks: Schema.Array(Check),
  /** What runs there; absent in deployments of before this was said. */
  nodes: Schema.optionalKey(Schema.Array(Resident)),
});
export type HostPlan = typeof HostPlan.Type;

/** Hosts that are deployed at the same time, once the wave before is done. */
export const Wave = Schema.Array(HostPlan);

/** All hosts of a deployment, in the order of their waves. */
export const Waves = Schema.Array(Wave);
export type Waves = typeof Waves.Type;
