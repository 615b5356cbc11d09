import type { OpenTask, Worker } from "./state.ts";

/** The strategy that assignments name. */
export const strategy = "capability-match";

/** Whether an agent can take a task now: it is there, has every capability that is required, and has room. */
export const canTake = (worker: Worker, task: OpenTask): boolean =>
  worker.registered &&
  worker.status !== "offline" &&
  worker.holds.length < worker.maxConcurrentTasks &&
  task.requiredCapabilities.every((capability) => worker.capabilities.includes(capability));

const preferredBy = (worker: Worker, task: OpenTask): number =>
  task.preferredCapabilities.filter((capability) => worker.capabilities.includes(capability)).length;

/** Criteria in order; the smaller number is better. */
const criteria: ReadonlyArray<(worker: Worker, task: OpenTask) => number> = [
  (worker, task) => (worker.id === task.lostBy ? 1 : 0),
  (worker, task) => -preferredBy(worker, task),
  (worker) => (worker.status === "online" ? 0 : 1),
  (worker) => worker.holds.length,
];

const isBetter = (one: Worker, other: Worker, task: OpenTask): boolean => {
  for (const criterion of criteria) {
    const difference = criterion(one, task) - criterion(other, task);
    if (difference !== 0) return difference < 0;
  }
  return one.id < other.id;
};

/** The best agent for a task, and why; nobody where none can take it. */
export const choose = (
  workers: Iterable<Worker>,
  task: OpenTask,
): { readonly worker: Worker; readonly reasons: ReadonlyArray<string> } | undefined => {
  let best: Worker | undefined;
  let candidates = 0;
  for (const worker of workers) {
    if (!canTake(worker, task)) continue;
    candidates += 1;
    if (best === undefined || isBetter(worker, best, task)) best = worker;
  }
  return best === undefined ? undefined : { worker: best, reasons: reasonsFor(best, task, candidates) };
};

const reasonsFor = (worker: Worker, task: OpenTask, candidates: number): ReadonlyArray<string> => [
  `has every required capability (${task.requiredCapabilities.join(", ") || "none"})`,
  ...(task.preferredCapabilities.length === 0
    ? []
    : [`has ${preferredBy(worker, task)} of ${task.preferredCapabilities.length} preferred capabilities`]),
  `holds ${worker.holds.length} of at most ${worker.maxConcurrentTasks} tasks`,
  `best of ${candidates} who can take it`,
];
