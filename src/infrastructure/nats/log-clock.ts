import { Clock, Effect, Layer, Metric, Schedule } from "effect";
import { clockAhead } from "../../application/metrics.ts";
import { LogClock, StoreUnavailable } from "../../application/ports/mod.ts";
import { ClockEstimate } from "../clock-estimate.ts";
import { NatsConnection } from "./connection.ts";
import { unavailable } from "./streams.ts";

/** How often the clock of the server is read. */
const lookEvery = "5 seconds";
/** The readings at the start, at least two. The quickest one counts. */
const firstLooks = 3;
/** A backend stands by from this difference, in milliseconds. */
const mostApart = 10_000;

const inWords = (milliseconds: number): string =>
  `${(Math.abs(milliseconds) / 1_000).toFixed(1)} s ${milliseconds > 0 ? "ahead of" : "behind"}`;

/**
 * The clock of the server that has the log. The server sends its time with the state of the stream. Commands are
 * decided by this clock, so small differences do no harm. A large difference shows that one of the two clocks is wrong.
 * Then signatures, certificates and the times of hosts may also be wrong, and no program can see which. So this backend
 * stands by until the clocks agree.
 */
export const logClockLayer: Layer.Layer<never, StoreUnavailable, NatsConnection> = Layer.effect(
  LogClock,
  Effect.gen(function* () {
    const { jsm, names, onReconnect } = yield* NatsConnection;
    const own = yield* Clock.Clock;
    const estimate = new ClockEstimate();
    let apart = 0;
    let waiting: ReadonlyArray<() => void> = [];
    const isTooFar = () => Math.abs(apart) > mostApart;
    const problem = () =>
      isTooFar()
        ? `the clock of this machine is ${inWords(apart)} that of the nats-server: this backend stands by; set both clocks, for example by NTP`
        : undefined;

    const look = Effect.gen(function* () {
      const began = performance.now();
      const { ts } = yield* Effect.tryPromise({
        try: () => jsm.streams.info(names.streams.events),
        catch: unavailable("the log does not report its time"),
      });
      const ended = performance.now();
      const shown = Date.parse(ts ?? "");
      if (Number.isNaN(shown))
        return yield* new StoreUnavailable({ message: "the nats-server does not report its time: upgrade it" });
      estimate.take({ shown, at: (began + ended) / 2, within: (ended - began) / 2 });
    });
    const difference = () =>
      own.currentTimeMillisUnsafe() - (estimate.shownAt(performance.now()) ?? own.currentTimeMillisUnsafe());
    const compare = Effect.gen(function* () {
      const before = isTooFar();
      yield* look;
      // If the machine was stopped for a while, its clock may have been set since the reading. Read again.
      if (Math.abs(difference()) > mostApart) yield* look;
      apart = difference();
      yield* Metric.update(clockAhead, apart / 1_000);
      if (isTooFar() === before) return;
      const woken = waiting;
      waiting = [];
      for (const wake of woken) wake();
      yield* before
        ? Effect.logInfo("the clocks of this machine and of the nats-server agree again: this backend goes on")
        : Effect.logError(problem() ?? "");
    });

    yield* Effect.repeat(look, { times: firstLooks - 2 });
    yield* compare;
    const reconnected = Effect.callback<void>((resume) => {
      const stop = onReconnect(() => resume(Effect.void));
      return Effect.sync(stop);
    });
    yield* Effect.raceFirst(Effect.sleep(lookEvery), reconnected).pipe(
      Effect.andThen(Effect.ignore(compare)),
      Effect.repeat(Schedule.forever),
      Effect.forkScoped,
    );

    return {
      now: Effect.sync(() => Math.round(estimate.shownAt(performance.now()) ?? own.currentTimeMillisUnsafe())),
      tooFar: problem,
      until: (tooFar) =>
        Effect.callback<void>((resume) => {
          if (isTooFar() === tooFar) return resume(Effect.void);
          const wake = () => resume(Effect.void);
          waiting = [...waiting, wake];
          return Effect.sync(() => {
            waiting = waiting.filter((other) => other !== wake);
          });
        }),
    };
  }),
);
