import { describe, expect, test } from "@jest/globals";
import { Effect, Fiber, type Layer, Option, Stream } from "effect";
import fc from "fast-check";
import {
  type Commit,
  EventStore,
  type EventStoreShape,
  type LogItem,
  type NewCommit,
} from "../../../src/application/ports/mod.ts";

/** A commit of one event; its data tells it from others. */
export const commitOf = (
  aggregate: string,
  id: string,
  version: number,
  data: NewCommit["events"][0]["data"],
): NewCommit => ({
  aggregate,
  id,
  firstVersion: version,
  command: "change",
  commandId: `command-${aggregate}-${id}-${version}`,
  actor: "tester",
  time: "2026-01-01T00:00:00.000Z",
  correlationId: "correlation",
  events: [{ type: "changed", schemaVersion: 1, data, cid: `cid-${version}` }],
});

/** Appends `count` commits to an aggregate that has none; gives the positions. */
export const appendMany = Effect.fnUntraced(function* (id: string, count: number) {
  const store = yield* EventStore;
  const positions: Array<number> = [];
  for (let version = 1; version <= count; version++) {
    positions.push(yield* store.append(commitOf("thing", id, version, { version }), positions.at(-1) ?? 0));
  }
  return positions;
});

export const positionsOf = (items: ReadonlyArray<LogItem>): ReadonlyArray<number> =>
  items.flatMap((item) => (item.kind === "commit" ? [item.commit.position] : []));

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** Follows from `after` until `count` commits have come. */
const followed = (store: EventStoreShape, after: number, count: number) => {
  let seen = 0;
  return store.follow(after).pipe(
    Stream.takeUntil((item) => item.kind === "commit" && ++seen === count),
    Stream.runCollect,
  );
};

/**
 * What every event store must do. `layer` makes an empty one; where it cannot (a server's log is shared), `start` of
 * each test is its last position.
 */
export const eventStoreContract = (layer: () => Layer.Layer<EventStore, unknown>) => {
  const run = <A>(body: (store: EventStoreShape, start: number) => Effect.Effect<A, unknown, EventStore>) =>
    Effect.runPromise(
      Effect.gen(function* () {
        const store = yield* EventStore;
        return yield* body(store, yield* store.lastPosition);
      }).pipe(Effect.provide(layer())),
    );
  const freshId = () => crypto.randomUUID();

  describe("append", () => {
    test("gives positions that grow", () =>
      run((_, start) =>
        Effect.gen(function* () {
          expect(yield* appendMany(freshId(), 3)).toEqual([start + 1, start + 2, start + 3]);
        }),
      ));

    test("refuses what expects an older position, and writes nothing", () =>
      run((store, start) =>
        Effect.gen(function* () {
          const id = freshId();
          yield* appendMany(id, 2);
          const error = yield* Effect.flip(store.append(commitOf("thing", id, 3, null), start + 1));
          expect(error).toMatchObject({ _tag: "AppendConflict", aggregate: "thing", id, expectedPosition: start + 1 });
          expect(yield* store.lastPosition).toBe(start + 2);
        }),
      ));

    test("refuses a first commit where there is one", () =>
      run((store) =>
        Effect.gen(function* () {
          const id = freshId();
          yield* appendMany(id, 1);
          const error = yield* Effect.flip(store.append(commitOf("thing", id, 1, null), 0));
          expect(error._tag).toBe("AppendConflict");
        }),
      ));

    test("refuses a position that the aggregate never had", () =>
      run((store, start) =>
        Effect.gen(function* () {
          const error = yield* Effect.flip(store.append(commitOf("thing", freshId(), 1, null), start + 1));
          expect(error._tag).toBe("AppendConflict");
        }),
      ));

    test("refuses what is too large for ever, and goes on", () =>
      run((store, start) =>
        Effect.gen(function* () {
          const id = freshId();
          const error = yield* Effect.flip(store.append(commitOf("thing", id, 1, "x".repeat(9_000_000)), 0));
          expect(error._tag).toBe("CommitRefused");
          expect(yield* store.append(commitOf("thing", id, 1, "x".repeat(1_000_000)), 0)).toBe(start + 1);
        }),
      ));

    test("loses nothing and orders everything with 64 concurrent writers on one aggregate", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 64, maxLength: 64 }), (delays) =>
          run((store) =>
            Effect.gen(function* () {
              const id = freshId();
              const write = (writer: number, pause: number) =>
                Effect.gen(function* () {
                  for (;;) {
                    const seen = yield* store.read("thing", id);
                    yield* Effect.sleep(pause);
                    const commit = commitOf("thing", id, seen.length + 1, { writer });
                    const outcome = yield* Effect.option(
                      Effect.catchTag(store.append(commit, seen.at(-1)?.position ?? 0), "AppendConflict", () =>
                        Effect.succeed(0),
                      ),
                    );
                    if (Option.isSome(outcome) && outcome.value > 0) return;
                  }
                });
              yield* Effect.forEach(delays, (pause, writer) => write(writer, pause), { concurrency: "unbounded" });
              const commits = yield* store.read("thing", id);
              expect(commits.map((commit) => commit.firstVersion)).toEqual(range(1, 64));
              const writers = commits.map((commit) => JSON.stringify(commit.events[0].data)).sort();
              expect(writers).toEqual(delays.map((_, writer) => JSON.stringify({ writer })).sort());
            }),
          ),
        ),
        { numRuns: 3 },
      );
    });
  });

  describe("read", () => {
    test("gives an aggregate's own commits, complete and in order", () =>
      run((store, start) =>
        Effect.gen(function* () {
          const [one, other] = [freshId(), freshId()];
          const first: NewCommit = {
            ...commitOf("thing", one, 1, {
              text: "quotes \" '' \n Unicode ✓ \u{1f600}",
              nested: [null, { "/": 1 }],
            }),
            traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            causationId: "cause",
            previousCid: "previous",
            signed: { publicKey: "U", signature: "s", text: "t" },
          };
          yield* store.append(first, 0);
          yield* appendMany(other, 2);
          yield* store.append(commitOf("thing", one, 2, 2), start + 1);
          const expected: ReadonlyArray<Commit> = [
            { ...first, position: start + 1 },
            { ...commitOf("thing", one, 2, 2), position: start + 4 },
          ];
          expect(yield* store.read("thing", one)).toEqual(expected);
          expect(yield* store.read("thing", one)).toEqual(expected);
        }),
      ));

    test("is empty where there is no such aggregate", () =>
      run((store) =>
        Effect.gen(function* () {
          expect(yield* store.read("thing", freshId())).toEqual([]);
          expect(yield* store.read("thing", freshId())).toEqual([]);
        }),
      ));

    test("starts after a position", () =>
      run((store) =>
        Effect.gen(function* () {
          const id = freshId();
          const positions = yield* appendMany(id, 4);
          const after = positions[1] ?? 0;
          expect((yield* store.read("thing", id, { after })).map((commit) => commit.position)).toEqual(
            positions.slice(2),
          );
          expect(yield* store.read("thing", id, { after: positions[3] ?? 0 })).toEqual([]);
        }),
      ));

    test("gives a long history whole", () =>
      run((store) =>
        Effect.gen(function* () {
          const id = freshId();
          const positions = yield* appendMany(id, 2_500);
          expect((yield* store.read("thing", id)).map((commit) => commit.position)).toEqual(positions);
        }),
      ));
  });

  test("commitAt gives the commit at a position, if there is one", () =>
    run((store, start) =>
      Effect.gen(function* () {
        const id = freshId();
        yield* appendMany(id, 2);
        const found = yield* store.commitAt(start + 2);
        expect(Option.map(found, (commit) => [commit.id, commit.firstVersion, commit.position])).toEqual(
          Option.some([id, 2, start + 2]),
        );
        expect(yield* store.commitAt(start + 3)).toEqual(Option.none());
        expect(yield* store.commitAt(0)).toEqual(Option.none());
      }),
    ));

  test("readAll gives everything after a position and ends", () =>
    run((store, start) =>
      Effect.gen(function* () {
        yield* appendMany(freshId(), 3);
        const all = yield* Stream.runCollect(store.readAll(start));
        expect(yield* Stream.runCollect(store.readAll(start, start + 1))).toEqual(all.slice(0, 1));
        expect(positionsOf(all)).toEqual([start + 1, start + 2, start + 3]);
        expect(yield* Stream.runCollect(store.readAll(start + 3))).toEqual([]);
      }),
    ));

  describe("follow", () => {
    test("says at once that it has caught up where nothing is there to read", () =>
      run((store, start) =>
        Effect.gen(function* () {
          const first = yield* Stream.runHead(store.follow(start));
          expect(first).toEqual(Option.some({ kind: "caught-up", position: start }));
        }),
      ));

    test("says that it has caught up after what was there", () =>
      run((store, start) =>
        Effect.gen(function* () {
          yield* appendMany(freshId(), 3);
          const items = yield* store.follow(start).pipe(
            Stream.takeUntil((item) => item.kind === "caught-up"),
            Stream.runCollect,
          );
          expect(positionsOf(items)).toEqual([start + 1, start + 2, start + 3]);
          expect(items.at(-1)).toEqual({ kind: "caught-up", position: start + 3 });
        }),
      ));

    test("gives what is appended later, without gap or duplicate, and catches up again", () =>
      run((store, start) =>
        Effect.gen(function* () {
          yield* appendMany(freshId(), 5);
          const reader = yield* Effect.forkChild(followed(store, start, 40));
          yield* Effect.forEach(range(1, 7), () => appendMany(freshId(), 5), { concurrency: 7 });
          expect(positionsOf(yield* Fiber.join(reader))).toEqual(range(start + 1, start + 40));
          const last = yield* store.follow(start + 40).pipe(Stream.runHead);
          expect(last).toEqual(Option.some({ kind: "caught-up", position: start + 40 }));
        }),
      ));
  });
};
