import { Context, Data, type Effect, type Option, Schema, type Stream } from "effect";
import type { Pace } from "../pace.ts";

/** A stored event of a commit: its type, its schema version when written, its data and its content id. */
export const StoredEvent = Schema.Struct({
  type: Schema.String,
  schemaVersion: Schema.Int,
  data: Schema.Json,
  /** CIDv1 over `{content: {type, schemaVersion, data}, previous, sequence}`, see `Digests.cid`. */
  cid: Schema.String,
});
export type StoredEvent = typeof StoredEvent.Type;

/**
 * The signature of a command. `publicKey` is an nkey (`U…`), `signature` is base64url Ed25519. `text` is the signed
 * text: command id, subject, and the hex SHA-256 of `payload`, one per line. So the log alone proves the signature. The
 * payload is stored if it is small. It shows that the events are what the signer meant.
 */
export const CommandSignature = Schema.Struct({
  publicKey: Schema.String,
  signature: Schema.String,
  text: Schema.String,
  payload: Schema.optionalKey(Schema.String),
});

/**
 * One stored commit: all events of one accepted command. It is the JSON payload of a message of the log. `firstVersion`
 * is the number of its first event in the aggregate, from 1.
 */
export const NewCommit = Schema.Struct({
  aggregate: Schema.String,
  id: Schema.String,
  firstVersion: Schema.Int,
  command: Schema.String,
  /** Unique among the commands of `actor` on this aggregate, see `commandKey`. */
  commandId: Schema.String,
  actor: Schema.String,
  time: Schema.String,
  correlationId: Schema.String,
  causationId: Schema.optionalKey(Schema.String),
  traceparent: Schema.optionalKey(Schema.String),
  signed: Schema.optionalKey(CommandSignature),
  /**
   * SHA-256 of the canonical JSON of the command's payload. It reveals a different command under the same id. Absent
   * for internal commands, and in commits of versions without payload digests.
   */
  payloadDigest: Schema.optionalKey(Schema.String),
  /** Content id of the aggregate's previous event; absent for its first commit. */
  previousCid: Schema.optionalKey(Schema.String),
  events: Schema.NonEmptyArray(StoredEvent),
  /** Covers everything else in the commit, see `sealOf`. Absent in commits of versions without seals. */
  seal: Schema.optionalKey(Schema.String),
});
export type NewCommit = typeof NewCommit.Type;

/** A commit with its `position` in the log, which is its stream sequence, from 1. */
export interface Commit extends NewCommit {
  readonly position: number;
  /** When the log received it, if the commit itself claims a later time. That time was then in the future. */
  readonly takenAt?: string;
}

/** Returns the earliest possible time of the next commit. A commit from the future does not postdate its successors. */
export const timeInChain = ({ takenAt, time }: Pick<Commit, "takenAt" | "time">): string => takenAt ?? time;

/** Another writer appended to this aggregate first. Nothing was written. */
export class AppendConflict extends Schema.TaggedError<AppendConflict>()("AppendConflict", {
  aggregate: Schema.String,
  id: Schema.String,
  expectedPosition: Schema.Int,
}) {}

/** The store did not answer. Only another read of the log shows whether an append was written. */
export class StoreUnavailable extends Schema.TaggedError<StoreUnavailable>()("StoreUnavailable", {
  message: Schema.String,
  /** Whether the append was not even tried, because the store is known to accept nothing. */
  refused: Schema.optionalKey(Schema.Boolean),
}) {}

/** The store can never accept this commit, because it is larger than a message may be. */
export class CommitRefused extends Schema.TaggedError<CommitRefused>()("CommitRefused", {
  message: Schema.String,
}) {}

/**
 * A message of the log that is not a commit of the aggregate in its subject. Other programs may write to the log, and a
 * file may be damaged.
 */
export interface Foreign {
  readonly position: number;
  /** The aggregate in its subject; absent if the subject names none. */
  readonly of?: { readonly aggregate: string; readonly id: string };
  /** Why it is not a commit. */
  readonly problem: string;
}

/** The history of an aggregate contains a message that does not fit, so it cannot be read further. */
export class LogDamaged extends Data.TaggedError("LogDamaged")<{
  readonly position: number;
  readonly aggregate: string;
  readonly id: string;
  readonly problem: string;
  readonly message: string;
  /** The requested commits before the damage. */
  readonly before: ReadonlyArray<Commit>;
}> {}

export type ReadFailure = StoreUnavailable | LogDamaged;

/** A message of the log. */
export type LogMessage =
  | { readonly kind: "commit"; readonly commit: Commit }
  | { readonly kind: "foreign"; readonly foreign: Foreign };

/** An item for a live reader: a message, or the notice that everything up to `position` has been read. */
export type LogItem = LogMessage | { readonly kind: "caught-up"; readonly position: number };

/** Returns the position of an item in the log. */
export const positionOfItem = (item: LogItem): number => {
  if (item.kind === "commit") return item.commit.position;
  return item.kind === "foreign" ? item.foreign.position : item.position;
};

export interface EventStoreShape {
  /**
   * Appends one commit if the aggregate's last commit is still at `expectedPosition` (0 if it has none). Succeeds with
   * the new position when the commit is durable. The condition is what keeps two backends from deciding on the same
   * state.
   */
  readonly append: (
    commit: NewCommit,
    expectedPosition: number,
  ) => Effect.Effect<number, AppendConflict | CommitRefused | StoreUnavailable>;
  /**
   * Returns the commits of one aggregate after position `after` (default 0) in order, including all that were appended
   * before the call. With `mayLag`, the newest may be missing, which is cheaper on several replicas. Only a reader
   * whose append the store checks may use it. Fails with `LogDamaged` at a foreign message.
   */
  readonly read: (
    aggregate: string,
    id: string,
    options?: { readonly after?: number; readonly mayLag?: boolean },
  ) => Effect.Effect<ReadonlyArray<Commit>, ReadFailure>;
  /**
   * Returns the commits of an aggregate after position `after` that this backend has already received. Nothing is
   * requested, so the newest may be missing. If they came long ago, all may be missing.
   */
  readonly heard: (aggregate: string, id: string, after: number) => ReadonlyArray<Commit>;
  /** Returns the commit at a position, if there is one. Fails with `LogDamaged` if another message is there. */
  readonly commitAt: (position: number) => Effect.Effect<Option.Option<Commit>, ReadFailure>;
  /**
   * Returns the log after `after`, oldest first, up to `last`. The default of `last` is the end of the log when reading
   * starts.
   */
  readonly readAll: (after: number, last?: number) => Stream.Stream<LogMessage, StoreUnavailable>;
  /**
   * Follows the whole log after `after`, oldest first, without end and without gaps. `caught-up` comes at least each
   * time the reader reaches the end of the log, even if there was nothing to read. Survives reconnections. Foreign
   * messages come at their place and do not stop the reader.
   *
   * If `wanted` is given, commits that are not wanted and foreign messages may be left out. The notice that they have
   * passed may be left out too, as long as they are few.
   *
   * Items come at once, or at the `pace` of a follower that prefers batches.
   */
  readonly follow: (
    after: number,
    wanted?: (commit: Commit) => boolean,
    pace?: Pace,
  ) => Stream.Stream<LogItem, StoreUnavailable>;
  /** Position of the newest message, 0 in an empty log. */
  readonly lastPosition: Effect.Effect<number, StoreUnavailable>;
  /** The newest position that this backend knows without asking. Followers may be behind it. */
  readonly received: () => number;
  /**
   * Waits until the log is no longer the one that was read: it is gone, is another one, or has lost its end. Returns
   * which.
   */
  readonly replaced: Effect.Effect<string>;
}

/** The log of all events: append-only, ordered, one stream. */
export class EventStore extends Context.Service<EventStore, EventStoreShape>()("cim/application/EventStore") {}

/**
 * An aggregate's state at a position, so that a long history need not be read again. It is a cache and may be deleted.
 */
export interface Snapshot {
  readonly stateVersion: number;
  readonly position: number;
  readonly version: number;
  readonly lastCid: string;
  /** Time of its last commit. */
  readonly lastTime: string;
  /** The position of the commit for each handled command of the aggregate, by `commandKey`. */
  readonly handled: Readonly<Record<string, number>>;
  readonly state: Schema.Json;
}

/** Stores snapshots. A value may have many MiB. */
export class Snapshots extends Context.Service<
  Snapshots,
  {
    /** Returns none if there is no snapshot, or if it is unreadable. */
    readonly load: (aggregate: string, id: string) => Effect.Effect<Option.Option<Snapshot>>;
    readonly save: (aggregate: string, id: string, snapshot: Snapshot) => Effect.Effect<void, StoreUnavailable>;
  }
>()("cim/application/Snapshots") {}

/** The position up to which a reader of the log has handled everything. */
export class Checkpoints extends Context.Service<
  Checkpoints,
  {
    /** Returns 0 if the reader has never run. */
    readonly load: (reader: string) => Effect.Effect<number, StoreUnavailable>;
    /** A checkpoint never moves back. A position older than the stored one is ignored. */
    readonly save: (reader: string, position: number) => Effect.Effect<void, StoreUnavailable>;
    /** Forgets a checkpoint that does not belong to this log, as if the reader had never run. */
    readonly startOver: (reader: string) => Effect.Effect<void, StoreUnavailable>;
  }
>()("cim/application/Checkpoints") {}
