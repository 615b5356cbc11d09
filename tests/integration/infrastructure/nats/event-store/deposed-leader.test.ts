import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { StreamInfo } from "@nats-io/jetstream";
import { Effect, Layer } from "effect";
import { EventStore, type EventStoreShape } from "../../../../../src/application/ports/mod.ts";
import { NatsConnection } from "../../../../../src/infrastructure/nats/connection.ts";
import { eventStoreLayer } from "../../../../../src/infrastructure/nats/event-store/mod.ts";
import { appendMany, commitOf } from "../../../../support/contracts/event-store.contract.ts";
import { type TestNats, testNats } from "../../../../support/nats.ts";

let nats: TestNats;
beforeAll(async () => {
  nats = await testNats();
});
afterAll(() => nats.dispose());

const second = 1_000_000_000;

/** What the log's leader says, as a cluster with three replicas would have it. */
interface Leader {
  /** Nanoseconds since it has heard from the other two. */
  heardFromOthers: number;
  /** From when on it does not know what its successor has taken. */
  isDeposed: boolean;
}

/** The same connection with a leader that may be deposed without knowing it. */
const connectionTo = (leader: Leader) =>
  Layer.effect(
    NatsConnection,
    Effect.map(NatsConnection, (connection) => {
      const { jsm } = connection;
      const replica = { current: true, active: 0, offline: false, lag: 0 };
      const info = async (...asked: Parameters<typeof jsm.streams.info>): Promise<StreamInfo> => {
        const active = leader.heardFromOthers;
        const replicas = ["n1", "n2"].map((name) => ({ ...replica, name, active }));
        return { ...(await jsm.streams.info(...asked)), cluster: { name: "test", leader: "n0", replicas } };
      };
      const streams = Object.assign(Object.create(jsm.streams), {
        info,
        getMessage: async (...asked: Parameters<typeof jsm.streams.getMessage>) =>
          leader.isDeposed ? null : jsm.streams.getMessage(...asked),
      });
      const direct = Object.assign(Object.create(jsm.direct), {
        getBatch: (...[stream, query]: Parameters<typeof jsm.direct.getBatch>) =>
          jsm.direct.getBatch(stream, Object.assign({}, query, leader.isDeposed && { seq: 1_000_000 })),
      });
      return { ...connection, replicas: 3, jsm: Object.assign(Object.create(jsm), { streams, direct }) };
    }),
  );

const withStore = <A>(body: (store: EventStoreShape, leader: Leader) => Effect.Effect<A, unknown, EventStore>) => {
  const leader: Leader = { heardFromOthers: 0, isDeposed: false };
  const prefix = `d${crypto.randomUUID().slice(0, 8)}`;
  const connection = nats.connection(prefix);
  const store = Layer.provide(eventStoreLayer(), Layer.provide(connectionTo(leader), connection));
  return Effect.runPromise(
    Effect.gen(function* () {
      // What was there before the store began is not among what has come to it.
      yield* Effect.provide(appendMany("a", 2), Layer.provide(eventStoreLayer(), connection));
      return yield* Effect.provide(
        Effect.flatMap(EventStore, (opened) => body(opened, leader)),
        store,
      );
    }),
  );
};

test("the end of the log is not taken from a leader that has not heard from its replicas", () =>
  withStore((store, leader) =>
    Effect.gen(function* () {
      expect(yield* store.lastPosition).toBe(2);
      leader.heardFromOthers = 6 * second;
      const refused = { _tag: "StoreUnavailable", message: expect.stringContaining("lost the other replicas") };
      expect(yield* Effect.flip(store.lastPosition)).toMatchObject(refused);
      expect(yield* Effect.flip(store.read("thing", "a"))).toMatchObject(refused);
    }),
  ));

test("an answer without what has come here is not taken, and what has come needs no other answer", () =>
  withStore((store, leader) =>
    Effect.gen(function* () {
      yield* store.append(commitOf("thing", "a", 3, null), 2);
      expect(yield* store.read("thing", "a")).toHaveLength(3);
      leader.isDeposed = true;
      expect(yield* Effect.flip(store.read("thing", "a"))).toMatchObject({
        _tag: "StoreUnavailable",
        message: expect.stringContaining("without position 3 of thing a"),
      });
      const [third, ...others] = yield* store.read("thing", "a", { after: 2 });
      expect([third?.firstVersion, others]).toEqual([3, []]);
    }),
  ));

test("what has come of an aggregate is known without asking, but not what came before", () =>
  withStore((store) =>
    Effect.gen(function* () {
      yield* store.append(commitOf("thing", "b", 1, null), 0);
      yield* store.append(commitOf("thing", "a", 3, null), 2);
      // The answer comes when everything up to there has come.
      yield* store.read("thing", "a");
      expect(store.heard("thing", "a", 2).map(({ position }) => position)).toEqual([4]);
      expect(store.heard("thing", "a", 4)).toEqual([]);
      expect(store.heard("thing", "a", 1)).toEqual([]);
    }),
  ));
