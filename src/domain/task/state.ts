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

/**
 * A task that was submitted; null before. `attempt` counts its assignments, 0 before the first. `children` are those that
 * it waits for, `delegated` counts all it ever had; `parent` and `chain` are where a child comes from.
 */
export const TaskState = Schema.NullOr(
  Schema.Struct({
    status: TaskStatus,
    agent: Schema.optionalKey(AggregateId),
    attempt: Schema.Int,
    maxAttempts: Attempt,
    acknowledgeWithinSeconds: Schema.Finite,
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
