import { Option, Schema } from "effect";
import { deployTaskOf, monitorTaskOf } from "../../../domain/deployment/compensation.ts";
import { deployment } from "../../../domain/deployment/decider.ts";
import { HostStep } from "../../../domain/deployment/steps.ts";
import type { RecordedEventOf } from "../../../domain/kernel/mod.ts";
import type { task } from "../../../domain/task/decider.ts";
import type { Action } from "../../action.ts";
import { cancelTimer, give } from "../actions.ts";
import { type FailurePlace, fail } from "./fail.ts";
import { rollBack, rollbackTimer } from "./rollback.ts";
import { type Course, courseOfTask, hostStepIn, type WorkflowState } from "./state.ts";

const FailureData = Schema.Struct({
  host: Schema.optionalKey(Schema.String),
  step: Schema.optionalKey(Schema.String),
  node: Schema.optionalKey(Schema.String),
  detail: Schema.optionalKey(Schema.String),
});
const decodeFailurePlace = Schema.decodeUnknownOption(
  HostStep.mapFields(({ host, step, log }) => ({
    host: Schema.optionalKey(host),
    step: Schema.optionalKey(step),
    log,
  })),
);
const decodeFailureData = Schema.decodeUnknownOption(FailureData);

/** What an agent said about its failure, in one line. */
const failureDetail = (data: unknown): string | undefined => {
  const told = Option.getOrUndefined(decodeFailureData(data));
  if (told === undefined) return undefined;
  const { host, node, step, detail } = told;
  const where = [host && `host ${host}`, node && `node ${node}`, step && `step ${step}`].filter(Boolean).join(", ");
  const line = [where, detail].filter((part) => part !== undefined && part !== "").join(": ");
  return line === "" ? undefined : line;
};

const failurePlace = (data: unknown): FailurePlace => Option.getOrElse(decodeFailurePlace(data), () => ({}));

const RollbackResult = Schema.Struct({ reverted: Schema.Array(Schema.String) });
const decodeRollbackResult = Schema.decodeUnknownOption(RollbackResult);

const finishRollback = (course: Course, attempt: number, result: unknown): Action => {
  const reverted = Option.getOrUndefined(decodeRollbackResult(result))?.reverted ?? [];
  const known = new Set(course.touched.map((one) => one.host));
  return give(deployment, course.id, {
    type: "finish-rollback",
    payload: { attempt, restored: reverted.filter((one) => known.has(one)) },
  });
};

type TaskEnd = RecordedEventOf<typeof task.events> & { type: "task-completed" | "task-failed" | "task-cancelled" };

/** A task that ended when the deployment was being rolled back already: the hosts can be put back now. */
const onTaskEnd = (course: Course, event: TaskEnd): ReadonlyArray<Action> => {
  const { id, rollback } = course;
  if (event.id === rollback?.task)
    return [
      cancelTimer(rollbackTimer(id, rollback.attempt)),
      finishRollback(course, rollback.attempt, event.type === "task-completed" ? event.data.result : undefined),
    ];
  if (rollback !== undefined) return course.underWay ? rollBack(course) : [];
  switch (event.type) {
    case "task-completed":
      return [
        event.id === deployTaskOf(id)
          ? give(deployment, id, { type: "finish-deploying", payload: { task: monitorTaskOf(id) } })
          : give(deployment, id, { type: "finish-monitoring", payload: {} }),
      ];
    case "task-failed":
      return [fail(id, event.data.reason, failureDetail(event.data.data), failurePlace(event.data.data))];
    case "task-cancelled":
      return [fail(id, "task-cancelled", `task ${event.id} was cancelled by ${event.data.by}`)];
  }
};

/** What the agents at work report, and how their tasks end. */
export const onTask = (state: WorkflowState, event: RecordedEventOf<typeof task.events>): ReadonlyArray<Action> => {
  const course = courseOfTask(state, event.id);
  if (course === undefined) return [];
  switch (event.type) {
    case "progress-reported": {
      const report = hostStepIn(event.data.data);
      return report === undefined ? [] : [give(deployment, course.id, { type: "record-step", payload: report })];
    }
    case "task-completed":
    case "task-failed":
    case "task-cancelled":
      return onTaskEnd(course, event);
    default:
      return [];
  }
};
