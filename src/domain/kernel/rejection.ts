import { Result, type Schema } from "effect";

/**
 * Why a rule refused a command. `reason` is a stable kebab-case name for programs. `message` names the thing, what is
 * wrong and what to do. `details` has the values.
 */
export interface Rejection {
  readonly reason: string;
  readonly message: string;
  readonly details?: Readonly<Record<string, Schema.Json>>;
}

/** Returns a decider's acceptance: the events of the command. A command that changes nothing has none. */
export const accept = <const E>(...events: ReadonlyArray<E>): Result.Result<ReadonlyArray<E>> => Result.succeed(events);

/** Returns a decider's refusal. */
export const refuse = (
  reason: string,
  message: string,
  details?: Readonly<Record<string, Schema.Json>>,
): Result.Result<never, Rejection> =>
  Result.fail(details === undefined ? { reason, message } : { reason, message, details });
