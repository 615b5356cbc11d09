import type { Priority } from "./contract.ts";

/** A task that waits for an agent, and what its place is by. `submitted` is the log's position of its submission. */
export interface Waiting {
  readonly id: string;
  readonly priority: Priority;
  readonly submitted: number;
}

const urgency: Readonly<Record<Priority, number>> = { critical: 0, high: 1, normal: 2, low: 3 };

/** By priority, and within one by age: a comparison for sorting. A task that was given back keeps its age. */
export const inQueueOrder = (one: Waiting, other: Waiting): number =>
  urgency[one.priority] - urgency[other.priority] || one.submitted - other.submitted;
