import { Array as Arr, Effect, Layer, Option, Stream } from "effect";
import {
  AppendConflict,
  Checkpoints,
  type Commit,
  CommitRefused,
  EventStore,
  type LogItem,
  type NewCommit,
  type Snapshot,
  Snapshots,
} from "../../application/ports/mod.ts";

/** The largest message of the embedded server. */
const largestCommit = 8 * 1024 * 1024;

/** The log in memory, for tests. Like the real one it keeps text, so that no reader shares objects with it. */
export const memoryEventStoreLayer = Layer.sync(EventStore, () => {
  const log: Array<{ readonly subject: string; readonly text: string }> = [];
  const newest = new Map<string, number>();
  const waiting = new Set<() => void>();

  const commitOf = (position: number): Commit | undefined => {
    const entry = log[position - 1];
    return entry === undefined ? undefined : { ...(JSON.parse(entry.text) as NewCommit), position };
  };

  const commitsBetween = (after: number, last: number): ReadonlyArray<Commit> =>
    log.slice(after, last).flatMap((_, index) => commitOf(after + index + 1) ?? []);

  /** Resolves when there is something after `position`. */
  const appendedAfter = (position: number) =>
    Effect.callback<void>((resume) => {
      if (log.length > position) return resume(Effect.void);
      const wake = () => resume(Effect.void);
      waiting.add(wake);
      return Effect.sync(() => waiting.delete(wake));
    });

  const follow = (after: number): Stream.Stream<LogItem> =>
    Stream.unwrap(
      Effect.sync(() => {
        let position = after;
        const next = (): Arr.NonEmptyReadonlyArray<LogItem> => {
          const commits = commitsBetween(position, log.length);
          position = Math.max(position, log.length);
          return Arr.append(
            commits.map((commit): LogItem => ({ kind: "commit", commit })),
            { kind: "caught-up", position },
          );
        };
        let first = true;
        return Stream.fromPull(
          Effect.succeed(
            Effect.suspend(() => {
              if (!first) return Effect.map(appendedAfter(position), next);
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
      const subject = `${commit.aggregate}.${commit.id}`;
      if ((newest.get(subject) ?? 0) !== expectedPosition) {
        return yield* new AppendConflict({ aggregate: commit.aggregate, id: commit.id, expectedPosition });
      }
      const position = log.push({ subject, text });
      newest.set(subject, position);
      // A reader that wakes may wait again at once, for the next commit.
      const woken = [...waiting];
      waiting.clear();
      for (const wake of woken) wake();
      return position;
    }),
    read: (aggregate, id, { after = 0 } = {}) =>
      Effect.sync(() =>
        log.flatMap(({ subject }, index) =>
          index >= after && subject === `${aggregate}.${id}` ? (commitOf(index + 1) ?? []) : [],
        ),
      ),
    commitAt: (position) => Effect.sync(() => Option.fromUndefinedOr(commitOf(position))),
    readAll: (after) => Stream.suspend(() => Stream.fromIterable(commitsBetween(after, log.length))),
    follow,
    lastPosition: Effect.sync(() => log.length),
  });
});

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
  });
});
