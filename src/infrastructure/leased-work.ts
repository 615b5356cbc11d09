import { Cause, Effect } from "effect";
import { messageOf } from "./message-of.ts";

/** A second passes between two terms, so that work which fails at once, or a store that is away, does not spin. */
const pause = "1 second";

const lineOf = (cause: Cause.Cause<unknown>): string => messageOf(Cause.squash(cause));

/** Runs one term of work under the lease `role` after another; one that fails is logged in a line. Never returns. */
export const repeatTerms = <E, R>(role: string, term: Effect.Effect<void, E, R>): Effect.Effect<never, never, R> =>
  term.pipe(
    Effect.catchCause((cause) => Effect.logWarning(`${role} failed and starts again: ${lineOf(cause)}`)),
    Effect.andThen(Effect.sleep(pause)),
    Effect.forever,
  );
