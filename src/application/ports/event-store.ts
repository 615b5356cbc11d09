import { Context, Data, type Effect, type Option, Schema, type Stream } from "effect";
import type { Pace } from "../pace.ts";

/** An event inside a commit, as stored: its type, the schema version it was written in, its data and its content id. */
export const StoredEvent = Schema.Struct({
  type: Schema.String,
  schemaVersion: Schema.Int,
  data: Schema.Json,
  /** CIDv1 over `{content: {type, schemaVersion, data}, previous, sequence}`, see `Digests.cid`. */
  cid: Schema.String,
});
export type StoredEvent = typeof StoredEvent.Type;

/**
 * A signature that came with a command: `publicKey` is an nkey (`U…`), `signature` base64url Ed25519, `text` what was
 * signed, so that the log alone proves it: command id, subject, and the hex SHA-256 of `payload`, a line each. The
 * payload is kept as long as it is small, and is what shows that the events are what its signer meant.
 */
export const CommandSignature = Schema.Struct({
  publicKey: Schema.String,
  signature: Schema.String,
  text: Schema.String,
  payload: Schema.optionalKey(Schema.String),
});

/**
 * One commit, as stored: all the events of one accepted command. The JSON payload of a message of the log.
 * `firstVersion` is the number of its first event in the aggregate, from 1.
 */
export const NewCommit = Schema.Struct({
  aggregate: Schema.String,
  id: Schema.String,
  firstVersion: Schema.Int,
  command: Schema.String,
  /** Unique among the commands that `actor` gave on this aggregate, see `commandKey`. */
  commandId: Schema.String,
  actor: Schema.String,
  time: Schema.String,
  correlationId: Schema.String,
  causationId: Schema.optionalKey(Schema.String),
  traceparent: Schema.optionalKey(Schema.String),
  signed: Schema.optionalKey(CommandSignature),
  /**
   * SHA-256 of the canonical JSON of the command's payload, by which another command under the same id is found out.
   * Absent for internal commands, and in what was written before there were digests of payloads.
   */
  payloadDigest: Schema.optionalKey(Schema.String),
  /** Content id of the aggregate's event before the first one here; absent for its very first commit. */
  previousCid: Schema.optionalKey(Schema.String),
  events: Schema.NonEmptyArray(StoredEvent),
  /** Over everything else here, see `sealOf`; absent in what was written before there were seals. */
  seal: Schema.optionalKey(Schema.String),
});
export type NewCommit = typeof NewCommit.Type;

/** A commit with its place in the log: `position` is the stream sequence, from 1. */
export interface Commit extends NewCommit {
  readonly position: number;
  /** When the log took it, if it says a later time itself: a time that had not come. */
  readonly takenAt?: string;
}

/** The moment that the commits after one are not before. One from the future does not date those after it. */
export const timeInChain = ({ takenAt, time }: Pick<Commit, "takenAt" | "time">): string => takenAt ?? time;

/** Someone else appended to this aggregate first. Nothing was written. */
export class AppendConflict extends Schema.TaggedError<AppendConflict>()("AppendConflict", {
  aggregate: Schema.String,
  id: Schema.String,
  expectedPosition: Schema.Int,
}) {}

/** The store did not answer; whether an append was written is not known until the log is read again. */
export class StoreUnavailable extends Schema.TaggedError<StoreUnavailable>()("StoreUnavailable", {
  message: Schema.String,
  /** Whether it was not even tried, because the store is known not to take anything. */
  refused: Schema.optionalKey(Schema.Boolean),
}) {}

/** The store can never take this commit (larger than a message may be). */
export class CommitRefused extends Schema.TaggedError<CommitRefused>()("CommitRefused", {
  message: Schema.String,
}) {}

/**
 * A message of the log that is not a commit of the aggregate that its subject names. Other programs may write to the
 * log, and a file may be damaged.
 */
export interface Foreign {
  readonly position: number;
  /** The aggregate that its subject names; absent if it names none. */
  readonly of?: { readonly aggregate: string; readonly id: string };
  /** What is wrong with it. */
  readonly problem: string;
}

/** An aggregate's own history has a message that does not fit, so that it cannot be read further. */
export class LogDamaged extends Data.TaggedError("LogDamaged")<{
  readonly position: number;
  readonly aggregate: string;
  readonly id: string;
  readonly problem: string;
  readonly message: string;
  /** The commits that were asked for, up to the damage. */
  readonly before: ReadonlyArray<Commit>;
}> {}

export type ReadFailure = StoreUnavailable | LogDamaged;

/** A message of the log. */
export type LogMessage =
  | { readonly kind: "commit"; readonly commit: Commit }
  | { readonly kind: "foreign"; readonly foreign: Foreign };

/** What a live reader gets: a message, or word that everything up to `position` has been read. */
export type LogItem = LogMessage | { readonly kind: "caught-up"; readonly position: number };

/** Returns the place of an item in the log. */
export const positionOfItem = (item: LogItem): number => {
  if (item.kind === "commit") return item.commit.position;
  return item.kind === "foreign" ? item.foreign.position : item.position;
};

export interface EventStoreShape {
  /**
   * Appends one commit if the aggregate's last commit is still at `expectedPosition` (0: it has none).
   * Succeeds with the new position once the store has it durably.
   */
  readonly append: (
    commit: NewCommit,
    expectedPosition: number,
  ) => Effect.Effect<number, AppendConflict | CommitRefused | StoreUnavailable>;
  /**
   * The commits of one aggregate after position `after` (default 0) in order: all that were appended before the call. With
   * `mayLag` the newest may be missing, which is cheaper on several replicas. Only a reader whose append is checked by the
   * store may ask so. Fails with `LogDamaged` at a foreign message.
   */
  readonly read: (
    aggregate: string,
    id: string,
    options?: { readonly after?: number; readonly mayLag?: boolean },
  ) => Effect.Effect<ReadonlyArray<Commit>, ReadFailure>;
  /**
   * Those of the commits of an aggregate after position `after` that have come to this backend by themselves. Nobody is
   * asked, so the newest may be missing, and all of them if they came long ago.
   */
  readonly heard: (aggregate: string, id: string, after: number) => ReadonlyArray<Commit>;
  /** The commit at a position, if there is one. Fails with `LogDamaged` if something else is there. */
  readonly commitAt: (position: number) => Effect.Effect<Option.Option<Commit>, ReadFailure>;
  /** The log after `after`, oldest first, up to `last`; by default to what is its end when the reading starts. */
  readonly readAll: (after: number, last?: number) => Stream.Stream<LogMessage, StoreUnavailable>;
  /**
   * The whole log after `after`, oldest first, without end and without gaps. `caught-up` comes at least each time the
   * reader has reached the end of the log, also where nothing was there to read. Survives reconnection. Foreign messages
   * stop nobody: each comes at its place.
   *
   * Commits that are not `wanted` (default: all are) and foreign messages may be left out if `wanted` is given, and so may
   * the word that they have passed, as long as they are few.
   *
   * Items come at once, or at the `pace` of a follower that would rather have many at a time.
   */
  readonly follow: (
    after: number,
    wanted?: (commit: Commit) => boolean,
    pace?: Pace,
  ) => Stream.Stream<LogItem, StoreUnavailable>;
  /** Position of the newest message, 0 in an empty log. */
  readonly lastPosition: Effect.Effect<number, StoreUnavailable>;
  /** The newest position of which this backend knows, without asking. Followers may be behind it. */
  readonly received: () => number;
  /** Waits until the log is not the one that was read: it is gone, is another one, or has lost its end. Says which. */
  readonly replaced: Effect.Effect<string>;
}

/** The log of everything that happened: append-only, ordered, one stream. */
export class EventStore extends Context.Service<EventStore, EventStoreShape>()("cim/application/EventStore") {}

/** An aggregate's state at a position, so that a long history need not be read again. Only a cache: may be deleted. */
export interface Snapshot {
  readonly stateVersion: number;
  readonly position: number;
  readonly version: number;
  readonly lastCid: string;
  /** Time of its last commit. */
  readonly lastTime: string;
  /** Position of the commit of each command that the aggregate has handled, by `commandKey`. */
  readonly handled: Readonly<Record<string, number>>;
  readonly state: Schema.Json;
}

/** Where snapshots are kept. Values may be many MiB. */
export class Snapshots extends Context.Service<
  Snapshots,
  {
    /** None if there is none, or if it cannot be read. */
    readonly load: (aggregate: string, id: string) => Effect.Effect<Option.Option<Snapshot>>;
    readonly save: (aggregate: string, id: string, snapshot: Snapshot) => Effect.Effect<void, StoreUnavailable>;
  }
>()("cim/application/Snapshots") {}

/** How far a reader of the log has come: position up to which everything was handled. */
export class Checkpoints extends Context.Service<
  Checkpoints,
  {
    /** 0 where the reader has never run. */
    readonly load: (reader: string) => Effect.Effect<number, StoreUnavailable>;
    /** A checkpoint never goes back: an older position than the stored one is ignored. */
    readonly save: (reader: string, position: number) => Effect.Effect<void, StoreUnavailable>;
    /** What was saved is not of this log: as if the reader had never run. */
    readonly startOver: (reader: string) => Effect.Effect<void, StoreUnavailable>;
  }
>()("cim/application/Checkpoints") {}
