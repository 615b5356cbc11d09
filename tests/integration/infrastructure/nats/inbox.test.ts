import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { JsMsg } from "@nats-io/jetstream";
import { Effect, Layer, type Schema } from "effect";
import { Inbox } from "../../../../src/application/ports/mod.ts";
import { NatsConnection } from "../../../../src/infrastructure/nats/connection.ts";
import { inboxLayer } from "../../../../src/infrastructure/nats/inbox.ts";
import { inboxContract, type Waiting } from "../../../support/contracts/inbox.contract.ts";
import { type TestNats, testNats } from "../../../support/nats.ts";

let nats: TestNats;
beforeAll(async () => {
  nats = await testNats();
});
afterAll(() => nats.dispose());

const layer = () => Layer.provideMerge(inboxLayer, nats.connection());

/** What the agent's durable consumer gives, as any NATS client gets it. */
const taken = Effect.fnUntraced(function* (agentId: string) {
  const { js, naming } = yield* NatsConnection;
  return yield* Effect.tryPromise(async () => {
    const consumer = await js.consumers.get(naming.streams.inbox, `agent-${agentId}`);
    const messages: Array<JsMsg> = [];
    for await (const message of await consumer.fetch({ max_messages: 10, expires: 1_000 })) {
      messages.push(message);
      if (message.info.pending === 0) break;
    }
    return messages;
  });
});

const waiting = Effect.map(NatsConnection, (connection): Waiting => {
  return (agentId) =>
    taken(agentId).pipe(
      Effect.map((messages) =>
        messages.map((message) => {
          message.nak();
          return { channel: message.subject.split(".").at(-1) ?? "", message: message.json<Schema.Json>() };
        }),
      ),
      Effect.provideService(NatsConnection, connection),
    );
});

const messagesLeft = Effect.gen(function* () {
  const { jsm, naming } = yield* NatsConnection;
  return (yield* Effect.promise(() => jsm.streams.info(naming.streams.inbox))).state.messages;
});

describe("inboxes in JetStream", () => {
  inboxContract(layer, waiting);

  test("a delivery is removed once it is acknowledged, by each agent its own", () =>
    Effect.gen(function* () {
      const { jsm, naming } = yield* NatsConnection;
      const inbox = yield* Inbox;
      yield* Effect.promise(() => jsm.streams.purge(naming.streams.inbox));
      yield* inbox.open("reader");
      yield* inbox.open("away");
      yield* inbox.deliver("reader", "task", "d-1", 1);
      yield* inbox.deliver("away", "task", "d-1", 1);
      for (const message of yield* taken("reader")) yield* Effect.promise(() => message.ackAck());
      while ((yield* messagesLeft) > 1) yield* Effect.sleep("10 millis");
      expect((yield* taken("away")).map((message) => message.json())).toEqual([1]);
      yield* inbox.close("away");
      expect(yield* messagesLeft).toBe(0);
    }).pipe(Effect.provide(layer()), Effect.runPromise));

  test("the consumer keeps deliveries for ever, and repeats those that are not acknowledged", () =>
    Effect.gen(function* () {
      const { jsm, naming } = yield* NatsConnection;
      yield* (yield* Inbox).open("checked");
      const { config } = yield* Effect.promise(() => jsm.consumers.info(naming.streams.inbox, "agent-checked"));
      expect(config).toMatchObject({
        filter_subject: naming.subjects.inboxOf("checked"),
        ack_policy: "explicit",
        ack_wait: 10_000_000_000,
        max_deliver: -1,
      });
      expect(config.inactive_threshold).toBeUndefined();
    }).pipe(Effect.provide(layer()), Effect.runPromise));

  test("what no message can carry is left out, and does not hold up the rest", () =>
    Effect.gen(function* () {
      const inbox = yield* Inbox;
      yield* inbox.open("flooded");
      yield* inbox.deliver("flooded", "task", "d-1", "x".repeat(9_000_000));
      yield* inbox.deliver("flooded", "task", "d-2", 2);
      expect((yield* taken("flooded")).map((message) => message.json())).toEqual([2]);
    }).pipe(Effect.provide(layer()), Effect.runPromise));

  test("a delivery that comes while the server is away fails, and is not taken for one that is too large", async () => {
    if (!nats.controllable) return;
    await Effect.gen(function* () {
      const inbox = yield* Inbox;
      yield* inbox.open("unlucky");
      yield* Effect.promise(() => nats.kill());
      const error = yield* Effect.flip(inbox.deliver("unlucky", "task", "d-1", 1));
      expect(error._tag).toBe("StoreUnavailable");
      yield* Effect.promise(() => nats.start());
      yield* Effect.retry(inbox.deliver("unlucky", "task", "d-1", 1), { times: 3 });
      expect((yield* taken("unlucky")).map((message) => message.json())).toEqual([1]);
    }).pipe(Effect.provide(layer()), Effect.runPromise);
  });

  test("deliveries survive the death of the server", async () => {
    if (!nats.controllable) return;
    await Effect.gen(function* () {
      const inbox = yield* Inbox;
      yield* inbox.open("patient");
      yield* inbox.deliver("patient", "task", "d-1", 1);
      yield* Effect.promise(() => nats.kill());
      yield* Effect.promise(() => nats.start());
      expect((yield* Effect.retry(taken("patient"), { times: 3 })).map((message) => message.json())).toEqual([1]);
    }).pipe(Effect.provide(layer()), Effect.runPromise);
  });
});
