import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Effect, Layer, Queue } from "effect";
import { Heartbeats } from "../../../../src/application/ports/mod.ts";
import { Beats } from "../../../../src/infrastructure/memory/messaging.ts";
import { NatsConnection } from "../../../../src/infrastructure/nats/connection.ts";
import { heartbeatsLayer } from "../../../../src/infrastructure/nats/heartbeats.ts";
import { heardBy, heartbeatsContract } from "../../../support/contracts/heartbeats.contract.ts";
import { type TestNats, testNats } from "../../../support/nats.ts";

let nats: TestNats;
beforeAll(async () => {
  nats = await testNats();
});
afterAll(() => nats.dispose());

/** Agents beat by plain messages. */
const beats = Layer.effect(
  Beats,
  Effect.map(NatsConnection, ({ nc, names }) =>
    Beats.of({ beat: (agentId) => Effect.sync(() => nc.publish(names.subjects.heartbeat(agentId))) }),
  ),
);

let leaf = 0;
/** The heartbeats of a leaf of its own. */
const fresh = (intervalSeconds = 10, prefix = `${nats.prefix}-${++leaf}`) =>
  Layer.merge(heartbeatsLayer({ intervalSeconds }), beats).pipe(Layer.provideMerge(nats.connection(prefix)));

describe("heartbeats, kept by the server", () => {
  heartbeatsContract(() => fresh());

  test("count whatever their payload; names that no agent has are left out", () =>
    Effect.gen(function* () {
      const { nc, names } = yield* NatsConnection;
      const heard = yield* heardBy(yield* Heartbeats);
      nc.publish(names.subjects.heartbeat("talking"), JSON.stringify({ activeTasks: 1, load: 0.5 }));
      nc.publish(names.subjects.heartbeat("rubbish"), new Uint8Array([0xff, 0, 0x7b]));
      for (const id of ["Capital", "-", "under_score", "9", `a${"b".repeat(63)}`, "trailing-"])
        nc.publish(names.subjects.heartbeat(id));
      nc.publish(`${names.prefix}.hb.too.many`);
      nc.publish(names.subjects.heartbeat("last"));
      const told: Array<string> = [];
      while (!told.includes("last")) told.push(yield* Queue.take(heard));
      expect(told).toEqual(["talking", "rubbish", "last"]);
    }).pipe(Effect.scoped, Effect.provide(fresh()), Effect.runPromise));

  test("are forgotten when they say nothing any more", () =>
    Effect.gen(function* () {
      const { beat } = yield* Beats;
      yield* beat("gone");
      yield* Effect.sleep("1500 millis");
      yield* beat("there");
      yield* Effect.sleep("2 seconds");
      const heard = yield* heardBy(yield* Heartbeats);
      expect(yield* Queue.take(heard)).toBe("there");
    }).pipe(Effect.scoped, Effect.provide(fresh(1)), Effect.runPromise));

  test("are heard again after the server was killed, and the listener learns that some may be missing", async () => {
    if (!nats.controllable) return;
    await Effect.gen(function* () {
      const heartbeats = yield* Heartbeats;
      const { nc } = yield* NatsConnection;
      const { beat } = yield* Beats;
      const heard: Array<string> = [];
      yield* Effect.forkScoped(
        heartbeats.listen({
          heard: (agentId) => void heard.push(agentId),
          interrupted: () => void heard.push("(interrupted)"),
        }),
      );
      yield* Effect.sleep("200 millis");
      yield* beat("before");
      yield* Effect.promise(() => nc.flush());
      yield* Effect.sleep("200 millis");
      yield* Effect.promise(() => nats.kill());
      yield* Effect.promise(() => nats.start());
      while (!heard.includes("(interrupted)")) yield* Effect.sleep("10 millis");
      while (heard.at(-1) !== "after") {
        yield* beat("after");
        yield* Effect.sleep("50 millis");
      }
      expect(heard.slice(0, 2)).toEqual(["before", "(interrupted)"]);
    }).pipe(Effect.scoped, Effect.provide(fresh()), Effect.runPromise);
  });
});
