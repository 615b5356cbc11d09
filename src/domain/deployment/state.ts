import { Schema, Struct } from "effect";
import { StandingFinding } from "../consensus/rounds.ts";
import { Closure } from "../host/desired.ts";
import { AggregateId, defined, type EventOf, type EvolveContext, Instant, Name, Principal } from "../kernel/mod.ts";
import { Waiting } from "./activation.ts";
import { DeploymentStatus, type deploymentEvents, Phase, type Revision, Settings, Target } from "./contract.ts";
import { DataFate } from "./data/fate.ts";
import { Glass } from "./glass.ts";
import { statusAfter } from "./lifecycle.ts";
import { ForeignHost } from "./ownership.ts";
import { notedReview } from "./review.ts";
import { type HostStep, LogTail, Step } from "./steps.ts";
import { hostsOf, machinesOf } from "./waves.ts";

/** A host that may have been changed, and the closure to go back to. */
export const TouchedHost = Schema.Struct({
  host: Name,
  step: Step,
  previous: Closure,
  closure: Schema.optionalKey(Closure),
});
export type TouchedHost = typeof TouchedHost.Type;

/** Why a deployment is being rolled back. `by` is the principal that requested it, if any. */
export const Rollback = Schema.Struct({
  phase: Phase,
  reason: Schema.String,
  detail: Schema.optionalKey(Schema.String),
  host: Schema.optionalKey(Name),
  step: Schema.optionalKey(Step),
  log: Schema.optionalKey(LogTail),
  by: Schema.optionalKey(Principal),
  /** The nodes whose data the rollback may lose. */
  acceptDataLoss: Schema.optionalKey(Schema.Array(Name)),
});
export type Rollback = typeof Rollback.Type;

/** The state of a deployment; null before its request. */
export const DeploymentState = Schema.NullOr(
  Schema.Struct({
    id: AggregateId,
    status: DeploymentStatus,
    graph: Name,
    reviewers: Schema.Array(Principal),
    /** The principals that have reviewed this revision. */
    reviewed: Schema.Array(Principal),
    /** The blocking findings in this revision. */
    blocking: Schema.Array(StandingFinding),
    discussionOver: Schema.Boolean,
    settings: Settings,
    target: Target,
    graphDigest: Schema.String,
    flakeDigest: Schema.String,
    /** Whether it continues even if its revision was rolled back before. */
    insisted: Schema.Boolean,
    generated: Schema.Boolean,
    /** When the approval took effect. */
    approvedAt: Schema.optionalKey(Instant),
    waiting: Schema.optionalKey(Waiting),
    /** Present if the glass was broken. */
    glass: Schema.optionalKey(Glass),
    /** All hosts of the waves. */
    planned: Schema.Array(Name),
    /** The address and port of each host in one text; absent in older snapshots. */
    machines: Schema.optionalKey(Schema.Record(Name, Schema.String)),
    /** The hosts of other graphs whose takeover was put to the vote. */
    takeOver: Schema.optionalKey(Schema.Array(ForeignHost)),
    /** In the order of their first report. */
    touched: Schema.Array(TouchedHost),
    rollback: Schema.optionalKey(Rollback),
    /** The number of rollback attempts. */
    rollbackAttempts: Schema.Int,
    requestedAt: Instant,
    /** The nodes whose data may be lost; absent for none. */
    acceptDataLoss: Schema.optionalKey(Schema.Array(Name)),
    /** The effects of the revision on data, as recorded for the vote. */
    data: Schema.optionalKey(Schema.Array(DataFate)),
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
  blocking: [],
  discussionOver: false,
  settings: event.data.settings,
  target: event.data.target,
  graphDigest: event.data.graphDigest,
  insisted: event.data.insisted !== undefined,
  flakeDigest: event.data.flakeDigest,
  generated: false,
  planned: hostsOf(event.data),
  machines: machinesOf(event.data),
  ...defined({ takeOver: event.data.takeOver }),
  touched: [],
  rollbackAttempts: 0,
  requestedAt: at,
  ...defined({ acceptDataLoss: event.data.acceptDataLoss, data: event.data.data }),
});

/** Returns the deployment after an accepted report. */
const withStep = (deployment: Deployment, { host, step, previous, closure }: HostStep): Deployment => {
  const isNew = deployment.touched.every((touched) => touched.host !== host);
  if (isNew)
    return previous === undefined
      ? deployment
      : { ...deployment, touched: [...deployment.touched, { host, step, previous, ...defined({ closure }) }] };
  return {
    ...deployment,
    touched: deployment.touched.map((touched) =>
      touched.host === host ? { ...touched, step, ...defined({ closure }) } : touched,
    ),
  };
};

const digestsOf = ({ graphDigest, flakeDigest }: Pick<Revision, "graphDigest" | "flakeDigest">) => ({
  graphDigest,
  flakeDigest,
});

/** Returns the deployment after an event. */
export const evolve = (
  deployment: DeploymentState,
  event: Event,
  { aggregateId, time }: EvolveContext,
): DeploymentState => {
  if (event.type === "deployment-requested") return requested(event, aggregateId, time);
  if (deployment === null) return deployment;
  const status = statusAfter(event.type) ?? deployment.status;
  switch (event.type) {
    case "review-recorded": {
      const { reviewer, findings } = event.data;
      const found = notedReview(reviewer, findings).blocking.map((one) => ({ reviewer, ...one }));
      return {
        ...deployment,
        reviewed: [...deployment.reviewed.filter((one) => one !== reviewer), reviewer],
        blocking: [...deployment.blocking.filter((one) => one.reviewer !== reviewer), ...found],
      };
    }
    case "discussion-ended":
      return { ...deployment, discussionOver: true };
    case "revision-amended": {
      const before = Struct.omit(deployment, ["data"]);
      const { data } = event.data;
      return {
        ...before,
        ...digestsOf(event.data),
        planned: hostsOf(event.data),
        machines: machinesOf(event.data),
        reviewed: [],
        blocking: [],
        ...defined({ data }),
      };
    }
    case "deployment-approved":
      return { ...deployment, status, approvedAt: time };
    case "glass-broken": {
      const { by, freezes } = event.data;
      const brokenBy = [...(deployment.glass?.brokenBy ?? []), by];
      return { ...deployment, glass: { brokenBy, ...digestsOf(event.data), freezes, review: "open" } };
    }
    case "glass-review-closed":
      return deployment.glass === undefined
        ? deployment
        : { ...deployment, glass: { ...deployment.glass, review: "closed" } };
    case "flake-generated":
      return { ...deployment, generated: true };
    case "activation-awaited":
      return { ...deployment, status, waiting: event.data };
    case "host-step-recorded":
      return withStep(deployment, event.data);
    case "rollback-started": {
      const { attempt } = event.data;
      const rollback = Struct.omit(event.data, ["hosts", "task", "attempt"]);
      return { ...deployment, status, rollback, rollbackAttempts: attempt };
    }
    default:
      return { ...deployment, status };
  }
};
