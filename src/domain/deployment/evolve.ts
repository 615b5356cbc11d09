import type { EventOf, EvolveContext } from "../kernel/mod.ts";
import type { deploymentEvents } from "./contract.ts";
import { withStep } from "./reports.ts";
import { hostsOf } from "./request.ts";
import type { Deployment, DeploymentState } from "./state.ts";

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
