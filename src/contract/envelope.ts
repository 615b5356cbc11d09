import { Schema } from "effect";
import { AggregateId, CommandId } from "../domain/kernel/mod.ts";
import { headerNames } from "./names.ts";

/**
 * Why a command or query was refused. `unavailable` and `timeout` pass: the same request may succeed later. The others
 * do not.
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

/** The status of HTTP that comes nearest to a code. */
const nearestStatus = {
  "invalid-command": 400,
  "unknown-command": 404,
  rejected: 422,
  conflict: 409,
  unauthorized: 403,
  unavailable: 503,
  timeout: 504,
} as const satisfies Record<ErrorCode, number>;

/** `details.reason` of a command that was not looked at, because its principal gives too many at once. */
export const rateLimitedReason = "rate-limited";

/** `details.reason` of a request that was not looked at, because more wait already than can be answered soon. */
export const overloadedReason = "overloaded";

/** Whether a refusal with this reason passes: its details say in `afterMilliseconds` when to come again. */
export const isBusyReason = (reason: unknown): boolean => reason === rateLimitedReason || reason === overloadedReason;

/** What a refusing reply says. `details.reason` names the rule of a `rejected` command. */
export const Refusal = Schema.Struct({
  code: ErrorCode,
  message: Schema.String,
  details: Schema.optionalKey(Schema.Json),
});
export type Refusal = typeof Refusal.Type;

/** Returns the rule that the details of a refusal name, if they name one. */
export const reasonIn = (details: Schema.Json | undefined): unknown =>
  typeof details === "object" && details !== null ? Reflect.get(details, "reason") : undefined;

/** Returns the `Nats-Service-Error-Code` of a refusing reply: the status of HTTP that comes nearest. */
export const serviceErrorCodeOf = ({ code, details }: Refusal): number =>
  isBusyReason(reasonIn(details)) ? 429 : nearestStatus[code];

/** `details.reason` of an `unavailable` that does not pass: the history of an aggregate goes on with what does not fit. */
export const damagedReason = "damaged";

/** The number of events or the place of a commit: 0 or a positive integer. */
const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0));

/** What the reply to an accepted command says. */
export const Accepted = Schema.Struct({
  aggregate: Schema.String,
  id: AggregateId,
  /** The number of the aggregate's events. */
  version: Count,
  /** The commit's place in the log. Read with it as `Cim-Min-Position` to see what was written. */
  position: Count,
  commandId: CommandId,
  /** The names of the events that followed. */
  events: Schema.Array(Schema.String),
  /** True if the command had been applied before: the first reply again. */
  duplicate: Schema.Boolean,
  /** The capabilities that a registration asks for and nobody has granted: the agent does not have them yet. */
  askedFor: Schema.optionalKey(Schema.Array(Schema.String)),
});
export type Accepted = typeof Accepted.Type;

/** The reply to a command that was accepted. */
export const AcceptedReply = Schema.Struct({ ok: Schema.Literal(true), ...Accepted.fields }).annotate({
  identifier: "Accepted",
});

/** The reply to a command or query that was refused: nothing was appended. */
export const RefusedReply = Schema.Struct({ ok: Schema.Literal(false), error: Refusal }).annotate({
  identifier: "Refused",
});

/** Returns the schema of the reply to a query whose answer has the schema `data`. */
export const answerReply = <Data extends Schema.Top>(data: Data) =>
  Schema.Struct({
    ok: Schema.Literal(true),
    /** The position of the log that the view had seen. */
    position: Count,
    data,
  });

/** Returns an optional header with a description. */
const header = (description: string) => Schema.optionalKey(Schema.String.annotate({ description }));

const traceparent = { [headerNames.traceparent]: header("The span that the request belongs to (W3C Trace Context)") };

/** Headers of a command, all optional. */
export const CommandHeaders = Schema.Struct({
  [headerNames.commandId]: header(
    "Counts for its principal, aggregate and command: a retry with the same id and payload gets the first reply again and changes nothing. Must not begin with `internal:`",
  ),
  [headerNames.expectedVersion]: header("Refuses with `conflict` unless the aggregate is at this version"),
  [headerNames.correlationId]: header("Carried on to everything that follows"),
  [headerNames.causationId]: header("The event or command that led to this command"),
  [headerNames.signature]: header(
    "base64url Ed25519 signature of `<command id>\\n<subject>\\n<hex SHA-256 of the payload>`",
  ),
  [headerNames.publicKey]: header("The public nkey (U…) of the signature"),
  ...traceparent,
}).annotate({ identifier: "CommandHeaders" });

/** Headers of a refusing reply, as clients of NATS micro services read them (ADR-32). */
export const RefusalHeaders = Schema.Struct({
  [headerNames.serviceErrorCode]: header("The status of HTTP that comes nearest to the `code` of the refusal"),
  [headerNames.serviceError]: header("The message of the refusal, on one line"),
}).annotate({ identifier: "RefusalHeaders" });

/** Headers of a query, all optional. */
export const QueryHeaders = Schema.Struct({
  [headerNames.minPosition]: header("Waits until the view has seen this position of the log"),
  [headerNames.at]: header(
    "Asks for the answer as it was at a moment: a position of the log, or a time (RFC 3339 in UTC, with milliseconds)",
  ),
  ...traceparent,
}).annotate({ identifier: "QueryHeaders" });
