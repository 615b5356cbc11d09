import { type Fiber, Scheduler } from "effect";

/** Milliseconds of work after which input, output and timers have their turn. */
const slice = 10;
/** A fiber looks at the clock once in 16 operations, because a look costs about as much as an operation. */
const lookEvery = 16;

/** Tasks that wait for a turn of the event loop, the oldest first. A cancelled task is `undefined`. */
let waiting: Array<(() => void) | undefined> = [];
let isScheduled = false;

/** Runs waiting tasks for a slice of time. The rest wait for the next turn of the event loop. */
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
 * Effect's scheduler, with slices of time. The failure that this prevents: Effect's own scheduler runs a fiber for
 * 2,048 operations, however long each takes. If hundreds of fibers become ready together, all of them run before the
 * event loop reads its input again, and no request is answered meanwhile. Here a fiber runs for at most one slice, and
 * so do all fibers together. The scheduler cannot interrupt a single long operation: split it into slices
 * (`application/time-slices.ts`), or move it to another thread.
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
