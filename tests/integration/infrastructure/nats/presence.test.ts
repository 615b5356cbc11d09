import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Effect, Layer, Queue } from "effect";
import { Presence } from "../../../../src/application/ports/mod.ts";
import { presenceLayer } from "../../../../src/infrastructure/nats/presence.ts";
import { changesOf, presenceContract } from "../../../support/contracts/presence.contract.ts";
import { type TestNats, testNats } from "../../../support/nats.ts";

let nats: TestNats;
beforeAll(async () => {
  nats = await testNats();
});
afterAll(() => nats.dispose());

let leaf = 0;
/** The presence of a leaf of its own. */
const freshPresence = (intervalSeconds: number) =>
  Layer.provide(presenceLayer({ intervalSeconds }), nats.connection(`${nats.prefix}-${++leaf}`));

describe("presence as keys that expire", () => {
  presenceContract(() => freshPresence(1));

  test("a thousand agents beat at once", () =>
    Effect.gen(function* () {
      const presence = yield* Presence;
      const agents = Array.from({ length: 1_000 }, (_, index) => `agent-${index}`);
      yield* Effect.forEach(agents, (agentId) => presence.beat(agentId), { concurrency: "unbounded", discard: true });
      expect(yield* presence.current).toEqual(new Map(agents.map((agentId) => [agentId, "online"])));
    }).pipe(Effect.provide(freshPresence(10)), Effect.runPromise));

  test("after the server was killed, it knows who was there, and watchers learn who went meanwhile", async () => {
    if (!nats.controllable) return;
    const leafPrefix = `${nats.prefix}-killed`;
    const backend = () => Layer.provide(presenceLayer({ intervalSeconds: 2 }), nats.connection(leafPrefix));
    const asAnother = <A, E>(body: (presence: Presence["Service"]) => Effect.Effect<A, E>) =>
      Effect.provide(Effect.flatMap(Presence, body), Layer.fresh(backend()));
    await Effect.gen(function* () {
      const presence = yield* Presence;
      yield* presence.beat("gone");
      const changes = yield* changesOf(presence);
      yield* presence.beat("there");
      expect(yield* Queue.take(changes)).toBe("there:online");
      yield* Effect.sleep("100 millis");
      yield* Effect.promise(() => nats.kill());
      yield* Effect.promise(() => nats.start());
      const restarted = yield* asAnother(({ current }) => current);
      expect([...restarted.keys()].sort()).toEqual(["gone", "there"]);
      yield* Effect.promise(() => nats.kill());
      yield* Effect.sleep("6500 millis");
      yield* Effect.promise(() => nats.start());
      yield* asAnother(({ beat }) => beat("there"));
      const told: Array<string> = [];
      while (!told.includes("gone:offline")) told.push(yield* Queue.take(changes));
      expect(yield* asAnother(({ current }) => current)).toEqual(new Map([["there", "online"]]));
    }).pipe(Effect.scoped, Effect.provide(backend()), Effect.runPromise);
  }, 60_000);
});
