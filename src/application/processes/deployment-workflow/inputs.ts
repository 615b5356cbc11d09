import { pinTaskOf } from "../../../domain/deployment/compensation.ts";
import { task } from "../../../domain/task/decider.ts";
import { give, submitTask } from "../actions.ts";
import { does, type EventAt, fail, operation, type Step } from "./step.ts";
import { pinnedOf, pinWork } from "./work.ts";

// These steps resolve the inputs of a flake when a graph is first deployed to real hosts. A deployer resolves them,
// because the backend does not need nix. The pins become a version of the graph before the review. So reviewers and
// voters see them, and the next deployment reuses them.

export const askForPins = does(
  "task `pin` for a deployer, and nothing else, if inputs of the graph are not pinned",
  ({ course }) =>
    course.toPin === undefined
      ? []
      : [
          {
            ...submitTask(pinTaskOf(course.id), pinWork(course, course.toPin)),
            otherwise: fail(course, { reason: "task-not-submitted", detail: "its inputs could not be pinned" }),
          },
        ],
  ["fail"],
);

/** Returns the steps. They do nothing while inputs wait to be pinned. */
export const oncePinned = (...steps: ReadonlyArray<Step>): ReadonlyArray<Step> =>
  steps.map((step) => ({ ...step, run: (moment) => (moment.course.toPin === undefined ? step.run(moment) : []) }));

export const pin: Step<EventAt<"task.task-completed">> = does(
  "pins the inputs in the name of the requester: `amend`; `fail` if that cannot be done",
  ({ course, event }) => {
    const { toPin, requestedBy, execution } = course;
    if (toPin === undefined) return [];
    const { hosts = null } = execution;
    const result = event.data.result ?? null;
    return [operation("pin", { ...pinnedOf(course), toPin, result, requestedBy, hosts })];
  },
  ["amend", "fail"],
);

export const cancelPinning = does("cancels the task `pin`", ({ course }) =>
  course.running === pinTaskOf(course.id)
    ? [give(task, course.running, { type: "cancel", payload: { reason: "the deployment is over" } })]
    : [],
);
