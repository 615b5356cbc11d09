import { Schema, Struct } from "effect";
import { AggregateId, defined, type EvolveContext, Principal } from "../kernel/mod.ts";
import { Attempt, type TaskEvent } from "./contract.ts";

/** Where a task stands. `submitted` waits for an agent, also after an assignment expired. */
export const TaskStatus = Schema.Literals([
  "submitted",
  "assigned",
  "acknowledged",
  "in-progress",
  "completed",
  "failed",
  "cancelled",
]);
export type TaskStatus = typeof TaskStatus.Type;

/**
 * A task that was submitted; null before. `attempt` counts its assignments, 0 before the first. `children` are those
 * that it waits for, `delegated` counts all it ever had; `parent` and `chain` are where a child comes from.
 */
export const TaskState = Schema.NullOr(
  Schema.Struct({
    status: TaskStatus,
    /** Who asked for it; of a child the agent that delegated it. */
    submitter: Principal,
    agent: Schema.optionalKey(AggregateId),
    attempt: Schema.Int,
    maxAttempts: Attempt,
    acknowledgeWithinSeconds: Schema.Finite,
    startWithinSeconds: Schema.optionalKey(Schema.Finite),
    to: Schema.optionalKey(AggregateId),
    parent: Schema.optionalKey(AggregateId),
    chain: Schema.Array(AggregateId),
    children: Schema.Array(AggregateId),
    delegated: Schema.Int,
  }),
);
export type TaskState = typeof TaskState.Type;
/** A task that exists. */
export type Task = NonNullable<TaskState>;

/** The states in which an agent holds a task. */
export const heldStatuses: ReadonlyArray<TaskStatus> = ["assigned", "acknowledged", "in-progress"];

/** Whether an agent holds the task: it counts for the agent's `maxConcurrentTasks`, and only that agent may go on. */
export const isHeld = (status: TaskStatus): boolean => heldStatuses.includes(status);

/** Whether the task is over. */
export const isOver = (status: TaskStatus): boolean => !isHeld(status) && status !== "submitted";

/** From which states the assigned agent may give each of its commands. */
export const allowedFrom = {
  acknowledge: ["assigned"],
  start: ["acknowledged"],
  "report-progress": ["in-progress"],
  delegate: ["in-progress"],
  complete: ["in-progress"],
  fail: heldStatuses,
} satisfies Record<string, ReadonlyArray<TaskStatus>>;

/** A task that waits for an agent again. The children of an attempt end with it. */
const givenBack = (task: Task): Task => ({ ...Struct.omit(task, ["agent"]), status: "submitted", children: [] });

/** Returns the task after an event. */
export const evolve = (task: TaskState, event: TaskEvent, { actor }: Pick<EvolveContext, "actor">): TaskState => {
  if (event.type === "task-submitted") {
    const { maxAttempts, acknowledgeWithinSeconds, startWithinSeconds, to, parent, chain = [] } = event.data;
    return defined({
      status: "submitted",
      submitter: chain.at(-1) ?? actor,
      attempt: 0,
      maxAttempts,
      acknowledgeWithinSeconds,
      startWithinSeconds,
      to,
      parent,
      chain,
      children: [],
      delegated: 0,
    });
  }
  if (task === null) return task;
  switch (event.type) {
    case "task-assigned":
      return { ...task, status: "assigned", agent: event.data.agent, attempt: event.data.attempt };
    case "task-acknowledged":
      return { ...task, status: "acknowledged" };
    case "task-started":
      return { ...task, status: "in-progress" };
    case "progress-reported":
      return task;
    case "task-delegated":
      return {
        ...task,
        children: [...task.children, ...event.data.tasks.map(({ id }) => id)],
        delegated: task.delegated + event.data.tasks.length,
      };
    case "child-ended":
      return { ...task, children: task.children.filter((id) => id !== event.data.child) };
    case "task-completed":
      return { ...task, status: "completed" };
    case "task-failed":
      return { ...task, status: "failed", children: [] };
    case "assignment-expired":
    case "attempt-failed":
      return givenBack(task);
    case "task-cancelled":
      return { ...task, status: "cancelled", children: [] };
  }
};
