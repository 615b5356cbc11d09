import type { EventOf } from "../kernel/mod.ts";
import type { DeploymentStatus, deploymentEvents } from "./contract.ts";

type EventType = EventOf<typeof deploymentEvents>["type"];

/** The events that lead to another state, and that state; all others leave a deployment in the state it has. */
const leadsTo: { readonly [K in EventType]?: DeploymentStatus } = {
  "deployment-requested": "requested",
  "discussion-started": "discussing",
  "voting-started": "voting",
  "deployment-approved": "generating",
  "deployment-rejected": "rejected",
  "activation-awaited": "waiting",
  "deploying-started": "deploying",
  "monitoring-started": "monitoring",
  "deployment-succeeded": "succeeded",
  "rollback-started": "rolling-back",
  "deployment-rolled-back": "rolled-back",
  "rollback-incomplete": "rollback-incomplete",
  "deployment-failed": "failed",
  "deployment-cancelled": "cancelled",
};

/** The state that an event leads to; undefined if it leads to none. */
export const statusAfter = (event: EventType): DeploymentStatus | undefined => leadsTo[event];

const before: ReadonlyArray<DeploymentStatus> = ["requested", "discussing", "voting", "generating", "waiting"];

/** Whether no deployer has been asked yet, so that certainly no host is touched. */
export const isBeforeDeploying = (status: DeploymentStatus): boolean => before.includes(status);

const ends: ReadonlyArray<DeploymentStatus> = [
  "succeeded",
  "rejected",
  "failed",
  "cancelled",
  "rolled-back",
  "rollback-incomplete",
];

/** Whether a deployment is over: only `roll-back` leads out of some of these states. */
export const isOver = (status: DeploymentStatus): boolean => ends.includes(status);

/** From which states each command leads on. */
export const allowedFrom = {
  "break-glass": [...before, "deploying"],
  "begin-discussion": ["requested"],
  review: ["requested", "discussing", "voting"],
  "end-discussion": ["discussing"],
  "begin-voting": ["discussing"],
  "record-decision": ["voting"],
  amend: ["requested", "voting"],
  "record-generated": ["generating"],
  "begin-deploying": ["generating", "waiting"],
  "record-step": ["deploying", "rolling-back"],
  "finish-deploying": ["deploying"],
  "finish-monitoring": ["monitoring"],
  fail: [...before, "deploying", "monitoring"],
  "time-out": [...before, "deploying", "monitoring"],
  cancel: [...before, "deploying", "monitoring"],
  "roll-back": ["deploying", "monitoring", "succeeded", "rollback-incomplete"],
  "finish-rollback": ["rolling-back"],
  "close-review": [...before, "deploying", "monitoring", "rolling-back", ...ends],
} as const satisfies Record<string, ReadonlyArray<DeploymentStatus>>;
