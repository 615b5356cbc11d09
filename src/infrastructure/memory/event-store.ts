import { Array as Arr, Effect, Layer, Option, Stream } from "effect";
import {
  AppendConflict,
  type Commit,
  CommitRefused,
  EventStore,
  type LogItem,
  type NewCommit,
} from "../../application/ports/mod.ts";

/** As the embedded server's largest message. */
const largestCommit = 8 * 1024 * 1024;

/** The log in memory, for tests: like the real one it keeps text, so that nobody shares objects with it. */
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
      // Whoever wakes may wait again at once: for what comes next.
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
