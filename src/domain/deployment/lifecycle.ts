import type { EventOf } from "../kernel/mod.ts";
import type { DeploymentStatus, deploymentEvents } from "./contract.ts";

type EventType = EventOf<typeof deploymentEvents>["type"];

/** The events that change the status, and the new status. All other events leave it unchanged. */
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

/** Returns the status after an event; undefined if the event does not change it. */
export const statusAfter = (event: EventType): DeploymentStatus | undefined => leadsTo[event];

const before: ReadonlyArray<DeploymentStatus> = ["requested", "discussing", "voting", "generating", "waiting"];

/** Returns whether no deployer has been asked yet. Then certainly no host was touched. */
export const isBeforeDeploying = (status: DeploymentStatus): boolean => before.includes(status);

const ends: ReadonlyArray<DeploymentStatus> = [
  "succeeded",
  "rejected",
  "failed",
  "cancelled",
  "rolled-back",
  "rollback-incomplete",
];

/** Returns whether a deployment is over. From some of these states, `roll-back` can still leave. */
export const isOver = (status: DeploymentStatus): boolean => ends.includes(status);

/** The states in which each command is allowed. */
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
