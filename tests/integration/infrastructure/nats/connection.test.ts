import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Effect } from "effect";
import { NatsConnection } from "../../../../src/infrastructure/nats/connection.ts";
import { type TestNats, testNats } from "../../../support/nats.ts";

let nats: TestNats;
beforeAll(async () => {
  nats = await testNats();
});
afterAll(() => nats.dispose());

describe("connection", () => {
  test("reaches JetStream", async () => {
    const account = Effect.gen(function* () {
      const { jsm } = yield* NatsConnection;
      return yield* Effect.promise(() => jsm.getAccountInfo());
    });
    const info = await Effect.runPromise(Effect.provide(account, nats.connection()));
    expect(info.limits).toBeDefined();
  });

  test("says what to do where no server answers", async () => {
    const layer = NatsConnection.layer({ servers: "nats://127.0.0.1:1" });
    const error = await Effect.runPromise(Effect.flip(Effect.provide(NatsConnection, layer)));
    expect(error).toMatchObject({
      _tag: "ConnectionFailed",
      message: "no nats-server answers at nats://127.0.0.1:1: start one or leave out --nats",
    });
  });
});
