import { Array as Arr, Effect, Layer, Option, Result, Stream } from "effect";
import {
  AppendConflict,
  Checkpoints,
  type Commit,
  CommitRefused,
  EventStore,
  type LogDamaged,
  type LogItem,
  type LogMessage,
  type NewCommit,
  type Snapshot,
  Snapshots,
} from "../../application/ports/mod.ts";
import { names } from "../../contract/names.ts";
import { damagedAt, decodeCommit } from "../nats/event-store/commits.ts";

/** The largest message of the embedded server. */
const largestCommit = 8 * 1024 * 1024;

/** The start of every subject of the log in memory. */
const prefix = names().subjects.allEvents.slice(0, -1);

/** The messages of a log in memory. A test can put messages there, as another program would. */
export class MemoryLog {
  readonly #messages: Array<{ readonly subject: string; readonly data: Uint8Array }> = [];
  readonly #newest = new Map<string, number>();
  readonly #waiting = new Set<() => void>();

  get length(): number {
    return this.#messages.length;
  }

  /** Returns the position of the newest message on a subject, 0 if it has none. */
  newestOn(subject: string): number {
    return this.#newest.get(subject) ?? 0;
  }

  /** Writes a message without checks. Returns its position. */
  put(subject: string, data: Uint8Array | string): number {
    const position = this.#messages.push({ subject, data: Buffer.from(data) });
    this.#newest.set(subject, position);
    // A reader that wakes may wait again at once, for the next message.
    const woken = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of woken) wake();
    return position;
  }

  messageAt(position: number): LogMessage | undefined {
    const message = this.#messages[position - 1];
    if (message === undefined) return undefined;
    const decoded = decodeCommit(position, message.subject, message.data, prefix);
    return Result.isSuccess(decoded)
      ? { kind: "commit", commit: decoded.success }
      : { kind: "foreign", foreign: decoded.failure };
  }

  between(after: number, last: number): ReadonlyArray<LogMessage> {
    return this.#messages.slice(after, last).flatMap((_, index) => this.messageAt(after + index + 1) ?? []);
  }

  on(subject: string, after: number): ReadonlyArray<LogMessage> {
    return this.#messages.flatMap((message, index) =>
      index >= after && message.subject === subject ? (this.messageAt(index + 1) ?? []) : [],
    );
  }

  /** Waits until there is a message after `position`. */
  after(position: number): Effect.Effect<void> {
    return Effect.callback<void>((resume) => {
      if (this.length > position) return resume(Effect.void);
      const wake = () => resume(Effect.void);
      this.#waiting.add(wake);
      return Effect.sync(() => this.#waiting.delete(wake));
    });
  }
}

/** The commits up to the first foreign message, or a failure there. */
const commitsOf = (messages: ReadonlyArray<LogMessage>): Effect.Effect<ReadonlyArray<Commit>, LogDamaged> => {
  const commits: Array<Commit> = [];
  for (const message of messages) {
    if (message.kind === "foreign") return Effect.fail(damagedAt(message.foreign, commits));
    commits.push(message.commit);
  }
  return Effect.succeed(commits);
};

/** The log in memory, for tests. Like the real one it keeps text, so that no reader shares objects with it. */
export const memoryEventStoreOn = (log: MemoryLog) => {
  const subjectOf = (aggregate: string, id: string) => names().subjects.event(aggregate, id);

  const follow = (after: number): Stream.Stream<LogItem> =>
    Stream.unwrap(
      Effect.sync(() => {
        let position = after;
        const next = (): Arr.NonEmptyReadonlyArray<LogItem> => {
          const messages = log.between(position, log.length);
          position = Math.max(position, log.length);
          return Arr.append(messages, { kind: "caught-up", position });
        };
        let first = true;
        return Stream.fromPull(
          Effect.succeed(
            Effect.suspend(() => {
              if (!first) return Effect.map(log.after(position), next);
              first = false;
              return Effect.sync(next);
            }),
          ),
        );
      }),
    );

  return EventStore.of({
    append: Effect.fnUntraced(function* (commit: NewCommit, expectedPosition: number) {
      const text = JSON.stringify(commit);
      if (text.length > largestCommit) {
        return yield* new CommitRefused({ message: `the commit has ${text.length} characters, too many` });
      }
      const subject = subjectOf(commit.aggregate, commit.id);
      if (log.newestOn(subject) !== expectedPosition) {
        return yield* new AppendConflict({ aggregate: commit.aggregate, id: commit.id, expectedPosition });
      }
      return log.put(subject, text);
    }),
    read: (aggregate, id, { after = 0 } = {}) =>
      Effect.suspend(() => commitsOf(log.on(subjectOf(aggregate, id), after))),
    heard: () => [],
    commitAt: (position) =>
      Effect.suspend(() => {
        const message = log.messageAt(position);
        return Effect.map(commitsOf(message === undefined ? [] : [message]), ([commit]) =>
          Option.fromUndefinedOr(commit),
        );
      }),
    readAll: (after, last) => Stream.suspend(() => Stream.fromIterable(log.between(after, last ?? log.length))),
    follow,
    lastPosition: Effect.sync(() => log.length),
    received: () => log.length,
    replaced: Effect.never,
  });
};

/** A log in memory of its own. */
export const memoryEventStoreLayer = Layer.sync(EventStore, () => memoryEventStoreOn(new MemoryLog()));

/** Snapshots in memory, for tests. Kept as text, so that no reader shares objects with it. */
export const memorySnapshotsLayer = Layer.sync(Snapshots, () => {
  const texts = new Map<string, string>();
  return Snapshots.of({
    load: (aggregate, id) =>
      Effect.sync(() =>
        Option.map(Option.fromUndefinedOr(texts.get(`${aggregate}.${id}`)), (text): Snapshot => JSON.parse(text)),
      ),
    save: (aggregate, id, snapshot) =>
      Effect.sync(() => void texts.set(`${aggregate}.${id}`, JSON.stringify(snapshot))),
  });
});

/** Checkpoints in memory, for tests. */
export const memoryCheckpointsLayer = Layer.sync(Checkpoints, () => {
  const positions = new Map<string, number>();
  const load = (reader: string) => positions.get(reader) ?? 0;
  return Checkpoints.of({
    load: (reader) => Effect.sync(() => load(reader)),
    save: (reader, position) => Effect.sync(() => void positions.set(reader, Math.max(load(reader), position))),
    startOver: (reader) => Effect.sync(() => void positions.delete(reader)),
  });
});
