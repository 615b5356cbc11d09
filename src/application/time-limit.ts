import { Clock, type Context, Effect, Fiber } from "effect";

/** Work with a time limit. */
interface Limited {
  /** Milliseconds on a monotonic clock, so that setting the time of day back prolongs nothing. */
  readonly due: number;
  readonly expire: () => void;
}

/**
 * Returns a function that limits the duration of effects, in milliseconds. `Effect.timeout` starts two fibers and a
 * timer for each effect. This starts one fiber for each effect, and a single one that sleeps for all of them.
 */
export const timeLimit = Effect.fnUntraced(function* (milliseconds: number) {
  const scope = yield* Effect.scope;
  const context = yield* Effect.context<never>();
  const clock = yield* Clock.Clock;
  const now = () => Number(clock.monotonicTimeNanosUnsafe()) / 1e6;
  /** In the order in which they end. */
  const limited = new Set<Limited>();
  let isWatched = false;

  const watch = Effect.gen(function* () {
    for (let [first] = limited; first !== undefined; [first] = limited) {
      yield* Effect.sleep(Math.max(0, Math.ceil(first.due - now())));
      const moment = now();
      for (const one of limited) {
        if (one.due > moment) break;
        one.expire();
      }
    }
    isWatched = false;
  });
  const begin = (one: Limited) => {
    limited.add(one);
    if (isWatched) return;
    isWatched = true;
    Effect.runForkWith(context)(Effect.forkIn(watch, scope));
  };

  /** Interrupts the effect when its time is over, and continues with `late` at once. */
  return <A, E, R, E2>(effect: Effect.Effect<A, E, R>, late: () => Effect.Effect<never, E2>) =>
    Effect.contextWith((own: Context.Context<R>) =>
      Effect.callback<A, E | E2>((resume) => {
        const fiber = Effect.runForkWith(own)(effect);
        const exit = fiber.pollUnsafe();
        if (exit !== undefined) return resume(exit);
        const one: Limited = {
          due: now() + milliseconds,
          expire: () => {
            limited.delete(one);
            resume(Effect.suspend(late));
            fiber.interruptUnsafe();
          },
        };
        begin(one);
        fiber.addObserver((ended) => {
          limited.delete(one);
          resume(ended);
        });
        return Effect.suspend(() => {
          limited.delete(one);
          return Fiber.interrupt(fiber);
        });
      }),
    );
});
