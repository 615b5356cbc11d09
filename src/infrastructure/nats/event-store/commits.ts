import { Predicate, Result } from "effect";
import { type Commit, type Foreign, LogDamaged, type NewCommit } from "../../../application/ports/mod.ts";
import { defined, jsonInSteps, type Steps } from "../../../domain/kernel/mod.ts";

const { isObject, isString } = Predicate;

const isInteger = (value: unknown): boolean => Number.isSafeInteger(value);

const isOptionalString = (value: unknown): boolean => value === undefined || isString(value);

const isStoredEvent = (value: unknown): boolean =>
  isObject(value) &&
  isString(value.type) &&
  isInteger(value.schemaVersion) &&
  isString(value.cid) &&
  value.data !== undefined;

const isSignature = (value: unknown): boolean =>
  value === undefined ||
  (isObject(value) &&
    isString(value.publicKey) &&
    isString(value.signature) &&
    isString(value.text) &&
    isOptionalString(value.payload));

/**
 * Returns whether a value has the form of the schema `NewCommit`. It is written by hand because every replay checks
 * every commit. The schema also checks all event data, and takes longer than parsing. A test compares both.
 */
export const isNewCommit = (value: unknown): value is NewCommit =>
  isObject(value) &&
  isString(value.aggregate) &&
  isString(value.id) &&
  isInteger(value.firstVersion) &&
  isString(value.command) &&
  isString(value.commandId) &&
  isString(value.actor) &&
  isString(value.time) &&
  isString(value.correlationId) &&
  isOptionalString(value.causationId) &&
  isOptionalString(value.traceparent) &&
  isOptionalString(value.previousCid) &&
  isOptionalString(value.payloadDigest) &&
  isOptionalString(value.seal) &&
  isSignature(value.signed) &&
  Array.isArray(value.events) &&
  value.events.length > 0 &&
  value.events.every(isStoredEvent);

const text = new TextDecoder("utf-8", { fatal: true });

/** Returns the aggregate that a subject of the log names. `prefix` is the start of all its subjects. */
const aggregateOfSubject = (subject: string, prefix: string): Foreign["of"] => {
  const [aggregate, id, ...more] = subject.startsWith(prefix) ? subject.slice(prefix.length).split(".") : [];
  return aggregate === undefined || id === undefined || more.length > 0 ? undefined : { aggregate, id };
};

const foreign = (position: number, subject: string, prefix: string, problem: string) =>
  Result.fail<Foreign>({ position, ...defined({ of: aggregateOfSubject(subject, prefix) }), problem });

/**
 * The milliseconds that the time of a commit may be ahead of the moment at which the log took it, because clocks
 * differ.
 */
const ahead = 1_000;

/**
 * Returns the commit in a message of the log, or why the message is foreign. A commit must be on the subject of its
 * aggregate. `takenAt` is when the log took it, in milliseconds since 1970.
 */
export const decodeCommit = (
  position: number,
  subject: string,
  data: Uint8Array,
  prefix: string,
  takenAt?: number,
): Result.Result<Commit, Foreign> => {
  const parsed = Result.try((): unknown => JSON.parse(text.decode(data)));
  if (Result.isFailure(parsed))
    return foreign(position, subject, prefix, data.length === 0 ? "it is empty" : "it is not JSON in UTF-8");
  const value = parsed.success;
  if (!isNewCommit(value)) return foreign(position, subject, prefix, "it is JSON that is not a commit");
  if (subject !== `${prefix}${value.aggregate}.${value.id}`)
    return foreign(position, subject, prefix, `it says that it is of ${value.aggregate} ${value.id}`);
  if ("takenAt" in value) return foreign(position, subject, prefix, "it has a field `takenAt`, which no commit has");
  const isFromFuture = takenAt !== undefined && Date.parse(value.time) > takenAt + ahead;
  const more = isFromFuture ? { position, takenAt: new Date(takenAt).toISOString() } : { position };
  return Result.succeed(Object.assign(value, more));
};

/** Returns the error for a reader of one aggregate's history that meets a foreign message in it. */
export const damagedAt = (foreign: Foreign, before: ReadonlyArray<Commit> = []): LogDamaged => {
  const { position, problem, of = { aggregate: "", id: "" } } = foreign;
  return new LogDamaged({
    ...of,
    position,
    problem,
    message: `the message at position ${position} of the log is not a commit of it: ${problem}`,
    before,
  });
};

/** Returns a commit in the form that the log keeps. Pauses if it is large. */
export function* encodeCommit(commit: NewCommit): Steps<Uint8Array> {
  return Buffer.from(yield* jsonInSteps(commit));
}
