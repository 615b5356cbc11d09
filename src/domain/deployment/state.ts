import { Schema } from "effect";
import { Closure } from "../host/desired.ts";
import { AggregateId, Instant, Name, Principal } from "../kernel/mod.ts";
import { Phase, Settings } from "./contract.ts";
import { LogTail, Step } from "./steps.ts";

export const DeploymentStatus = Schema.Literals([
  "requested",
  "discussing",
  "voting",
  "generating",
  "deploying",
  "monitoring",
  "succeeded",
  "rolling-back",
  "rejected",
  "failed",
  "cancelled",
  "rolled-back",
  "rollback-incomplete",
]);
export type DeploymentStatus = typeof DeploymentStatus.Type;

/** A host that may have been changed, and what it goes back to. */
export const TouchedHost = Schema.Struct({
  host: Name,
  step: Step,
  previous: Closure,
  closure: Schema.optionalKey(Closure),
});
export type TouchedHost = typeof TouchedHost.Type;

/** Why a deployment is being rolled back; `by` where somebody asked for it. */
export const Rollback = Schema.Struct({
  phase: Phase,
  reason: Schema.String,
  detail: Schema.optionalKey(Schema.String),
  host: Schema.optionalKey(Name),
  step: Schema.optionalKey(Step),
  log: Schema.optionalKey(LogTail),
  by: Schema.optionalKey(Principal),
});
export type Rollback = typeof Rollback.Type;

/** A deployment that was requested; null before. */
export const DeploymentState = Schema.NullOr(
  Schema.Struct({
    id: AggregateId,
    status: DeploymentStatus,
    graph: Name,
    reviewers: Schema.Array(Principal),
    reviewed: Schema.Array(Principal),
    discussionOver: Schema.Boolean,
    settings: Settings,
    flakeDigest: Schema.String,
    generated: Schema.Boolean,
    /** Every host of the waves. */
    planned: Schema.Array(Name),
    /** In the order in which they were touched first. */
    touched: Schema.Array(TouchedHost),
    rollback: Schema.optionalKey(Rollback),
    /** Attempts at rolling back so far. */
    rollbackAttempts: Schema.Int,
    requestedAt: Instant,
  }),
);
export type DeploymentState = typeof DeploymentState.Type;
/** A deployment that exists. */
export type Deployment = NonNullable<DeploymentState>;
