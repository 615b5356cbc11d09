import { Clock, Context, Effect } from "effect";

/**
 * The time of the log, by which commands are decided.
 *
 * Deadlines fire by the clock of the server that has the log. If commands were decided by the clock of a backend, a vote
 * would end late, or never, under one whose clock is behind, and two backends would not agree on what is over.
 */
export interface LogClockShape {
  /** Milliseconds since 1970, as the server that has the log counts them. */
  readonly now: Effect.Effect<number>;
  /** Why this backend stands by: its own clock is too far from that of the log. Undefined if it is not. */
  readonly tooFar: () => string | undefined;
  /** Waits until {@link tooFar} is true, or no longer. */
  readonly until: (tooFar: boolean) => Effect.Effect<void>;
}

/** By default the clock of this process, for logs that are in it. */
export const LogClock = Context.Reference<LogClockShape>("cim/application/LogClock", {
  defaultValue: () => ({
    now: Clock.currentTimeMillis,
    tooFar: () => undefined,
    until: (tooFar) => (tooFar ? Effect.never : Effect.void),
  }),
});
