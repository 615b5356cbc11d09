import { deployment } from "../../../domain/deployment/decider.ts";
import { addSeconds } from "../../../domain/kernel/mod.ts";
import { task } from "../../../domain/task/decider.ts";
import type { Action } from "../../action.ts";
import { cancelTimer, give, schedule } from "../actions.ts";
import type { Course } from "./state.ts";
import { hostsToRevert, submitRollback } from "./tasks.ts";

export const rollbackTimer = (id: string, attempt: number): string => `${id}-rollback-${attempt}-timeout`;

/** Rolling back may take at least so long, however short the deployment was meant to be. */
const minimalRollbackSeconds = 300;

/** Puts the touched hosts back; called once no deployer or monitor is at work any more. */
export const rollBack = (course: Course): ReadonlyArray<Action> => {
  if (course.rollback === undefined) return [];
  const { attempt, task: taskId } = course.rollback;
  return hostsToRevert(course).length === 0
    ? [
        cancelTimer(rollbackTimer(course.id, attempt)),
        give(deployment, course.id, { type: "finish-rollback", payload: { attempt, restored: [] } }),
      ]
    : [submitRollback(course, taskId)];
};

/** Lets nobody else work on the hosts any more, and puts them back. */
export const beginRollback = (course: Course, at: string, attempt: number): ReadonlyArray<Action> => [
  schedule(
    rollbackTimer(course.id, attempt),
    addSeconds(at, Math.max(minimalRollbackSeconds, course.settings.timeoutSeconds)),
    deployment,
    course.id,
    { type: "finish-rollback", payload: { attempt, restored: [] } },
  ),
  // Its last reports may still be on their way: what it has touched is known when the task is over.
  ...(course.running === undefined
    ? rollBack(course)
    : [give(task, course.running, { type: "cancel", payload: { reason: "the deployment is rolled back" } })]),
];
