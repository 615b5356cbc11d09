import { HashMap, Option } from "effect";
import type { Need } from "../../../domain/task/eligibility.ts";
import { inQueueOrder, type Waiting } from "../../../domain/task/queue-order.ts";

/** Tasks with one need, the next one first. */
interface Line {
  readonly need: Need;
  readonly tasks: ReadonlyArray<Waiting>;
}

/** The tasks that wait for an agent: a line for each need, so that an agent looks at the heads of lines only. */
export type TaskQueue = HashMap.HashMap<string, Line>;

export const nobodyWaits: TaskQueue = HashMap.empty();

const lineOf = ({ requiredCapabilities, to = "", chain = [] }: Need): string =>
  JSON.stringify([[...requiredCapabilities].sort(), to, [...chain].sort()]);

/** Where a task is in its line, or would be. */
const placeIn = (tasks: ReadonlyArray<Waiting>, task: Waiting): number => {
  let low = 0;
  let high = tasks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = tasks[middle];
    if (other !== undefined && inQueueOrder(other, task) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
};

export const enqueue = (queue: TaskQueue, task: Waiting & Need): TaskQueue => {
  const key = lineOf(task);
  const { id, priority, submitted } = task;
  const line = Option.getOrElse(HashMap.get(queue, key), (): Line => ({ need: task, tasks: [] }));
  const place = placeIn(line.tasks, task);
  if (line.tasks[place]?.id === id) return queue;
  return HashMap.set(queue, key, { ...line, tasks: line.tasks.toSpliced(place, 0, { id, priority, submitted }) });
};

/** The queue without a task; the same where it does not wait. */
export const dequeue = (queue: TaskQueue, task: Waiting & Need): TaskQueue => {
  const key = lineOf(task);
  const line = Option.getOrUndefined(HashMap.get(queue, key));
  const place = line === undefined ? 0 : placeIn(line.tasks, task);
  if (line?.tasks[place]?.id !== task.id) return queue;
  return line.tasks.length === 1
    ? HashMap.remove(queue, key)
    : HashMap.set(queue, key, { ...line, tasks: line.tasks.toSpliced(place, 1) });
};

/** The first task among those whose need an agent meets. */
export const nextOf = (queue: TaskQueue, meets: (need: Need) => boolean): string | undefined => {
  let next: Waiting | undefined;
  for (const { need, tasks } of HashMap.values(queue)) {
    const [first] = tasks;
    if (first !== undefined && (next === undefined || inQueueOrder(first, next) < 0) && meets(need)) next = first;
  }
  return next?.id;
};
