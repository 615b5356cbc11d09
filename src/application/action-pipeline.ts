import { Deferred, Effect, FiberSet, Semaphore } from "effect";

/** A step to run. Steps with the same key run in the order in which they arrived. */
export interface Step<E, R> {
  readonly key: string;
  readonly run: Effect.Effect<void, E, R>;
}

/** A position of the log, and the number of its unfinished steps. */
interface Started {
  readonly position: number;
  readonly matters: boolean;
  left: number;
}

/**
 * Runs the steps of the log's positions, at most `concurrency` at once. Calls `settled` for a position when its steps
 * and those of all earlier positions have finished. A checkpoint may advance to that position and no further: after a
 * crash, an unfinished step before the checkpoint would never run. A position `matters` if it had steps.
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
    /** Starts the steps of the next position. Waits while too many steps are running. */
    start: (position: number, steps: ReadonlyArray<Step<E, R>>): Effect.Effect<void, never, R> => {
      if (steps.length === 0 && started.length === 0) return settled(position, false);
      const entry: Started = { position, matters: steps.length > 0, left: steps.length };
      started.push(entry);
      return steps.length === 0 ? settle : Effect.forEach(steps, (step) => runStep(step, entry), { discard: true });
    },
    /** Fails with the first step that fails. */
    failed: FiberSet.join(fibers),
  };
});
