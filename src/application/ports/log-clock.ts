import { Clock, Context, Effect } from "effect";

/**
 * The time of the log, by which commands are decided.
 *
 * Deadlines fire by the clock of the server that holds the log. If a backend decided commands by its own clock and that
 * clock was slow, its votes would end late or never. Two backends would also disagree about which votes are over.
 */
export interface LogClockShape {
  /** Milliseconds since 1970 by the clock of the server that holds the log. */
  readonly now: Effect.Effect<number>;
  /** Returns why this backend stands by, if its own clock differs too much from the log's. Undefined if it does not. */
  readonly tooFar: () => string | undefined;
  /** Waits until {@link tooFar} has a reason (`true`) or none (`false`). */
  readonly until: (tooFar: boolean) => Effect.Effect<void>;
}

/** The default is the clock of this process, for logs within the process. */
export const LogClock = Context.Reference<LogClockShape>("cim/application/LogClock", {
  defaultValue: () => ({
    now: Clock.currentTimeMillis,
    tooFar: () => undefined,
    until: (tooFar) => (tooFar ? Effect.never : Effect.void),
  }),
});
