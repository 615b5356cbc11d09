import { HashMap, Option } from "effect";
import type { Need } from "./eligibility.ts";
import { inQueueOrder, type Waiting } from "./queue-order.ts";
import { excluding, firstOf, including, type SortedSet } from "./sorted-set.ts";

/** The tasks with the same need, next one first. */
interface Line {
  readonly need: Need;
  readonly tasks: SortedSet<Waiting>;
}

/**
 * The tasks that wait for an agent, in one line for each need. So the search for an agent's next task looks only at the
 * heads of lines.
 */
export type TaskQueue = HashMap.HashMap<string, Line>;

export const nobodyWaits: TaskQueue = HashMap.empty();

const lineOf = ({ requiredCapabilities, to = "", chain = [] }: Need): string =>
  JSON.stringify([[...requiredCapabilities].sort(), to, [...chain].sort()]);

/** The order of the queue, made total: only the same task compares as equal. */
const inLine = (one: Waiting, other: Waiting): number =>
  inQueueOrder(one, other) || (one.id === other.id ? 0 : one.id < other.id ? -1 : 1);

const withLine = (queue: TaskQueue, key: string, line: Line, tasks: SortedSet<Waiting>): TaskQueue => {
  if (tasks === line.tasks) return queue;
  return tasks === null ? HashMap.remove(queue, key) : HashMap.set(queue, key, { ...line, tasks });
};

/** Returns the queue with a task added; the same queue if the task is waiting already. */
export const enqueue = (queue: TaskQueue, task: Waiting & Need): TaskQueue => {
  const key = lineOf(task);
  const { id, priority, submitted } = task;
  const line = Option.getOrElse(HashMap.get(queue, key), (): Line => ({ need: task, tasks: null }));
  return withLine(queue, key, line, including(line.tasks, { id, priority, submitted }, inLine));
};

/** Returns the queue without a task; the same queue if the task is not waiting. */
export const dequeue = (queue: TaskQueue, task: Waiting & Need): TaskQueue => {
  const key = lineOf(task);
  const line = Option.getOrUndefined(HashMap.get(queue, key));
  return line === undefined ? queue : withLine(queue, key, line, excluding(line.tasks, task, inLine));
};

/** Returns the first task among those whose need an agent meets. */
export const nextOf = (queue: TaskQueue, meets: (need: Need) => boolean): string | undefined => {
  let next: Waiting | undefined;
  for (const { need, tasks } of HashMap.values(queue)) {
    const first = firstOf(tasks);
    if (first !== undefined && (next === undefined || inQueueOrder(first, next) < 0) && meets(need)) next = first;
  }
  return next?.id;
};
