import { Effect } from "effect";
import { untilDone } from "./action.ts";
import { isTransient } from "./command-error.ts";
import { CommandHandling } from "./command-handling.ts";
import { Leases, Timers } from "./ports/mod.ts";

/** Gives the command of each timer that fires, once: its command id is the timer's. Never returns. */
export const runTimers = Effect.gen(function* () {
  const timers = yield* Timers;
  const leases = yield* Leases;
  const handling = yield* CommandHandling;
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
          Effect.tapError((error) => Effect.logDebug(`timer ${timerId}: ${error.message}`)),
          Effect.retry({
            while: isTransient,
            schedule: untilDone,
          }),
          Effect.ignore,
        ),
    ),
  );
});
