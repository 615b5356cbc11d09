import { Clock, Effect, FiberMap, Layer, Queue } from "effect";
import { type TimerCommand, Timers } from "../../application/ports/mod.ts";

/** Timers in memory, for tests, which can let the time pass with `TestClock`. */
export const memoryTimersLayer = Layer.effect(
  Timers,
  Effect.gen(function* () {
    const waiting = yield* FiberMap.make<string, void>();
    const fired = yield* Queue.unbounded<{ readonly timerId: string; readonly command: TimerCommand }>();
    return Timers.of({
      schedule: Effect.fnUntraced(function* (timerId, at, command) {
        const left = Math.max(0, Date.parse(at) - (yield* Clock.currentTimeMillis));
        const fire = Effect.asVoid(Queue.offer(fired, { timerId, command }));
        yield* FiberMap.run(waiting, timerId, Effect.delay(fire, left));
      }),
      cancel: (timerId) => FiberMap.remove(waiting, timerId),
      onFired: (handle) =>
        Effect.flatMap(Queue.take(fired), (timer) =>
          handle(timer.timerId, timer.command).pipe(
            Effect.catchCause(() => Effect.forkDetach(Effect.delay(Queue.offer(fired, timer), "1 second"))),
            Effect.onInterrupt(() => Queue.offer(fired, timer)),
          ),
        ).pipe(Effect.forever),
    });
  }),
);
