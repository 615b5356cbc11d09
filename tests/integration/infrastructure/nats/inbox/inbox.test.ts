import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { JsMsg } from "@nats-io/jetstream";
import { Context, Effect, Layer, type Schema } from "effect";
import { Inbox } from "../../../../../src/application/ports/mod.ts";
import { NatsConnection } from "../../../../../src/infrastructure/nats/connection.ts";
import { inboxLayer } from "../../../../../src/infrastructure/nats/inbox/mod.ts";
import { inboxContract, type Waiting } from "../../../../support/contracts/inbox.contract.ts";
import { type TestNats, testNats } from "../../../../support/nats.ts";

let nats: TestNats;
beforeAll(async () => {
  nats = await testNats();
});
afterAll(() => nats.dispose());

const layer = () => Layer.provideMerge(inboxLayer, nats.connection());

/** What the agent's durable consumer gives, as any NATS client gets it. */
const taken = Effect.fnUntraced(function* (agentId: string) {
  const { js, names } = yield* NatsConnection;
  return yield* Effect.tryPromise(async () => {
    const consumer = await js.consumers.get(names.streams.inbox, `agent-${agentId}`);
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
  const { jsm, names } = yield* NatsConnection;
  return (yield* Effect.promise(() => jsm.streams.info(names.streams.inbox))).state.messages;
});

describe("inboxes in JetStream", () => {
  inboxContract(layer, waiting);

  test("a delivery is removed once it is acknowledged, by each agent its own", () =>
    Effect.gen(function* () {
      const { jsm, names } = yield* NatsConnection;
      const inbox = yield* Inbox;
      yield* Effect.promise(() => jsm.streams.purge(names.streams.inbox));
      yield* inbox.open("reader");
      yield* inbox.open("away");
      yield* inbox.deliver("reader", "task", "d-1", 1);
      yield* inbox.deliver("away", "task", "d-1", 1);
      for (const message of yield* taken("reader")) yield* Effect.promise(() => message.ackAck());
      while ((yield* messagesLeft) > 1) yield* Effect.sleep("10 millis");
      expect((yield* taken("away")).map((message) => message.json())).toEqual([1]);
      yield* inbox.keep("away");
      expect(yield* messagesLeft).toBe(0);
    }).pipe(Effect.provide(layer()), Effect.runPromise));

  test("the consumer keeps deliveries for ever, and repeats those that are not acknowledged", () =>
    Effect.gen(function* () {
      const { jsm, names } = yield* NatsConnection;
      yield* (yield* Inbox).open("checked");
      const { config } = yield* Effect.promise(() => jsm.consumers.info(names.streams.inbox, "agent-checked"));
      expect(config).toMatchObject({
        filter_subject: names.subjects.inboxOf("checked"),
        ack_policy: "explicit",
        ack_wait: 10_000_000_000,
        max_deliver: -1,
      });
      expect(config.inactive_threshold).toBeUndefined();
    }).pipe(Effect.provide(layer()), Effect.runPromise));

  test("the consumer of an agent that signed off goes once nobody has read from it for so long, unless it comes back", () =>
    Effect.gen(function* () {
      const { jsm, names } = yield* NatsConnection;
      const inbox = yield* Inbox;
      const stream = names.streams.inbox;
      const thresholdOf = (consumer: string) =>
        Effect.promise(() => jsm.consumers.info(stream, consumer).then(({ config }) => config.inactive_threshold));
      const isThere = (consumer: string) =>
        Effect.promise(() =>
          jsm.consumers.info(stream, consumer).then(
            () => true,
            () => false,
          ),
        );
      yield* inbox.open("gone");
      yield* inbox.open("returned");
      // Both were silent for longer than what is set below: that counts from when it is set.
      yield* Effect.sleep("1500 millis");
      for (const agent of ["gone", "returned"]) {
        yield* inbox.deliver(agent, "turn", `unread-${agent}`, 1);
        yield* inbox.deliver(agent, "task", `lost-${agent}`, 2);
        // In the hands of a process that ends without having acknowledged it.
        if (agent === "returned") expect(yield* taken(agent)).toHaveLength(2);
        yield* inbox.keep(agent);
        expect(yield* thresholdOf(`agent-${agent}`)).toBe(30 * 24 * 60 * 60 * 1_000_000_000);
        // What thirty days are for the server, in a second.
        const config = { inactive_threshold: 1_000_000_000 };
        yield* Effect.promise(() => jsm.consumers.update(stream, `agent-${agent}`, config));
      }
      yield* inbox.open("returned");
      expect(yield* thresholdOf("agent-returned")).toBeUndefined();
      expect(yield* isThere("agent-gone")).toBe(true);
      while (yield* isThere("agent-gone")) yield* Effect.sleep("100 millis");
      yield* Effect.sleep("1500 millis");
      let again = yield* taken("returned");
      while (again.length === 0) again = yield* taken("returned");
      expect(again.map((message) => message.json())).toEqual([1]);
      yield* inbox.open("gone");
      expect(yield* taken("gone")).toEqual([]);
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

  test("what the death of the server takes of deliveries it takes of their progress, and who delivers hears of it", async () => {
    if (!nats.controllable) return;
    await Effect.gen(function* () {
      const { deliver, open, progress } = yield* Inbox;
      yield* open("patient");
      const delivering = Effect.gen(function* () {
        yield* progress.resume;
        let saved = 0;
        const all = Effect.gen(function* () {
          for (let position = 1; ; position++) {
            yield* deliver("patient", "turn", `d-${position}`, position);
            yield* progress.save(position);
            saved = position;
          }
        });
        yield* Effect.forkScoped(Effect.ignore(all));
        yield* Effect.sleep("300 millis");
        yield* Effect.promise(() => nats.kill());
        yield* Effect.promise(() => nats.start());
        const { message } = yield* Effect.flip(progress.lost);
        expect(message).toContain("started again");
        const refused = yield* Effect.flip(deliver("patient", "turn", "too-early", 0));
        expect(refused.message).toContain("may have lost");
        return saved;
      });
      const saved = yield* Effect.scoped(delivering);
      const kept = (yield* Effect.scoped(progress.resume)) ?? 0;
      expect(kept).toBeGreaterThan(0);
      // The newest mark may have been kept while its acknowledgement was lost.
      expect(kept).toBeLessThanOrEqual(saved + 1);
      const { jsm, names } = yield* NatsConnection;
      const { num_pending } = yield* Effect.promise(() => jsm.consumers.info(names.streams.inbox, "agent-patient"));
      expect(num_pending).toBeGreaterThanOrEqual(kept);
      yield* deliver("patient", "turn", "after", 0);
    }).pipe(Effect.provide(layer()), Effect.runPromise);
  });

  test("of two who deliver, the one who resumed last goes on", () =>
    Effect.gen(function* () {
      const one = yield* Layer.build(layer()).pipe(Effect.map((built) => Context.get(built, Inbox)));
      const other = yield* Layer.build(layer()).pipe(Effect.map((built) => Context.get(built, Inbox)));
      yield* one.progress.resume;
      yield* one.progress.save(1);
      yield* other.progress.resume;
      yield* other.progress.save(2);
      const { message } = yield* Effect.flip(one.progress.save(3));
      expect(message).toContain("another backend");
      yield* other.progress.save(4);
    }).pipe(Effect.scoped, Effect.runPromise));

  test("after a power failure what the disk may not have had counts as not delivered", () =>
    Effect.gen(function* () {
      const { js, names } = yield* NatsConnection;
      const { progress } = yield* Inbox;
      const mark = (boot?: string) =>
        Effect.promise(() =>
          js.publish(names.subjects.inboxProgress, JSON.stringify({ position: 90, settled: 40, boot })),
        );
      yield* mark("an earlier run of the machine");
      expect(yield* Effect.scoped(progress.resume)).toBe(40);
      yield* mark();
      expect(yield* Effect.scoped(progress.resume)).toBe(90);
      yield* Effect.promise(() => js.publish(names.subjects.inboxProgress, "rubbish"));
      // A mark that is not ours says nothing: the checkpoint beside it does.
      expect(yield* Effect.scoped(progress.resume)).toBeUndefined();
    }).pipe(Effect.provide(layer()), Effect.runPromise));
});
