import { HashMap, HashSet, Option, Struct } from "effect";
import type { Ability } from "../agent/capability.ts";
import { defined } from "../kernel/mod.ts";
import { choose, type OpenTask, type Worker } from "./choice.ts";
import type { Strategy } from "./contract.ts";
import { obstacle, usesOf } from "./eligibility.ts";
import { dequeue, enqueue, nextOf, nobodyWaits, type TaskQueue } from "./queue.ts";

/** A newly decided assignment. */
export interface Assignment {
  readonly task: string;
  readonly attempt: number;
  readonly agent: string;
  readonly strategy: Strategy;
  readonly reasons: ReadonlyArray<string>;
}

export interface AllocationState {
  readonly workers: HashMap.HashMap<string, Worker>;
  readonly tasks: HashMap.HashMap<string, OpenTask>;
  readonly queue: TaskQueue;
  /** The number of assignments so far. */
  readonly turns: number;
  /** The decisions after the newest event. */
  readonly decided: ReadonlyArray<Assignment>;
  /** The task that ended with the newest event. */
  readonly ended?: OpenTask;
}

export const nothingYet: AllocationState = {
  workers: HashMap.empty(),
  tasks: HashMap.empty(),
  queue: nobodyWaits,
  turns: 0,
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

const withTask = (state: AllocationState, task: OpenTask): AllocationState => ({
  ...state,
  tasks: HashMap.set(state.tasks, task.id, task),
});

/** Tasks held per capability. Computed only for agents with limits, because it scans their tasks. */
const usesBy = (state: AllocationState, { capabilityDetails }: Worker, holds: HashSet.HashSet<string>) =>
  capabilityDetails === undefined ? {} : usesOf([...holds].flatMap((id) => taskOf(state, id) ?? []));

const holding = (state: AllocationState, worker: Worker, holds: HashSet.HashSet<string>): Worker => ({
  ...worker,
  holds,
  load: HashSet.size(holds),
  uses: usesBy(state, worker, holds),
});

/** Returns the state after an agent's abilities changed. */
export const withAbility = (
  state: AllocationState,
  worker: Worker,
  { capabilities, capabilityDetails, maxConcurrentTasks }: Ability & Pick<Worker, "maxConcurrentTasks">,
): AllocationState => {
  const able = {
    ...Struct.omit(worker, ["capabilityDetails"]),
    capabilities,
    maxConcurrentTasks,
    ...defined({ capabilityDetails }),
  };
  return withWorker(state, holding(state, able, worker.holds));
};

/** Returns the state in which an agent holds a task. The task counts against its capacity from now on. */
export const hold = (state: AllocationState, task: OpenTask, agent: string): AllocationState => {
  const worker = workerOf(state, agent);
  const held = withTask({ ...state, queue: dequeue(state.queue, task) }, { ...task, agent });
  if (worker === undefined || HashSet.has(worker.holds, task.id)) return held;
  const turn = state.turns + 1;
  return withWorker({ ...held, turns: turn }, { ...holding(held, worker, HashSet.add(worker.holds, task.id)), turn });
};

const withoutAgent = ({ agent: _, ...task }: OpenTask): OpenTask => task;

/** Returns the state in which no agent holds the task. */
export const release = (state: AllocationState, task: OpenTask): AllocationState => {
  const worker = task.agent === undefined ? undefined : workerOf(state, task.agent);
  const released = withTask(state, withoutAgent(task));
  return worker === undefined
    ? released
    : withWorker(released, holding(released, worker, HashSet.remove(worker.holds, task.id)));
};

/** Returns the state in which a task without an agent waits. */
export const wait = (state: AllocationState, task: OpenTask): AllocationState => ({
  ...withTask(state, withoutAgent(task)),
  queue: enqueue(state.queue, task),
});

/** Returns the state without an ended task. */
export const drop = (state: AllocationState, task: OpenTask): AllocationState => {
  const released = release(state, task);
  return {
    ...released,
    tasks: HashMap.remove(released.tasks, task.id),
    queue: dequeue(state.queue, task),
    ended: task,
  };
};

/** Assigns a task to an agent. */
const assign = (state: AllocationState, open: OpenTask, agentId: string, reasons: ReadonlyArray<string>) => {
  const attempt = open.attempt + 1;
  const { id, strategy } = open;
  const held = hold(state, { ...open, attempt }, agentId);
  return { ...held, decided: [...held.decided, { task: id, attempt, agent: agentId, strategy, reasons }] };
};

/** Assigns a task to the best agent with free capacity, or lets it wait. */
export const place = (state: AllocationState, open: OpenTask): AllocationState => {
  const choice = choose(HashMap.values(state.workers), open);
  return choice === undefined ? wait(state, open) : assign(state, open, choice.worker.id, choice.reasons);
};

/** Gives an agent with possible free capacity the waiting tasks that it can take. */
export const employ = (state: AllocationState, agentId: string): AllocationState => {
  for (let next = state; ; ) {
    const worker = workerOf(next, agentId);
    if (worker === undefined || worker.load >= worker.maxConcurrentTasks) return next;
    const open = taskOf(next, nextOf(next.queue, (need) => obstacle(worker, need) === undefined) ?? "");
    if (open === undefined) return next;
    next = place(next, open);
  }
};

/**
 * Gives a lost task to another agent with free capacity. Without one, the task waits, and the agent that lost it takes
 * the next suitable task.
 */
export const placeElsewhere = (state: AllocationState, open: OpenTask, loser: string): AllocationState => {
  const choice = choose(HashMap.values(state.workers), open);
  return choice === undefined || choice.worker.id === loser
    ? employ(wait(state, open), loser)
    : employ(assign(state, open, choice.worker.id, choice.reasons), loser);
};
