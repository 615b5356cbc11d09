import { Effect } from "effect";
import { CommandError } from "../command-error.ts";
import type { LogDamaged, StoreUnavailable } from "../ports/mod.ts";

/** A log that cannot be read, as callers are told of it. */
export const unavailableLog = <A, R>(
  effect: Effect.Effect<A, StoreUnavailable | LogDamaged, R>,
): Effect.Effect<A, CommandError, R> =>
  Effect.mapError(effect, ({ message }) => new CommandError({ code: "unavailable", message }));
