import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { JetStreamApiError } from "@nats-io/jetstream";
import { Effect, Fiber, Layer, Option, Ref, Stream } from "effect";
import { EventStore, type EventStoreShape, positionOfItem } from "../../../../../src/application/ports/mod.ts";
import { NatsConnection } from "../../../../../src/infrastructure/nats/connection.ts";
import { eventStoreLayer } from "../../../../../src/infrastructure/nats/event-store/mod.ts";
import { appendMany, commitOf } from "../../../../support/contracts/event-store.contract.ts";
import { type TestNats, testNats } from "../../../../support/nats.ts";

let nats: TestNats;
beforeAll(async () => {
  nats = await testNats();
});
afterAll(() => nats.dispose());

type World = EventStore | NatsConnection;

const run = <A>(body: (store: EventStoreShape) => Effect.Effect<A, unknown, World>) =>
  Effect.runPromise(
    Effect.provide(
      Effect.flatMap(EventStore, body),
      Layer.provideMerge(eventStoreLayer(), nats.connection(`o${crypto.randomUUID().slice(0, 8)}`)),
    ),
  );

const range = (to: number) => Array.from({ length: to }, (_, index) => index + 1);

/** Follows from the beginning; `seen` are the positions so far. */
const following = Effect.fnUntraced(function* (store: EventStoreShape) {
  const seen = yield* Ref.make<ReadonlyArray<number>>([]);
  const fiber = yield* store.follow(0).pipe(
    Stream.runForEach((item) =>
      item.kind === "commit" ? Ref.update(seen, (positions) => [...positions, item.commit.position]) : Effect.void,
    ),
    Effect.forkChild,
  );
  const until = (count: number) =>
    Effect.gen(function* () {
      while ((yield* Ref.get(seen)).length < count) yield* Effect.sleep("10 millis");
      return yield* Ref.get(seen);
    });
  return { until, stop: Fiber.interrupt(fiber) };
});

/** Appends, again and again until the store has it: what a command handler does through an outage. */
const appendPatiently = Effect.fnUntraced(function* (store: EventStoreShape, id: string, count: number) {
  for (let version = 1; version <= count; ) {
    const known = yield* Effect.option(store.read("thing", id));
    if (Option.isNone(known)) continue;
    version = known.value.length + 1;
    if (version > count) return;
    yield* Effect.option(store.append(commitOf("thing", id, version, { version }), known.value.at(-1)?.position ?? 0));
  }
});

const outages: ReadonlyArray<[string, () => Promise<void>]> = [
  [
    "a restart of the server",
    async () => {
      await nats.stop();
      await nats.start();
    },
  ],
  [
    "a killed server",
    async () => {
      await nats.kill();
      await nats.start();
    },
  ],
];

describe("the log", () => {
  test.each(outages)("is followed without gap or duplicate through %s", async (_, outage) => {
    if (!nats.controllable) return;
    await run((store) =>
      Effect.gen(function* () {
        const reader = yield* following(store);
        yield* appendMany("before", 20);
        yield* reader.until(20);
        const writer = yield* Effect.forkChild(appendPatiently(store, "meanwhile", 100));
        yield* Effect.promise(outage);
        yield* Fiber.join(writer);
        expect(yield* reader.until(120)).toEqual(range(120));
        expect((yield* store.read("thing", "meanwhile")).map((commit) => commit.firstVersion)).toEqual(range(100));
        yield* reader.stop;
      }),
    );
  });

  test("is followed through a lost connection", () =>
    run((store) =>
      Effect.gen(function* () {
        const { nc } = yield* NatsConnection;
        const reader = yield* following(store);
        yield* appendMany("before", 5);
        yield* reader.until(5);
        yield* Effect.promise(() => nc.reconnect());
        yield* appendPatiently(store, "after", 5);
        expect(yield* reader.until(10)).toEqual(range(10));
        yield* reader.stop;
      }),
    ));

  test("is followed when its consumer is deleted under the reader", () =>
    run((store) =>
      Effect.gen(function* () {
        const { jsm, names } = yield* NatsConnection;
        const reader = yield* following(store);
        yield* appendMany("before", 5);
        yield* reader.until(5);
        yield* Effect.promise(async () => {
          const consumers = await jsm.consumers.list(names.streams.events).next();
          for (const { name } of consumers) await jsm.consumers.delete(names.streams.events, name);
        });
        yield* appendMany("after", 5);
        expect(yield* reader.until(10)).toEqual(range(10));
        yield* reader.stop;
      }),
    ));

  test("leaves no consumer behind but the one that all share who follow it", () =>
    run((store) =>
      Effect.gen(function* () {
        const { jsm, names } = yield* NatsConnection;
        yield* appendMany("thing", 3);
        yield* Effect.forEach(range(20), () => Stream.runDrain(store.readAll(0)), { concurrency: 5 });
        const consumers = Effect.promise(
          async () => (await jsm.streams.info(names.streams.events)).state.consumer_count,
        );
        while ((yield* consumers) > 1) yield* Effect.sleep("10 millis");
      }),
    ));

  test("is read whole by a reader that is much slower than the log", () =>
    run((store) =>
      Effect.gen(function* () {
        const { js, names } = yield* NatsConnection;
        const count = 16_000;
        yield* Effect.promise(async () => {
          for (let from = 1; from <= count; from += 250) {
            const batch = range(250).map((index) => from + index - 1);
            await Promise.all(
              batch.map((id) =>
                js.publish(
                  names.subjects.event("thing", `t${id}`),
                  JSON.stringify(commitOf("thing", `t${id}`, 1, null)),
                  { timeout: 60_000 },
                ),
              ),
            );
          }
        });
        let pauses = 0;
        const positions = yield* store.readAll(0).pipe(
          Stream.map(positionOfItem),
          Stream.tap((position) => (position % 3_200 === 0 ? Effect.sleep(`${++pauses * 20} millis`) : Effect.void)),
          Stream.runCollect,
        );
        expect(positions).toEqual(range(count));
      }),
    ));

  test("cannot be deleted from or purged", () =>
    run(() =>
      Effect.gen(function* () {
        const { jsm, names } = yield* NatsConnection;
        yield* appendMany("thing", 1);
        const refused = (request: Promise<unknown>) =>
          Effect.map(
            Effect.flip(Effect.tryPromise({ try: () => request, catch: (error) => error })),
            (error) => error instanceof JetStreamApiError,
          );
        expect(yield* refused(jsm.streams.purge(names.streams.events))).toBe(true);
        expect(yield* refused(jsm.streams.deleteMessage(names.streams.events, 1, true))).toBe(true);
      }),
    ));

  test("says where it holds something that is not a commit, and goes on after it", () =>
    run((store) =>
      Effect.gen(function* () {
        const { js, names } = yield* NatsConnection;
        yield* appendMany("thing", 1);
        yield* Effect.promise(() => js.publish(names.subjects.event("thing", "other"), '{"aggregate":"thing"}'));
        const damaged = { _tag: "LogDamaged", position: 2 };
        expect(yield* Effect.flip(store.read("thing", "other"))).toMatchObject(damaged);
        expect(yield* Effect.flip(store.commitAt(2))).toMatchObject(damaged);
        yield* appendMany("later", 1);
        const foreign = {
          kind: "foreign",
          foreign: { position: 2, of: { aggregate: "thing", id: "other" }, problem: "it is JSON that is not a commit" },
        };
        const first = { kind: "commit", commit: { position: 1 } };
        const last = { kind: "commit", commit: { position: 3 } };
        expect(yield* Stream.runCollect(store.readAll(0))).toMatchObject([first, foreign, last]);
        const followed = yield* Stream.runCollect(Stream.take(store.follow(0), 3));
        expect(followed).toMatchObject([first, foreign, last]);
      }),
    ));
});

describe("without a server", () => {
  test("appends and reads say so, and nothing hangs", async () => {
    if (!nats.controllable) return;
    await run((store) =>
      Effect.gen(function* () {
        yield* Effect.promise(() => nats.stop());
        const answers = yield* Effect.all(
          [
            Effect.flip(store.append(commitOf("thing", "a", 1, null), 0)),
            Effect.flip(store.read("thing", "a")),
            Effect.flip(store.commitAt(1)),
            Effect.flip(store.lastPosition),
          ],
          { concurrency: "unbounded" },
        );
        expect(answers.map(({ _tag }) => _tag)).toEqual(Array(4).fill("StoreUnavailable"));
        yield* Effect.promise(() => nats.start());
      }),
    );
  });
});
