import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Effect, Fiber, Layer, Stream } from "effect";
import {
  EventStore,
  type EventStoreShape,
  type LogItem,
  type ReadFailure,
} from "../../../../../src/application/ports/mod.ts";
import { NatsConnection } from "../../../../../src/infrastructure/nats/connection.ts";
import { eventStoreLayer } from "../../../../../src/infrastructure/nats/event-store/mod.ts";
import { shareLog } from "../../../../../src/infrastructure/nats/event-store/shared-log.ts";
import { appendMany } from "../../../../support/contracts/event-store.contract.ts";
import { type TestNats, testNats } from "../../../../support/nats.ts";

let nats: TestNats;
beforeAll(async () => {
  nats = await testNats();
});
afterAll(() => nats.dispose());

type Follow = (after: number) => Stream.Stream<LogItem, ReadFailure>;

/** Runs with a log that keeps ten commits for those behind its end, which is at `before`. */
const withSharedLog = <A>(
  before: number,
  body: (follow: Follow, store: EventStoreShape) => Effect.Effect<A, unknown, EventStore | NatsConnection>,
) =>
  Effect.runPromise(
    Effect.gen(function* () {
      const connection = yield* NatsConnection;
      yield* appendMany("before", before);
      const { lastPosition } = yield* EventStore;
      const { follow } = yield* shareLog(connection, lastPosition, { commits: 10, bytes: 1_000_000 });
      return yield* body(follow, yield* EventStore);
    }).pipe(
      Effect.scoped,
      Effect.provide(Layer.provideMerge(eventStoreLayer(), nats.connection(`s${crypto.randomUUID().slice(0, 8)}`))),
    ),
  );

const between = (after: number, last: number) => Array.from({ length: last - after }, (_, index) => after + 1 + index);

/** The positions after `after` up to `last`, with a pause after each `pauseEvery`. */
const positions = (follow: Follow, after: number, last: number, pauseEvery = Number.POSITIVE_INFINITY) =>
  follow(after).pipe(
    Stream.filter((item) => item.kind === "commit"),
    Stream.map(({ commit }) => commit.position),
    Stream.tap((position) => (position % pauseEvery === 0 ? Effect.sleep("20 millis") : Effect.void)),
    Stream.takeUntil((position) => position >= last),
    Stream.runCollect,
  );

test("all who follow the log get every commit in order, wherever they begin and however slow they are", () =>
  withSharedLog(40, (follow) =>
    Effect.gen(function* () {
      const starts = [0, 5, 39, 40];
      const readers = yield* Effect.forkChild(
        Effect.forEach(
          [1, 7, Number.POSITIVE_INFINITY].flatMap((pauseEvery) => starts.map((after) => ({ after, pauseEvery }))),
          ({ after, pauseEvery }) => positions(follow, after, 240, pauseEvery),
          { concurrency: "unbounded" },
        ),
      );
      yield* appendMany("meanwhile", 200);
      const seen = yield* Fiber.join(readers);
      for (const [index, read] of seen.entries())
        expect(read).toEqual(between(starts[index % starts.length] ?? 0, 240));
    }),
  ));

test("who follows the end gets the very commit that the others get", () =>
  withSharedLog(3, (follow, store) =>
    Effect.gen(function* () {
      const next = follow(3).pipe(
        Stream.filter((item) => item.kind === "commit"),
        Stream.take(1),
        Stream.runCollect,
      );
      const both = yield* Effect.forkChild(Effect.all([next, next], { concurrency: 2 }));
      yield* appendMany("meanwhile", 1);
      const [[one], [other]] = yield* Fiber.join(both);
      expect(one?.commit).toBe(other?.commit);
      expect(one?.commit.position).toBe(yield* store.lastPosition);
    }),
  ));

test("who begins at the end is told so, and again after each commit", () =>
  withSharedLog(2, (follow) =>
    Effect.gen(function* () {
      const told = yield* Effect.forkChild(Stream.runCollect(Stream.take(follow(2), 3)));
      yield* Effect.sleep("100 millis");
      yield* appendMany("meanwhile", 1);
      expect(yield* Fiber.join(told)).toMatchObject([
        { kind: "caught-up", position: 2 },
        { kind: "commit", commit: { position: 3 } },
        { kind: "caught-up", position: 3 },
      ]);
    }),
  ));
