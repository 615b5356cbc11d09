import { Context, Effect, Layer } from "effect";
import { CheckedLog, standByMessage } from "./checked-log.ts";
import { Leases, LogClock } from "./ports/mod.ts";

/**
 * Whether this backend stands by: the log has what only a newer backend understands, or is not the one that was read, or
 * the clock of this machine is wrong. By default it does not.
 */
export const StandBy = Context.Reference<{
  /** Why it stands by; undefined if it does not. */
  readonly reason: () => string | undefined;
  /** Waits until it stands by, or no longer. */
  readonly until: (standsBy: boolean) => Effect.Effect<void>;
}>("cim/application/StandBy", {
  defaultValue: () => ({
    reason: () => undefined,
    until: (standsBy) => (standsBy ? Effect.never : Effect.void),
  }),
});

/** Stands by as the log and the clock say. */
export const standByLayer = Layer.effect(
  StandBy,
  Effect.gen(function* () {
    const { condition, stopped } = yield* CheckedLog;
    const clock = yield* LogClock;
    const begins = Effect.raceFirst(clock.until(true), Effect.asVoid(stopped));
    // What only a newer backend understands stays in the log.
    const ends = Effect.suspend(() => (condition.stop === undefined ? clock.until(false) : Effect.never));
    return {
      reason: () => (condition.stop === undefined ? clock.tooFar() : standByMessage(condition.stop)),
      until: (standsBy) => (standsBy ? begins : ends),
    };
  }),
);

/** Leases for a backend that does not stand by: it gives all of them back while it does. */
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
