import { Schema, Struct } from "effect";
import { AggregateId, defined, type EvolveContext, Principal } from "../kernel/mod.ts";
import { Attempt, type TaskEvent } from "./contract.ts";

/** The status of a task. `submitted` means that it waits for an agent, also after an assignment expired. */
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
 * The state of a task; null before its submission. `attempt` counts its assignments, from 0. `children` are the tasks
 * that it waits for, and `delegated` counts all of them so far. `parent` and `chain` are the origin of a child.
 */
export const TaskState = Schema.NullOr(
  Schema.Struct({
    status: TaskStatus,
    /** The principal that submitted it; for a child, the agent that delegated it. */
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

/** The statuses in which an agent holds a task. */
export const heldStatuses: ReadonlyArray<TaskStatus> = ["assigned", "acknowledged", "in-progress"];

/**
 * Returns whether an agent holds the task. It then counts for the agent's `maxConcurrentTasks`, and only that agent may
 * continue it.
 */
export const isHeld = (status: TaskStatus): boolean => heldStatuses.includes(status);

/** Returns whether the task has ended. */
export const isOver = (status: TaskStatus): boolean => !isHeld(status) && status !== "submitted";

/** The statuses in which the assigned agent may give each of its commands. */
export const allowedFrom = {
  acknowledge: ["assigned"],
  start: ["acknowledged"],
  "report-progress": ["in-progress"],
  delegate: ["in-progress"],
  complete: ["in-progress"],
  fail: heldStatuses,
} satisfies Record<string, ReadonlyArray<TaskStatus>>;

/** Returns a task that waits for an agent again. The children of an attempt end with it. */
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
