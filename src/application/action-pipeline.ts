import { Deferred, Effect, FiberSet, Semaphore } from "effect";

/** Something to do; what has one key is done in the order in which it came. */
export interface Step<E, R> {
  readonly key: string;
  readonly run: Effect.Effect<void, E, R>;
}

/** A position of the log, and how many of its steps are not done. */
interface Started {
  readonly position: number;
  readonly matters: boolean;
  left: number;
}

/**
 * Does the steps of one position of the log after another, at most `concurrency` at once. `settled` hears of a position
 * when its steps and those of all positions before it are done: that is how far a checkpoint may go. It `matters` where it
 * had steps.
 */
export const makePipeline = Effect.fnUntraced(function* <E, R>(
  concurrency: number,
  settled: (position: number, matters: boolean) => Effect.Effect<void>,
) {
  const permits = yield* Semaphore.make(concurrency);
  const fibers = yield* FiberSet.make<void, E>();
  /** The newest step of each key. */
  const newest = new Map<string, Deferred.Deferred<void>>();
  const started: Array<Started> = [];

  const settle = Effect.gen(function* () {
    for (let [first] = started; first !== undefined && first.left === 0; [first] = started) {
      started.shift();
      yield* settled(first.position, first.matters);
    }
  });

  const runStep = Effect.fnUntraced(function* ({ key, run }: Step<E, R>, entry: Started) {
    const before = newest.get(key);
    const done = Deferred.makeUnsafe<void>();
    newest.set(key, done);
    yield* permits.take(1);
    yield* FiberSet.run(
      fibers,
      Effect.gen(function* () {
        if (before !== undefined) yield* Deferred.await(before);
        yield* run;
        entry.left -= 1;
        if (newest.get(key) === done) newest.delete(key);
        yield* Deferred.succeed(done, undefined);
        yield* settle;
        yield* permits.release(1);
      }),
    );
  });

  return {
    /** Starts the steps of the next position; waits while too many are under way. */
    start: (position: number, steps: ReadonlyArray<Step<E, R>>): Effect.Effect<void, never, R> => {
      if (steps.length === 0 && started.length === 0) return settled(position, false);
      const entry: Started = { position, matters: steps.length > 0, left: steps.length };
      started.push(entry);
      return steps.length === 0 ? settle : Effect.forEach(steps, (step) => runStep(step, entry), { discard: true });
    },
    /** Fails as the first step does that fails. */
    failed: FiberSet.join(fibers),
  };
});
