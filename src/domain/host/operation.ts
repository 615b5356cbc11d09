import { Schema } from "effect";
import { AggregateId, Name, ownId, Principal } from "../kernel/mod.ts";

/** The operations on a node besides deploying it. Each is a permission of `manages` edges too. */
export const OperationKind = Schema.Literals(["start", "stop", "restart", "scale"]);
export type OperationKind = typeof OperationKind.Type;

/** A request for an operation. Only `scale` has `hosts`: the hosts on which the node should run. */
export const Wish = Schema.Struct({
  action: OperationKind,
  node: Name,
  hosts: Schema.optionalKey(Schema.Array(Name).check(Schema.isUnique())),
  reason: Schema.optionalKey(Schema.String),
  /** For `scale`: the nodes whose data the deployment may lose. */
  acceptDataLoss: Schema.optionalKey(Schema.Array(Name).check(Schema.isUnique())),
});
export type Wish = typeof Wish.Type;

/** A requested operation with its number on the host, its principal, and its units. */
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
 * Ids of proposals, tasks and deployments for a host. A number is used only once per host, so the ids are unique too.
 * Clients cannot create anything with such ids.
 */
export const repairIdOf = (host: string, drift: number): string => ownId(host, `repair-${drift}`);
export const changeIdOf = (host: string, change: number): string => ownId(host, `change-${change}`);
export const operationIdOf = (host: string, change: number): string => ownId(host, `operate-${change}`);
