import { type Fiber, Scheduler } from "effect";

/** Milliseconds of work after which input, output and timers have their turn. */
const slice = 10;
/** A fiber looks at the clock once in so many operations: a look costs about as much as one of them. */
const lookEvery = 16;

/** Tasks that wait for a turn of the event loop, the oldest first. `undefined`: one that was cancelled. */
let waiting: Array<(() => void) | undefined> = [];
let isScheduled = false;

/** Runs what waits, for a slice of time; the rest waits for the next turn of the event loop. */
const runSlice = (): void => {
  const end = performance.now() + slice;
  const tasks = waiting;
  waiting = [];
  let done = 0;
  try {
    while (done < tasks.length && performance.now() < end) tasks[done++]?.();
  } finally {
    if (done < tasks.length) waiting = [...tasks.slice(done), ...waiting];
    isScheduled = waiting.length > 0;
    if (isScheduled) setImmediate(runSlice);
  }
};

const later = (task: () => void): (() => void) => {
  waiting.push(task);
  if (!isScheduled) {
    isScheduled = true;
    setImmediate(runSlice);
  }
  return () => {
    const index = waiting.indexOf(task);
    if (index >= 0) waiting[index] = undefined;
  };
};

/**
 * Effect's scheduler, with slices of time. As it is, a fiber runs for 2,048 operations, however long each takes, and
 * hundreds of fibers that became ready together run before the event loop looks at its input again. Here a fiber runs for
 * a slice, and so do all fibers together. One operation that is long stays long: it needs slices of its own
 * (`application/time-slices.ts`) or another thread.
 */
class FairScheduler extends Scheduler.MixedScheduler {
  #began = 0;

  constructor() {
    super("async", later);
  }

  override shouldYield(fiber: Fiber.Fiber<unknown, unknown>): boolean {
    const { currentOpCount } = fiber;
    if (currentOpCount <= 1) this.#began = performance.now();
    if (currentOpCount % lookEvery !== 0) return false;
    return performance.now() - this.#began >= slice || super.shouldYield(fiber);
  }
}

/** The scheduler of a backend. */
export const fairScheduler: Scheduler.Scheduler = new FairScheduler();
