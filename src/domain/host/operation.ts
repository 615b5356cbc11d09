import { Schema } from "effect";
import { AggregateId, Name, ownId, Principal } from "../kernel/mod.ts";

/** The operations on a node besides deploying it. Each is a permission of `manages` edges too. */
export const OperationKind = Schema.Literals(["start", "stop", "restart", "scale"]);
export type OperationKind = typeof OperationKind.Type;

/** A request for an operation. Only `scale` has `hosts`: the hosts that the node is to run on. */
export const Wish = Schema.Struct({
  action: OperationKind,
  node: Name,
  hosts: Schema.optionalKey(Schema.Array(Name).check(Schema.isUnique())),
  reason: Schema.optionalKey(Schema.String),
  /** For `scale`: the nodes whose data its deployment may lose. */
  acceptDataLoss: Schema.optionalKey(Schema.Array(Name).check(Schema.isUnique())),
});
export type Wish = typeof Wish.Type;

/** A wish with its number on the host, its principal, and the units that it concerns. */
export const Change = Schema.Struct({
  change: Schema.Int,
  ...Wish.fields,
  units: Schema.Array(Schema.NonEmptyString),
  by: Principal,
  /** The proposal that approved it; absent if a `manages` edge permits the change. */
  proposal: Schema.optionalKey(AggregateId),
});
export type Change = typeof Change.Type;

/**
 * Ids of proposals, tasks and deployments for a host. A number is used for one thing on a host, so that these ids are
 * too. Nobody outside can make anything under them.
 */
export const repairIdOf = (host: string, drift: number): string => ownId(host, `repair-${drift}`);
export const changeIdOf = (host: string, change: number): string => ownId(host, `change-${change}`);
export const operationIdOf = (host: string, change: number): string => ownId(host, `operate-${change}`);
