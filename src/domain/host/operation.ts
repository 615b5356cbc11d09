import { Schema } from "effect";
import { AggregateId, Name, Principal } from "../kernel/mod.ts";

/** What can be done with a node besides deploying it; each is a permission of `manages` edges too. */
export const OperationKind = Schema.Literals(["start", "stop", "restart", "scale"]);
export type OperationKind = typeof OperationKind.Type;

/** What somebody asks for: `hosts` is where the node shall run, for `scale` alone. */
export const Wish = Schema.Struct({
  action: OperationKind,
  node: Name,
  hosts: Schema.optionalKey(Schema.Array(Name).check(Schema.isUnique())),
  reason: Schema.optionalKey(Schema.String),
});
export type Wish = typeof Wish.Type;

/** A wish, its number on the host, who has it, and the units that it concerns. */
export const Change = Schema.Struct({
  change: Schema.Int,
  ...Wish.fields,
  units: Schema.Array(Schema.NonEmptyString),
  by: Principal,
  /** The proposal that approved it; none where the one who asks may do it by a `manages` edge. */
  proposal: Schema.optionalKey(AggregateId),
});
export type Change = typeof Change.Type;

/** A number is used for one thing on a host, so that these ids are too. */
export const repairIdOf = (host: string, drift: number): string => `${host}-repair-${drift}`;
export const changeIdOf = (host: string, change: number): string => `${host}-change-${change}`;
export const operationIdOf = (host: string, change: number): string => `${host}-operate-${change}`;
