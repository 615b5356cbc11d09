import { Effect, Predicate } from "effect";
import { untilDone } from "./action.ts";
import { type CommandError, isTransient } from "./command-error.ts";
import { CommandHandling } from "./command-handling.ts";
import { Leases, LogClock, type TimerCommand, Timers } from "./ports/mod.ts";

/** Milliseconds after which a command that came too early is given again, at the earliest. */
const againAfter = 500;

/** The moment until which the command of a timer was refused as too early; undefined if it was not. */
const tooEarlyUntil = ({ code, details }: CommandError): number | undefined =>
  code === "rejected" && Predicate.isObject(details) && details.reason === "too-early"
    ? Date.parse(String(details.until)) || 0
    : undefined;

/**
 * Gives the command of each timer that fires, once: its command id is the timer's. One that comes too early is scheduled
 * again: the server's clock, by which timers fire, and the time of the log may differ by what it took to measure, and a
 * server that leads from now on has another clock. Never returns.
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
