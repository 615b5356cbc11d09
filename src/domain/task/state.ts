import { Schema } from "effect";
import { AggregateId } from "../kernel/mod.ts";
import { Attempt } from "./contract.ts";

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

/** A task that was submitted; null before. `attempt` counts its assignments, 0 before the first. */
export const TaskState = Schema.NullOr(
  Schema.Struct({
    status: TaskStatus,
    agent: Schema.optionalKey(AggregateId),
    attempt: Schema.Int,
    maxAttempts: Attempt,
    acknowledgeWithinSeconds: Schema.Finite,
  }),
);
export type TaskState = typeof TaskState.Type;
/** A task that exists. */
export type Task = NonNullable<TaskState>;
