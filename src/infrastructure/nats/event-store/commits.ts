import { Predicate, Result } from "effect";
import { type Commit, LogDamaged, type NewCommit } from "../../../application/ports/mod.ts";

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
 * Whether a value has the form of the schema `NewCommit`. Written by hand because every replay checks every commit, and
 * the schema, which also looks into all event data, takes longer than parsing. A test compares both.
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

/** The commit in a message of the log. */
export const decodeCommit = (position: number, data: Uint8Array): Result.Result<Commit, LogDamaged> => {
  const parsed = Result.try((): unknown => JSON.parse(text.decode(data)));
  if (Result.isSuccess(parsed) && isNewCommit(parsed.success)) {
    return Result.succeed(Object.assign(parsed.success, { position }));
  }
  return Result.fail(
    new LogDamaged({
      position,
      message: `the message at position ${position} of the log is not a commit: restore the store from a backup, or find out which other program writes to it`,
    }),
  );
};

/** A commit as the log keeps it. */
export const encodeCommit = (commit: NewCommit): Uint8Array => Buffer.from(JSON.stringify(commit));
