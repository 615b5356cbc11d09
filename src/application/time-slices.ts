import { Effect } from "effect";
import type { Steps } from "../domain/kernel/mod.ts";

/** Milliseconds after which long work yields to everything else. */
const slice = 10;

/**
 * Calls `step` repeatedly until it returns false. Yields to requests, timers and other work after every time slice. A
 * step is pure or changes only what its caller owns, and should take less than a millisecond.
 */
export const whileInSlices = (step: () => boolean): Effect.Effect<void> => {
  const go: Effect.Effect<void> = Effect.suspend(() => {
    const end = performance.now() + slice;
    while (step()) if (performance.now() >= end) return Effect.andThen(Effect.yieldNow, go);
    return Effect.void;
  });
  return go;
};

/** Yields if the work since `began`, a moment of `performance.now()`, took longer than a slice. */
export const restAfter = (began: number): Effect.Effect<void> =>
  performance.now() - began >= slice ? Effect.yieldNow : Effect.void;

/** Calls `each` for every item, in order, in time slices (see {@link whileInSlices}). */
export const forEachInSlices = <A>(items: Iterable<A>, each: (item: A) => void): Effect.Effect<void> =>
  Effect.suspend(() => {
    const left = items[Symbol.iterator]();
    return whileInSlices(() => {
      const next = left.next();
      if (next.done === true) return false;
      each(next.value);
      return true;
    });
  });

/** Runs work in time slices (see {@link whileInSlices}). Returns its result. */
export const inSlices = <A>(work: () => Steps<A>): Effect.Effect<A> =>
  Effect.suspend(() => {
    const steps = work();
    const go = (): Effect.Effect<A> => {
      const end = performance.now() + slice;
      for (;;) {
        const step = steps.next();
        if (step.done === true) return Effect.succeed(step.value);
        if (performance.now() >= end) return Effect.flatMap(Effect.yieldNow, go);
      }
    };
    return go();
  });
