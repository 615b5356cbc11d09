import { Option, Schema } from "effect";
import { deployment } from "../../../domain/deployment/decider.ts";
import { host } from "../../../domain/host/decider.ts";
import { addSeconds } from "../../../domain/kernel/mod.ts";
import { task } from "../../../domain/task/decider.ts";
import type { Action } from "../../action.ts";
import { cancelTimer, give, submitTask } from "../actions.ts";
import { type Course, notReverted } from "./state.ts";
import { does, type EventAt, type Step, type Timer } from "./step.ts";
import { formerIds } from "./steps.ts";
import { hostsToRevert, rollbackWork } from "./work.ts";

/** The minimum time for a rollback, however short the deployment's own time limit is. */
const minimalRollbackSeconds = 300;

const attemptOf = ({ rollback }: Course): number => rollback?.attempt ?? 0;

export const rollback: Timer = {
  text: `\`timeoutSeconds\` after it, at least ${minimalRollbackSeconds} s`,
  gives: "finish-rollback",
  id: (course) => `${course.id}-rollback-${attemptOf(course)}-timeout`,
  at: ({ course, event }) => addSeconds(event.time, Math.max(minimalRollbackSeconds, course.settings.timeoutSeconds)),
  command: (course) => ({ type: "finish-rollback", payload: { attempt: attemptOf(course), restored: [] } }),
};

/** Puts the touched hosts back. No deployer or monitor may still be at work. */
const putBack = (course: Course): ReadonlyArray<Action> => {
  if (course.rollback === undefined) return [];
  const { attempt, task: taskId } = course.rollback;
  return hostsToRevert(course).length === 0
    ? [
        cancelTimer(rollback.id(course)),
        give(deployment, course.id, { type: "finish-rollback", payload: { attempt, restored: [] } }),
      ]
    : [
        {
          ...submitTask(taskId, rollbackWork(course)),
          // If the submission fails, the rollback ends, so that another attempt can be requested at once.
          otherwise: give(deployment, course.id, { type: "finish-rollback", payload: { attempt, restored: [] } }),
        },
      ];
};

const cancelRunning = ({ running }: Course, reason: string): ReadonlyArray<Action> =>
  running === undefined ? [] : [give(task, running, { type: "cancel", payload: { reason } })];

/**
 * Starts the way back. The last reports of a running task may still be in transit, so the task is cancelled first. Only
 * its end fixes the list of touched hosts. Without this wait, a host that was touched last would keep the failed
 * system.
 */
export const cancelTaskOrPutBack = does(
  "cancels the task under way, or puts the touched hosts back: task `roll-back`; `finish-rollback` if there are none",
  ({ course }) =>
    course.running === undefined ? putBack(course) : cancelRunning(course, "the deployment is rolled back"),
  ["finish-rollback"],
);

const RollbackResult = Schema.Struct({ reverted: Schema.Array(Schema.String) });
const decodeRollbackResult = Schema.decodeUnknownOption(RollbackResult);

type TaskEnd = EventAt<"task.task-completed"> | EventAt<"task.task-failed"> | EventAt<"task.task-cancelled">;

const restoredBy = (event: TaskEnd): ReadonlyArray<string> =>
  event.type === "task-completed"
    ? (Option.getOrUndefined(decodeRollbackResult(event.data.result))?.reverted ?? [])
    : [];

/**
 * Ends the rollback after its own task. After any other task, which was cancelled for the rollback, the hosts are put
 * back.
 */
export const finishRollback: Step<TaskEnd> = does(
  "`finish-rollback` after task `roll-back`; after any other, task `roll-back`",
  ({ course, event }) => {
    if (event.id !== course.rollback?.task) return putBack(course);
    const known = new Set(course.touched.map((one) => one.host));
    const restored = restoredBy(event).filter((one) => known.has(one));
    return [
      cancelTimer(rollback.id(course)),
      give(deployment, course.id, { type: "finish-rollback", payload: { attempt: course.rollback.attempt, restored } }),
    ];
  },
  ["finish-rollback"],
);

/** Hosts that the rollback did not reach are to be put back when they answer again. */
export const tellUnrestored = does("informs the hosts that were not put back", ({ course }) =>
  course.touched
    .filter(notReverted)
    .flatMap(({ host: name, previous }) => [name, ...formerIds(course, name)].map((id) => ({ name: id, previous })))
    .map(({ name, previous }) =>
      give(
        host,
        name,
        { type: "record-unrestored", payload: { deployment: course.id, closure: previous } },
        `${name}.record-unrestored`,
      ),
    ),
);

export const cancelTask = does("cancels the task under way", ({ course }) => cancelRunning(course, "it took too long"));
