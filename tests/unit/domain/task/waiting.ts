import { HashMap } from "effect";
import type { TaskQueue } from "../../../../src/domain/task/queue.ts";
import type { SortedSet } from "../../../../src/domain/task/sorted-set.ts";

/** The values of a set in its order. */
export const valuesOf = <T>(set: SortedSet<T>): ReadonlyArray<T> =>
  set === null ? [] : [...valuesOf(set.left), set.value, ...valuesOf(set.right)];

/** The tasks that wait, line by line. */
export const waitingIn = (queue: TaskQueue): ReadonlyArray<string> =>
  [...HashMap.values(queue)].flatMap(({ tasks }) => valuesOf(tasks)).map(({ id }) => id);
