import { Schema } from "effect";
import { Activation } from "../host/desired.ts";
import { Name } from "../kernel/mod.ts";

/** How the hosts are deployed: all of them where none are named, as many at once as the deployer likes. */
export const execution = {
  activation: Schema.optionalKey(Activation),
  hosts: Schema.optionalKey(Schema.Array(Name).check(Schema.isMinLength(1), Schema.isUnique())),
  maxParallel: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1000 }))),
  /** What an activation may take from a host, by host and name: `web-1:mount:/data`. */
  acceptRemovals: Schema.optionalKey(Schema.Array(Schema.NonEmptyString).check(Schema.isUnique())),
  /** Hosts that need a reboot are rebooted, wave by wave. */
  reboot: Schema.optionalKey(Schema.Boolean),
};
export const Execution = Schema.Struct(execution);
export type Execution = typeof Execution.Type;
