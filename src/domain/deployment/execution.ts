import { Schema } from "effect";
import { Activation } from "../host/desired.ts";
import { Name } from "../kernel/mod.ts";

/** How the hosts are deployed. By default, all hosts are deployed, as many at once as the deployer chooses. */
export const execution = {
  activation: Schema.optionalKey(Activation),
  hosts: Schema.optionalKey(Schema.Array(Name).check(Schema.isMinLength(1), Schema.isUnique())),
  maxParallel: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1000 }))),
  /** What an activation may remove from a host, by host and name: `web-1:mount:/data`. */
  acceptRemovals: Schema.optionalKey(Schema.Array(Schema.NonEmptyString).check(Schema.isUnique())),
  /** Reboots hosts that need it, wave by wave. */
  reboot: Schema.optionalKey(Schema.Boolean),
};
export const Execution = Schema.Struct(execution);
export type Execution = typeof Execution.Type;
