import { Cause, Effect } from "effect";
import { messageOf } from "./message-of.ts";

/** The time between two terms. Without it, work that fails at once would spin, and so would work on a lost store. */
const pause = "1 second";

const lineOf = (cause: Cause.Cause<unknown>): string => messageOf(Cause.squash(cause));

/** Runs terms of work under the lease `role`, one after the other. Logs a term that fails. Never returns. */
export const repeatTerms = <E, R>(role: string, term: Effect.Effect<void, E, R>): Effect.Effect<never, never, R> =>
  term.pipe(
    Effect.catchCause((cause) => Effect.logWarning(`${role} failed and starts again: ${lineOf(cause)}`)),
    Effect.andThen(Effect.sleep(pause)),
    Effect.forever,
  );
