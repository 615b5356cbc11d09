import { Context, Effect, Layer } from "effect";
import { CheckedLog, standByMessage } from "./checked-log.ts";
import { Leases, LogClock } from "./ports/mod.ts";

/**
 * Whether this backend stands by. It does if the log has events that only a newer backend understands, if the log was
 * replaced, or if this machine's clock is wrong. By default it does not.
 */
export const StandBy = Context.Reference<{
  /** Returns why it stands by; undefined if it does not. */
  readonly reason: () => string | undefined;
  /** Waits until it stands by (`true`) or no longer does (`false`). */
  readonly until: (standsBy: boolean) => Effect.Effect<void>;
}>("cim/application/StandBy", {
  defaultValue: () => ({
    reason: () => undefined,
    until: (standsBy) => (standsBy ? Effect.never : Effect.void),
  }),
});

/** Stands by according to the log and the clock. */
export const standByLayer = Layer.effect(
  StandBy,
  Effect.gen(function* () {
    const { condition, stopped } = yield* CheckedLog;
    const clock = yield* LogClock;
    const begins = Effect.raceFirst(clock.until(true), Effect.asVoid(stopped));
    // Events of a newer version stay in the log, so this never ends.
    const ends = Effect.suspend(() => (condition.stop === undefined ? clock.until(false) : Effect.never));
    return {
      reason: () => (condition.stop === undefined ? clock.tooFar() : standByMessage(condition.stop)),
      until: (standsBy) => (standsBy ? begins : ends),
    };
  }),
);

/** Leases that a backend holds only while it does not stand by. It returns all of them when it starts to. */
export const leasesOfUnderstanding = Layer.effect(
  Leases,
  Effect.gen(function* () {
    const leases = yield* Leases;
    const { until } = yield* StandBy;
    return Leases.of({
      whileHeld: (role, work) =>
        Effect.forever(Effect.andThen(until(false), Effect.raceFirst(leases.whileHeld(role, work), until(true)))),
    });
  }),
);
