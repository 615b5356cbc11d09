import { Schema } from "effect";
import { AggregateId, CommandId } from "../domain/kernel/mod.ts";
import { headerNames } from "./names.ts";

/**
 * Why a command or query was refused. `unavailable` and `timeout` are temporary: the same request may succeed later.
 * The other codes are final.
 */
export const ErrorCode = Schema.Literals([
  "invalid-command",
  "unknown-command",
  "rejected",
  "conflict",
  "unauthorized",
  "unavailable",
  "timeout",
]).annotate({ identifier: "ErrorCode" });
export type ErrorCode = typeof ErrorCode.Type;

/** The closest HTTP status of each code. */
const nearestStatus = {
  "invalid-command": 400,
  "unknown-command": 404,
  rejected: 422,
  conflict: 409,
  unauthorized: 403,
  unavailable: 503,
  timeout: 504,
} as const satisfies Record<ErrorCode, number>;

/** `details.reason` of a command that was refused unread, because its principal sends too many at once. */
export const rateLimitedReason = "rate-limited";

/**
 * `details.reason` of a request that was refused unread, because the queue is longer than the backend can answer soon.
 */
export const overloadedReason = "overloaded";

/**
 * Returns whether a refusal with this reason is temporary. Its details then have `afterMilliseconds`, the time to wait.
 */
export const isBusyReason = (reason: unknown): boolean => reason === rateLimitedReason || reason === overloadedReason;

/** The error of a refusing reply. `details.reason` names the rule that a `rejected` command broke. */
export const Refusal = Schema.Struct({
  code: ErrorCode,
  message: Schema.String,
  details: Schema.optionalKey(Schema.Json),
});
export type Refusal = typeof Refusal.Type;

/** Returns the rule that the details of a refusal name, if they name one. */
export const reasonIn = (details: Schema.Json | undefined): unknown =>
  typeof details === "object" && details !== null ? Reflect.get(details, "reason") : undefined;

/** Returns the `Nats-Service-Error-Code` of a refusing reply: the closest HTTP status. */
export const serviceErrorCodeOf = ({ code, details }: Refusal): number =>
  isBusyReason(reasonIn(details)) ? 429 : nearestStatus[code];

/**
 * `details.reason` of an `unavailable` that is final: the aggregate's history continues with a commit that does not
 * fit.
 */
export const damagedReason = "damaged";

/** A number of events, or a commit's position in the log. 0 or a positive integer. */
const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0));

/** The content of the reply to an accepted command. */
export const Accepted = Schema.Struct({
  aggregate: Schema.String,
  id: AggregateId,
  /** The number of the aggregate's events after the command. */
  version: Count,
  /** The commit's position in the log. A query with this number as `Cim-Min-Position` sees what was written. */
  position: Count,
  commandId: CommandId,
  /** The names of the events that the command caused. */
  events: Schema.Array(Schema.String),
  /** True if the command had been applied before. The reply is then that of the first time. */
  duplicate: Schema.Boolean,
  /** The capabilities that a registration asks for and that are not granted yet. The agent does not have them. */
  askedFor: Schema.optionalKey(Schema.Array(Schema.String)),
});
export type Accepted = typeof Accepted.Type;

/** The reply to a command that was accepted. */
export const AcceptedReply = Schema.Struct({ ok: Schema.Literal(true), ...Accepted.fields }).annotate({
  identifier: "Accepted",
});

/** The reply to a refused command or query. Nothing was appended. */
export const RefusedReply = Schema.Struct({ ok: Schema.Literal(false), error: Refusal }).annotate({
  identifier: "Refused",
});

/** Returns the schema of the reply to a query whose answer has the schema `data`. */
export const answerReply = <Data extends Schema.Top>(data: Data) =>
  Schema.Struct({
    ok: Schema.Literal(true),
    /** The position in the log that the view had reached. */
    position: Count,
    data,
  });

/** Returns an optional header with a description. */
const header = (description: string) => Schema.optionalKey(Schema.String.annotate({ description }));

const traceparent = { [headerNames.traceparent]: header("The span that the request belongs to (W3C Trace Context)") };

/** Headers of a command, all optional. */
export const CommandHeaders = Schema.Struct({
  [headerNames.commandId]: header(
    "Unique for its principal, aggregate and command: a retry with the same id and payload changes nothing and gets the first reply. Must not begin with `internal:`",
  ),
  [headerNames.expectedVersion]: header("Refuses with `conflict` unless the aggregate is at this version"),
  [headerNames.correlationId]: header("Passed on to everything that the command causes"),
  [headerNames.causationId]: header("The event or command that led to this command"),
  [headerNames.signature]: header(
    "base64url Ed25519 signature of `<command id>\\n<subject>\\n<hex SHA-256 of the payload>`",
  ),
  [headerNames.publicKey]: header("The public nkey (U…) of the signature"),
  ...traceparent,
}).annotate({ identifier: "CommandHeaders" });

/** Headers of a refusing reply, in the form that clients of NATS micro services read (ADR-32). */
export const RefusalHeaders = Schema.Struct({
  [headerNames.serviceErrorCode]: header("The HTTP status closest to the `code` of the refusal"),
  [headerNames.serviceError]: header("The message of the refusal, on one line"),
}).annotate({ identifier: "RefusalHeaders" });

/** Headers of a query, all optional. */
export const QueryHeaders = Schema.Struct({
  [headerNames.minPosition]: header("Waits until the view has reached this position of the log"),
  [headerNames.at]: header(
    "Asks for the answer as of a moment: a position of the log, or a time (RFC 3339 in UTC, with milliseconds)",
  ),
  ...traceparent,
}).annotate({ identifier: "QueryHeaders" });
