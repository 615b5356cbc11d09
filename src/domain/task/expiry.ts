import type { ExpiryReason } from "./contract.ts";
import { isHeld } from "./lifecycle.ts";
import type { Task } from "./state.ts";

/**
 * Whether an assignment can still expire: it must be the present one, and an agent that has acknowledged loses the task
 * only by going offline. Timers and presence may speak of an assignment that is over.
 */
export const mayExpire = (
  task: Task,
  { agent, attempt, reason }: { readonly agent: string; readonly attempt: number; readonly reason: ExpiryReason },
): boolean =>
  task.agent === agent &&
  task.attempt === attempt &&
  (reason === "unacknowledged" ? task.status === "assigned" : isHeld(task.status));

/** Whether the present assignment was the last one that the task allows. */
export const isLastAttempt = (task: Task): boolean => task.attempt >= task.maxAttempts;
