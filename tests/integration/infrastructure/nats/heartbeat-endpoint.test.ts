import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Effect, Layer } from "effect";
import { Presence, StoreUnavailable } from "../../../../src/application/ports/mod.ts";
import { memoryPresenceLayer } from "../../../../src/infrastructure/memory/presence.ts";
import { NatsConnection } from "../../../../src/infrastructure/nats/connection.ts";
import { heartbeatEndpoint } from "../../../../src/infrastructure/nats/heartbeat-endpoint.ts";
import { type TestNats, testNats } from "../../../support/nats.ts";

let nats: TestNats;
beforeAll(async () => {
  nats = await testNats();
});
afterAll(() => nats.dispose());

const asked: Array<string> = [];
/** `stranger` is not known; whether `doubtful` is cannot be found out. */
const isKnown = (agentId: string) =>
  Effect.suspend(() => {
    asked.push(agentId);
    return agentId === "doubtful"
      ? Effect.fail(new StoreUnavailable({ message: "away" }))
      : Effect.succeed(agentId !== "stranger");
  });

describe("heartbeats", () => {
  test("count for known agents, whatever their payload, and for nobody else", () =>
    Effect.gen(function* () {
      const { nc, naming } = yield* NatsConnection;
      const presence = yield* Presence;
      nc.publish(naming.subjects.heartbeat("silent"));
      nc.publish(naming.subjects.heartbeat("talking"), JSON.stringify({ activeTasks: 1, load: 0.5 }));
      nc.publish(naming.subjects.heartbeat("rubbish"), new Uint8Array([0xff, 0, 0x7b]));
      nc.publish(naming.subjects.heartbeat("stranger"));
      nc.publish(naming.subjects.heartbeat("doubtful"));
      for (const id of ["Capital", "-", "under_score", "9", `a${"b".repeat(63)}`, "trailing-"]) {
        nc.publish(naming.subjects.heartbeat(id));
      }
      nc.publish(`${naming.prefix}.hb.too.many`);
      nc.publish(naming.subjects.heartbeat("last"));
      while (!(yield* presence.current).has("last")) yield* Effect.sleep("10 millis");
      expect([...(yield* presence.current).keys()].sort()).toEqual(["last", "rubbish", "silent", "talking"]);
      expect([...new Set(asked)].sort()).toEqual(["doubtful", "last", "rubbish", "silent", "stranger", "talking"]);
    }).pipe(
      Effect.provide(
        heartbeatEndpoint(isKnown).pipe(
          Layer.provideMerge(memoryPresenceLayer()),
          Layer.provideMerge(nats.connection()),
        ),
      ),
      Effect.runPromise,
    ));
});
