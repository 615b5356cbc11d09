import { Schema } from "effect";
import { Closure } from "../host/desired.ts";
import { AggregateId, type EventOf, type EvolveContext, Instant, Name, Principal } from "../kernel/mod.ts";
import { type deploymentEvents, Phase, Settings } from "./contract.ts";
import { withStep } from "./reports.ts";
import { hostsOf } from "./request.ts";
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

type Event = EventOf<typeof deploymentEvents>;

const requested = (event: Extract<Event, { type: "deployment-requested" }>, id: string, at: string): Deployment => ({
  id,
  status: "requested",
  graph: event.data.graph,
  reviewers: event.data.reviewers,
  reviewed: [],
  discussionOver: false,
  settings: event.data.settings,
  flakeDigest: event.data.flakeDigest,
  generated: false,
  planned: hostsOf(event.data),
  touched: [],
  rollbackAttempts: 0,
  requestedAt: at,
});

/** What a deployment has become after an event. */
export const evolve = (
  deployment: DeploymentState,
  event: Event,
  { aggregateId, time }: EvolveContext,
): DeploymentState => {
  if (event.type === "deployment-requested") return requested(event, aggregateId, time);
  if (deployment === null) return deployment;
  switch (event.type) {
    case "discussion-started":
      return { ...deployment, status: "discussing" };
    case "review-recorded":
      return { ...deployment, reviewed: [...deployment.reviewed, event.data.reviewer] };
    case "discussion-ended":
      return { ...deployment, discussionOver: true };
    case "voting-started":
      return { ...deployment, status: "voting" };
    case "deployment-approved":
      return { ...deployment, status: "generating" };
    case "deployment-rejected":
      return { ...deployment, status: "rejected" };
    case "revision-amended":
      return { ...deployment, flakeDigest: event.data.flakeDigest, planned: hostsOf(event.data) };
    case "flake-generated":
      return { ...deployment, generated: true };
    case "deploying-started":
      return { ...deployment, status: "deploying" };
    case "host-step-recorded":
      return withStep(deployment, event.data);
    case "monitoring-started":
      return { ...deployment, status: "monitoring" };
    case "deployment-succeeded":
      return { ...deployment, status: "succeeded" };
    case "rollback-started": {
      const { hosts: _hosts, task: _task, attempt, ...rollback } = event.data;
      return { ...deployment, status: "rolling-back", rollback, rollbackAttempts: attempt };
    }
    case "deployment-rolled-back":
      return { ...deployment, status: "rolled-back" };
    case "rollback-incomplete":
      return { ...deployment, status: "rollback-incomplete" };
    case "deployment-failed":
      return { ...deployment, status: "failed" };
    case "deployment-cancelled":
      return { ...deployment, status: "cancelled" };
  }
};
