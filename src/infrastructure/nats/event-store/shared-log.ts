import { Array as Arr, Effect, Schedule, type Scope, Stream } from "effect";
import type { Pace } from "../../../application/pace.ts";
import {
  type Commit,
  type EventStoreShape,
  type LogItem,
  type LogMessage,
  positionOfItem,
  type StoreUnavailable,
} from "../../../application/ports/mod.ts";
import type { NatsConnection } from "../connection.ts";
import { LogBlocks } from "./log-blocks.ts";
import { LogReader, type ReadItem } from "./log-reader.ts";

type Connection = NatsConnection["Service"];
type LastPosition = EventStoreShape["lastPosition"];

/** How much of the log is kept for followers that read a little behind its end. */
export interface Room {
  readonly commits: number;
  readonly bytes: number;
}

const usualRoom: Room = { commits: 16_384, bytes: 32 * 1024 * 1024 };
/** The most commits that a follower gets at a time. */
const batch = 1_024;
/** From this number of bytes on, a follower takes tens of milliseconds for its commits. */
const largeBytes = 1024 * 1024;

/** A message and its size in the log. All followers get the same object. */
type Kept = LogMessage & { readonly bytes: number };

/** What this backend knows of one aggregate without asking the server. */
export interface Heard {
  /** The position of the newest message that has arrived; undefined if it is older than what is kept. */
  readonly newest: number | undefined;
  /** All of its commits after a position; undefined if some may be missing here. */
  readonly commits: ReadonlyArray<Commit> | undefined;
}

const keyOf = ({ aggregate, id }: Pick<Commit, "aggregate" | "id">): string => `${aggregate}.${id}`;

/** Returns the key of the aggregate that a message is about; undefined if it is about none. */
const subjectOf = (item: LogMessage): string | undefined => {
  const of = item.kind === "commit" ? item.commit : item.foreign.of;
  return of && keyOf(of);
};

/** A follower that waits for messages. `concerns` returns whether it wants any of the new ones. */
interface Waiting {
  readonly wake: () => void;
  readonly concerns: (come: ReadonlyArray<Kept>) => boolean;
}

/**
 * The end of the log, read once for all that follow it.
 *
 * A backend has dozens of followers: views, the feed, process managers. The failure that this prevents: with a consumer
 * each, the server would send every commit dozens of times, and every follower would decode it again. Here one reader
 * decodes each commit once and keeps the newest ones. A follower that is further back reads older commits in blocks
 * (see `LogBlocks`) until it has caught up. So no follower waits for another one, and a slow follower cannot fill the
 * memory. If the end cannot be read, every follower reads for itself, and so gets the error.
 */
class SharedLog {
  readonly #connection: Connection;
  readonly #lastPosition: LastPosition;
  readonly #older: LogBlocks;
  readonly #room: Room;
  /** The messages after `#after` up to `#end`, in order. */
  #kept: Array<Kept> = [];
  #bytes = 0;
  /** The newest position of each aggregate among the kept messages, by {@link keyOf}. */
  readonly #newest = new Map<string, number>();
  #after: number;
  #end: number;
  /** The position at which the reader last reached the end of the log. */
  #caughtUp: number;
  /** Whether the end can be read. If it cannot, every follower reads for itself. */
  #reading = true;
  #waiting = new Set<Waiting>();
  /** Grows with every change that a waiting follower must see. */
  #changes = 0;

  constructor(connection: Connection, lastPosition: LastPosition, older: LogBlocks, after: number, room: Room) {
    this.#connection = connection;
    this.#lastPosition = lastPosition;
    this.#older = older;
    this.#room = room;
    this.#after = after;
    this.#end = after;
    this.#caughtUp = after;
  }

  /** The position up to which the log was read. */
  get received(): number {
    return this.#end;
  }

  /** Waits until all messages up to a position have arrived. */
  reached(position: number): Effect.Effect<void> {
    return Effect.suspend(() =>
      this.#end >= position
        ? Effect.void
        : Effect.andThen(
            this.#changedSince(this.#changes, () => this.#end >= position),
            this.reached(position),
          ),
    );
  }

  /** Returns the newest position of an aggregate, and its commits after a position. */
  heard(of: Pick<Commit, "aggregate" | "id">, after: number): Heard {
    const key = keyOf(of);
    const newest = this.#newest.get(key);
    if (after < this.#after) return { newest, commits: undefined };
    const commits: Array<Commit> = [];
    if (newest === undefined || newest <= after) return { newest, commits };
    for (let index = this.#indexAfter(after); index < this.#kept.length; index += 1) {
      const item = this.#kept[index];
      if (item === undefined || subjectOf(item) !== key) continue;
      if (item.kind !== "commit") return { newest, commits: undefined };
      commits.push(item.commit);
    }
    return { newest, commits };
  }

  /** Reads as long as the scope lasts. */
  readonly run = Effect.suspend(() => {
    const reader = new LogReader(this.#connection, this.#end);
    this.#reading = true;
    return Effect.forever(Effect.map(reader.pull, (items) => this.#add(items))).pipe(Effect.ensuring(reader.close));
  }).pipe(
    Effect.tapError(() =>
      Effect.sync(() => {
        this.#reading = false;
        this.#wake(() => true);
      }),
    ),
    Effect.retry(Schedule.spaced("1 second")),
  );

  /** The log after `after` without end; see `EventStore.follow`. */
  follow(after: number, wanted?: (commit: Commit) => boolean, pace?: Pace): Stream.Stream<LogItem, StoreUnavailable> {
    // Commits that are in the log now may not have arrived here yet. A follower has caught up when they have.
    const there = Effect.orElseSucceed(this.#lastPosition, () => 0);
    return Stream.unwrap(Effect.map(there, (least) => this.#followOnce(after, least, wanted, pace)));
  }

  #followOnce(
    after: number,
    least: number,
    wanted?: (commit: Commit) => boolean,
    pace?: Pace,
  ): Stream.Stream<LogItem, StoreUnavailable> {
    const isWanted = (item: Kept): boolean => wanted === undefined || (item.kind === "commit" && wanted(item.commit));
    let position = after;
    let told = -1;
    let own: LogReader | undefined;
    const stopOwn = Effect.suspend(() => {
      const ended = own;
      own = undefined;
      return ended === undefined ? Effect.void : ended.close;
    });
    const advance = (items: Arr.NonEmptyReadonlyArray<LogItem>) => {
      for (const item of items) position = positionOfItem(item);
      return items;
    };
    /** The bytes of the commits that were taken last. */
    let taken = 0;
    /** When commits were taken last. */
    let takenAt = Number.NEGATIVE_INFINITY;
    const take = (): ReadonlyArray<LogItem> => {
      const items: Array<LogItem> = [];
      taken = 0;
      for (let index = this.#indexAfter(position); index < this.#kept.length && items.length < batch; index += 1) {
        const item = this.#kept[index];
        if (item === undefined) break;
        position = positionOfItem(item);
        if (!isWanted(item)) continue;
        items.push(item);
        taken += item.bytes;
      }
      const isAtEnd = position >= this.#caughtUp && this.#caughtUp === this.#end && position >= least;
      if (isAtEnd && told !== position) {
        told = position;
        items.push({ kind: "caught-up", position });
      }
      return items;
    };
    // A follower that wants few commits is woken from time to time. Otherwise it would fall behind what is kept.
    const concerns = (come: ReadonlyArray<Kept>): boolean =>
      told < least || this.#end - position >= batch || come.some(isWanted);
    // A follower that is behind takes one batch after another.
    const pull: Effect.Effect<Arr.NonEmptyReadonlyArray<LogItem>, StoreUnavailable> = Effect.suspend(() =>
      pace === undefined || told < least || this.#end - position >= batch
        ? pullNow
        : Effect.andThen(pace.since(takenAt), pullNow),
    );
    const pullNow: typeof pull = Effect.suspend(() => {
      if (!this.#reading) {
        own ??= new LogReader(this.#connection, position);
        return Effect.map(own.pull, advance);
      }
      if (position < this.#after)
        return Effect.andThen(stopOwn, Effect.map(this.#older.read(position, this.#after), advance));
      const changes = this.#changes;
      const items = take();
      if (items.length > 0) takenAt = performance.now();
      // All followers wake in one turn of the event loop. Each takes a large batch in its own turn.
      const turn = taken < largeBytes ? stopOwn : Effect.andThen(stopOwn, Effect.yieldNow);
      if (Arr.isReadonlyArrayNonEmpty(items)) return Effect.as(turn, items);
      return stopOwn.pipe(Effect.andThen(this.#changedSince(changes, concerns)), Effect.andThen(pull));
    });
    return Stream.ensuring(Stream.fromPull(Effect.succeed(pull)), stopOwn);
  }

  #changedSince(changes: number, concerns: Waiting["concerns"]) {
    return Effect.callback<void>((resume) => {
      if (this.#changes !== changes) return resume(Effect.void);
      const one: Waiting = { wake: () => resume(Effect.void), concerns };
      this.#waiting.add(one);
      return Effect.sync(() => this.#waiting.delete(one));
    });
  }

  #add(items: ReadonlyArray<ReadItem>): void {
    const come: Array<Kept> = [];
    for (const item of items) {
      if (item.kind === "caught-up") {
        this.#end = Math.max(this.#end, item.position);
        this.#caughtUp = this.#end;
        continue;
      }
      come.push(item);
      this.#kept.push(item);
      const key = subjectOf(item);
      if (key !== undefined) this.#newest.set(key, positionOfItem(item));
      this.#bytes += item.bytes;
      this.#end = positionOfItem(item);
    }
    this.#forget();
    this.#wake(({ concerns }) => concerns(come));
  }

  /** Drops the oldest half at once, because each time the rest is copied. */
  #forget(): void {
    const room = this.#room;
    if (this.#kept.length <= room.commits && this.#bytes <= room.bytes) return;
    let count = 0;
    for (const item of this.#kept) {
      if (this.#kept.length - count <= room.commits / 2 && this.#bytes <= room.bytes / 2) break;
      this.#bytes -= item.bytes;
      count += 1;
      const key = subjectOf(item);
      if (key !== undefined && this.#newest.get(key) === positionOfItem(item)) this.#newest.delete(key);
    }
    const last = this.#kept[count - 1];
    if (last !== undefined) this.#after = positionOfItem(last);
    this.#kept = this.#kept.slice(count);
  }

  /** Returns the index of the first message after `position`. */
  #indexAfter(position: number): number {
    let low = 0;
    let high = this.#kept.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const item = this.#kept[middle];
      if (item !== undefined && positionOfItem(item) <= position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #wake(whom: (one: Waiting) => boolean): void {
    this.#changes += 1;
    // Collect all of them first: a follower that wakes may wait again at once.
    const woken = [...this.#waiting].filter(whom);
    for (const one of woken) this.#waiting.delete(one);
    for (const { wake } of woken) wake();
  }
}

/** The end of the log, as this backend receives it (see `EventStore`). */
export interface LogEnd extends Pick<EventStoreShape, "follow" | "received"> {
  readonly reached: (position: number) => Effect.Effect<void>;
  readonly heard: (of: Pick<Commit, "aggregate" | "id">, after: number) => Heard;
}

/** Reads the end of the log as long as the scope lasts. */
export const shareLog = Effect.fnUntraced(function* (
  connection: Connection,
  lastPosition: LastPosition,
  room: Room = usualRoom,
): Effect.fn.Return<LogEnd, StoreUnavailable, Scope.Scope> {
  const older = yield* Effect.acquireRelease(
    Effect.map(Effect.scope, (scope) => new LogBlocks(connection, scope)),
    (blocks) => blocks.close,
  );
  const shared = new SharedLog(connection, lastPosition, older, yield* lastPosition, room);
  yield* Effect.forkScoped(shared.run);
  return {
    follow: (...how) => shared.follow(...how),
    received: () => shared.received,
    reached: (position) => shared.reached(position),
    heard: (of, after) => shared.heard(of, after),
  };
});
