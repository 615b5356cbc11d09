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
    await Effect.gen(function* () {
      const presence = yield* Presence;
      const current = Effect.retry(presence.current, { times: 3 });
      yield* presence.beat("gone");
      const changes = yield* changesOf(presence);
      yield* presence.beat("there");
      expect(yield* Queue.take(changes)).toBe("there:online");
      yield* Effect.sleep("100 millis");
      yield* Effect.promise(() => nats.kill());
      yield* Effect.promise(() => nats.start());
      expect(yield* current).toEqual(
        new Map([
          ["gone", "online"],
          ["there", "online"],
        ]),
      );
      yield* Effect.promise(() => nats.kill());
      yield* Effect.sleep("6500 millis");
      yield* Effect.promise(() => nats.start());
      yield* Effect.retry(presence.beat("there"), { times: 3 });
      expect(yield* current).toEqual(new Map([["there", "online"]]));
      const told: Array<string> = [];
      while (!told.includes("gone:offline") || told.findLast((change) => change.startsWith("there")) !== "there:online")
        told.push(yield* Queue.take(changes));
    }).pipe(Effect.scoped, Effect.provide(freshPresence(2)), Effect.runPromise);
  }, 60_000);
});
