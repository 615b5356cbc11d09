import { HashMap, Option } from "effect";
import type { PresenceStatus } from "../../../domain/agent/contract.ts";
import type { Priority } from "../../../domain/task/contract.ts";

/** What the allocator knows of an agent. `holds` are the tasks it was given, from the moment that was decided. */
export interface Worker {
  readonly id: string;
  readonly registered: boolean;
  readonly status: PresenceStatus;
  readonly capabilities: ReadonlyArray<string>;
  readonly maxConcurrentTasks: number;
  readonly holds: ReadonlyArray<string>;
}

/** A task that is not over. `attempt` counts the assignments that were decided. */
export interface OpenTask {
  readonly id: string;
  readonly priority: Priority;
  /** Position in the log of its submission: its age. */
  readonly submitted: number;
  readonly requiredCapabilities: ReadonlyArray<string>;
  readonly preferredCapabilities: ReadonlyArray<string>;
  readonly maxAttempts: number;
  readonly attempt: number;
  /** Who has it. */
  readonly agent?: string;
  /** Who lost it last: others are asked first. */
  readonly lostBy?: string;
}

/** An assignment that was just decided. */
export interface Assignment {
  readonly task: string;
  readonly attempt: number;
  readonly agent: string;
  readonly reasons: ReadonlyArray<string>;
}

export interface AllocationState {
  readonly workers: HashMap.HashMap<string, Worker>;
  readonly tasks: HashMap.HashMap<string, OpenTask>;
  /** The tasks that wait for an agent, the next one first. */
  readonly queue: ReadonlyArray<string>;
  /** What was decided because of the newest event. */
  readonly decided: ReadonlyArray<Assignment>;
}

export const nothingYet: AllocationState = {
  workers: HashMap.empty(),
  tasks: HashMap.empty(),
  queue: [],
  decided: [],
};

export const workerOf = (state: AllocationState, id: string): Worker | undefined =>
  Option.getOrUndefined(HashMap.get(state.workers, id));

export const taskOf = (state: AllocationState, id: string): OpenTask | undefined =>
  Option.getOrUndefined(HashMap.get(state.tasks, id));

export const withWorker = (state: AllocationState, worker: Worker): AllocationState => ({
  ...state,
  workers: HashMap.set(state.workers, worker.id, worker),
});

export const withTask = (state: AllocationState, task: OpenTask): AllocationState => ({
  ...state,
  tasks: HashMap.set(state.tasks, task.id, task),
});

const without = (ids: ReadonlyArray<string>, id: string): ReadonlyArray<string> => ids.filter((one) => one !== id);

/** The state in which an agent holds a task; it counts for the agent from now on. */
export const hold = (state: AllocationState, task: OpenTask, agent: string): AllocationState => {
  const worker = workerOf(state, agent);
  const held = withTask({ ...state, queue: without(state.queue, task.id) }, { ...task, agent });
  return worker === undefined || worker.holds.includes(task.id)
    ? held
    : withWorker(held, { ...worker, holds: [...worker.holds, task.id] });
};

const withoutAgent = ({ agent: _, ...task }: OpenTask): OpenTask => task;

/** The state in which nobody holds the task. */
export const release = (state: AllocationState, task: OpenTask): AllocationState => {
  const worker = task.agent === undefined ? undefined : workerOf(state, task.agent);
  const released = withTask(state, withoutAgent(task));
  return worker === undefined ? released : withWorker(released, { ...worker, holds: without(worker.holds, task.id) });
};

/** The state without a task that is over. */
export const drop = (state: AllocationState, task: OpenTask): AllocationState => {
  const released = release(state, task);
  return {
    ...released,
    tasks: HashMap.remove(released.tasks, task.id),
    queue: state.queue.includes(task.id) ? without(state.queue, task.id) : state.queue,
  };
};

const urgency: Readonly<Record<Priority, number>> = { critical: 0, high: 1, normal: 2, low: 3 };

const comesBefore = (one: OpenTask, other: OpenTask): boolean =>
  urgency[one.priority] - urgency[other.priority] < 0 ||
  (one.priority === other.priority && one.submitted < other.submitted);

/** The state in which a task waits: behind those of higher priority, and behind older ones of its own. */
export const enqueue = (state: AllocationState, task: OpenTask): AllocationState => {
  let low = 0;
  let high = state.queue.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = taskOf(state, state.queue[middle] ?? "");
    if (other !== undefined && comesBefore(task, other)) high = middle;
    else low = middle + 1;
  }
  return { ...state, queue: state.queue.toSpliced(low, 0, task.id) };
};
