import type { Priority } from "./contract.ts";

/** A waiting task with the fields that decide its place. `submitted` is the position of its submission in the log. */
export interface Waiting {
  readonly id: string;
  readonly priority: Priority;
  readonly submitted: number;
}

const urgency: Readonly<Record<Priority, number>> = { critical: 0, high: 1, normal: 2, low: 3 };

/** Compares waiting tasks for sorting: by priority, then by age. A task that was given back keeps its age. */
export const inQueueOrder = (one: Waiting, other: Waiting): number =>
  urgency[one.priority] - urgency[other.priority] || one.submitted - other.submitted;
