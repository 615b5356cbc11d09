import type { TaskStatus } from "./state.ts";

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
