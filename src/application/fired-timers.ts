import { Effect, Predicate } from "effect";
import { untilDone } from "./action.ts";
import { type CommandError, isTransient } from "./command-error.ts";
import { CommandHandling } from "./command-handling.ts";
import { Leases, LogClock, type TimerCommand, Timers } from "./ports/mod.ts";

/** The minimum time in milliseconds before a command that came too early is given again. */
const againAfter = 500;

/** Returns the moment until which a timer's command was too early; undefined if it was not. */
const tooEarlyUntil = ({ code, details }: CommandError): number | undefined =>
  code === "rejected" && Predicate.isObject(details) && details.reason === "too-early"
    ? Date.parse(String(details.until)) || 0
    : undefined;

/**
 * Gives the command of each fired timer once, because the command has the timer's id. A command that comes too early is
 * scheduled again. Timers fire by the server's clock, which may differ from the time of the log by the error of its
 * measurement. A newly elected leader also has another clock. Without the repetition, such a deadline would never take
 * effect. Never returns.
 */
export const runTimers = Effect.gen(function* () {
  const timers = yield* Timers;
  const leases = yield* Leases;
  const clock = yield* LogClock;
  const handling = yield* CommandHandling;

  const again = Effect.fnUntraced(function* (timerId: string, command: TimerCommand, until: number) {
    const at = new Date(Math.max(until + 1, (yield* clock.now) + againAfter)).toISOString();
    yield* Effect.logDebug(`timer ${timerId}: too early, again at ${at}`);
    yield* timers.schedule(timerId, at, command);
  });

  return yield* leases.whileHeld(
    "timers",
    timers.onFired((timerId, command) =>
      handling
        .handle({
          aggregate: command.aggregate,
          id: command.id,
          command: command.command,
          payload: command.payload,
          principal: "timers",
          audience: "internal",
          commandId: `timer:${timerId}`,
          correlationId: command.correlationId,
        })
        .pipe(
          Effect.retry({ while: isTransient, schedule: untilDone }),
          Effect.asVoid,
          Effect.catch((error) => {
            const until = tooEarlyUntil(error);
            return until === undefined
              ? Effect.logDebug(`timer ${timerId}: ${error.message}`)
              : again(timerId, command, until);
          }),
        ),
    ),
  );
});
