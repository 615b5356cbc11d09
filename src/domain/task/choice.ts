import type { HashSet } from "effect";
import type { Strategy } from "./contract.ts";
import { type Candidate, type Need, obstacle } from "./eligibility.ts";
import type { Waiting } from "./queue-order.ts";

/** An agent as the allocator knows it. `holds` are its tasks, from the moment of the decision on. */
export interface Worker extends Candidate {
  readonly holds: HashSet.HashSet<string>;
  /** The number of its newest assignment, 0 before the first. It decides whose turn it is. */
  readonly turn: number;
}

/** An open task. `attempt` counts the decided assignments. */
export interface OpenTask extends Waiting, Need {
  readonly preferredCapabilities: ReadonlyArray<string>;
  readonly strategy: Strategy;
  readonly maxAttempts: number;
  readonly attempt: number;
  readonly hasDeadline: boolean;
  /** The agent that has it. */
  readonly agent?: string;
  /** The agents that lost it, once for each loss. Other agents are preferred. */
  readonly lostBy: ReadonlyArray<string>;
}

/** A criterion for comparing agents. The smaller number is better. */
type Criterion = (worker: Worker, task: OpenTask) => number;

const preferredBy: Criterion = (worker, task) =>
  task.preferredCapabilities.filter((capability) => worker.capabilities.includes(capability)).length;

const timesLost: Criterion = (worker, task) => task.lostBy.filter((id) => id === worker.id).length;
const mostPreferred: Criterion = (worker, task) => -preferredBy(worker, task);
const present: Criterion = (worker) => (worker.status === "online" ? 0 : 1);
/** The used share of its capacity, so that agents of different sizes fill up evenly. */
const leastLoaded: Criterion = (worker) => worker.load / worker.maxConcurrentTasks;
const longestWithout: Criterion = (worker) => worker.turn;

/** The criteria of each strategy, in order. In all of them, agents that lost the task or are away come last. */
const criteria: Readonly<Record<Strategy, ReadonlyArray<Criterion>>> = {
  "capability-match": [timesLost, mostPreferred, present, leastLoaded, longestWithout],
  "least-loaded": [timesLost, present, leastLoaded, longestWithout],
  "round-robin": [timesLost, present, longestWithout],
};

const isBetter = (one: Worker, other: Worker, task: OpenTask): boolean => {
  for (const criterion of criteria[task.strategy]) {
    const difference = criterion(one, task) - criterion(other, task);
    if (difference !== 0) return difference < 0;
  }
  return one.id < other.id;
};

/** Returns the best agent for a task, with reasons; undefined if no agent can take it. */
export const choose = (
  workers: Iterable<Worker>,
  task: OpenTask,
): { readonly worker: Worker; readonly reasons: ReadonlyArray<string> } | undefined => {
  let best: Worker | undefined;
  let candidates = 0;
  for (const worker of workers) {
    if (obstacle(worker, task) !== undefined) continue;
    candidates += 1;
    if (best === undefined || isBetter(worker, best, task)) best = worker;
  }
  return best === undefined ? undefined : { worker: best, reasons: reasonsFor(best, task, candidates) };
};

const reasonsFor = (worker: Worker, task: OpenTask, candidates: number): ReadonlyArray<string> => [
  ...(task.to === undefined ? [] : ["is asked for by name"]),
  `has every required capability (${task.requiredCapabilities.join(", ") || "none"})`,
  ...(task.preferredCapabilities.length === 0 || task.strategy !== "capability-match"
    ? []
    : [`has ${preferredBy(worker, task)} of ${task.preferredCapabilities.length} preferred capabilities`]),
  `holds ${worker.load} of at most ${worker.maxConcurrentTasks} tasks`,
  ...(task.lostBy.length === 0 ? [] : [`lost it ${timesLost(worker, task)} of ${task.lostBy.length} times`]),
  `${task.strategy === "round-robin" ? "next" : "best"} of ${candidates} who can take it`,
];
