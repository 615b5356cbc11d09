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

/** A rollback gets at least this time, however short the deployment was meant to be. */
const minimalRollbackSeconds = 300;

const attemptOf = ({ rollback }: Course): number => rollback?.attempt ?? 0;

export const rollback: Timer = {
  text: `\`timeoutSeconds\` after it, at least ${minimalRollbackSeconds} s`,
  gives: "finish-rollback",
  id: (course) => `${course.id}-rollback-${attemptOf(course)}-timeout`,
  at: ({ course, event }) => addSeconds(event.time, Math.max(minimalRollbackSeconds, course.settings.timeoutSeconds)),
  command: (course) => ({ type: "finish-rollback", payload: { attempt: attemptOf(course), restored: [] } }),
};

/** Puts the touched hosts back. No deployer or monitor may be at work any more. */
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
          // Then another attempt can be asked for at once.
          otherwise: give(deployment, course.id, { type: "finish-rollback", payload: { attempt, restored: [] } }),
        },
      ];
};

const cancelRunning = ({ running }: Course, reason: string): ReadonlyArray<Action> =>
  running === undefined ? [] : [give(task, running, { type: "cancel", payload: { reason } })];

/** The last reports of a task may still be on their way: what it has touched is known once the task is over. */
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

/** Its own task ends the rollback. When another one ends, which was cancelled for it, the hosts can be put back. */
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

/** A host that a rollback did not reach should be put back all the same when it is there again. */
export const tellUnrestored = does("tells the hosts that were not put back", ({ course }) =>
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
