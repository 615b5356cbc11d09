import { Schema } from "effect";
import { AggregateId, Name } from "../kernel/mod.ts";
import { Closure, HostHealth } from "./contract.ts";

/**
 * What is known of a host. Nothing is known at first, and each field may come from another source.
 * `previous` is the closure that `deployment` replaced; it goes when the deployment is rolled back.
 */
export const HostState = Schema.Struct({
  address: Schema.optionalKey(Schema.String),
  system: Schema.optionalKey(Schema.String),
  graph: Schema.optionalKey(Name),
  closure: Schema.optionalKey(Closure),
  previous: Schema.optionalKey(Closure),
  deployment: Schema.optionalKey(AggregateId),
  health: Schema.Union([HostHealth, Schema.Literal("unknown")]),
  failing: Schema.Array(Name),
  drift: Schema.Boolean,
});
export type HostState = typeof HostState.Type;
