import { isBusyReason } from "../../contract/envelope.ts";
import { isObject, type Json } from "./json.ts";

/** The content of a refusing reply. */
export interface Refusal {
  /** An `ErrorCode` of the contract; a newer backend may have more. */
  readonly code: string;
  readonly message: string;
  readonly details?: Json;
}

/** The backend refused a command or query; nothing was appended. */
export class CommandRefused extends Error {
  override readonly name = "CommandRefused";
  readonly code: string;
  readonly details: Json | undefined;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.code = refusal.code;
    this.details = refusal.details;
  }

  /** The rule that refused a `rejected` command, such as `not-found`. */
  get reason(): string | undefined {
    const { details } = this;
    return typeof details === "object" && details !== null && "reason" in details && typeof details.reason === "string"
      ? details.reason
      : undefined;
  }
}

/** Returns true if the backend did not look at a request, because too many come at once: it may come again. */
export const isBusy = (error: unknown): boolean => error instanceof CommandRefused && isBusyReason(error.reason);

/**
 * Returns true if a rule refused a command, or the table of who may give it: things have moved on, or it is another's turn.
 */
export const isDenied = (error: unknown): boolean =>
  error instanceof CommandRefused && (error.code === "rejected" || error.code === "unauthorized") && !isBusy(error);

/** Returns true if the request, or a message that would follow from it, is larger than a message may be. */
export const isTooLarge = (error: unknown): boolean => error instanceof CommandRefused && error.reason === "too-large";

/**
 * Returns true if the agent has given this command before with another payload, for example before it was restarted. The
 * first one counts, and is in the log.
 */
export const isGivenBefore = (error: unknown): boolean =>
  error instanceof CommandRefused && error.reason === "command-id-reused";

/** Returns the position at which the agent gave this command before with another payload; undefined if it did not. */
export const givenBeforeAt = (error: unknown): number | undefined => {
  if (!(error instanceof CommandRefused) || !isGivenBefore(error)) return undefined;
  const { details } = error;
  return isObject(details) && typeof details.position === "number" ? details.position : undefined;
};

/** No backend answered in the time that the caller allowed. A command may have taken effect or not. */
export class BackendUnavailable extends Error {
  override readonly name = "BackendUnavailable";
}

/** Returns the text of anything that was thrown. */
export const messageOf = (thrown: unknown): string => {
  if (thrown instanceof Error) return thrown.message;
  try {
    return String(thrown);
  } catch {
    return "something was thrown that has no text";
  }
};
