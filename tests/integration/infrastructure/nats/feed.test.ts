import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Context, Effect, Layer } from "effect";
import { Feed } from "../../../../src/application/ports/mod.ts";
import { NatsConnection } from "../../../../src/infrastructure/nats/connection.ts";
import { feedLayer } from "../../../../src/infrastructure/nats/feed.ts";
import { eventsOf, feedContract, ofLog } from "../../../support/contracts/feed.contract.ts";
import { type TestNats, testNats } from "../../../support/nats.ts";

let nats: TestNats;
beforeAll(async () => {
  nats = await testNats();
});
afterAll(() => nats.dispose());

let leaf = 0;
const freshPrefix = () => `${nats.prefix}-${++leaf}`;
const backend = (prefix: string) => Layer.build(Layer.fresh(Layer.provideMerge(feedLayer, nats.connection(prefix))));

/** All messages of the feed. */
const messagesOf = ({ jsm, names }: NatsConnection["Service"]) =>
  Effect.promise(async () => {
    const { state } = await jsm.streams.info(names.streams.feed);
    const sequences = Array.from({ length: state.last_seq }, (_, index) => index + 1);
    const messages = await Promise.all(sequences.map((seq) => jsm.streams.getMessage(names.streams.feed, { seq })));
    return messages.flatMap((message) => message ?? []);
  });

describe("the feed in JetStream", () => {
  feedContract(
    Effect.gen(function* () {
      const prefix = freshPrefix();
      const [one, other] = [yield* backend(prefix), yield* backend(prefix)];
      return {
        one: Context.get(one, Feed),
        other: Context.get(other, Feed),
        written: Effect.map(messagesOf(Context.get(one, NatsConnection)), (messages) =>
          messages.map((message) => message.header.get("ce-id")),
        ),
      };
    }),
  );

  test("an event is a CloudEvent in binary mode, on the subject of its type", () =>
    Effect.gen(function* () {
      const prefix = freshPrefix();
      const context = yield* backend(prefix);
      const feed = Context.get(context, Feed);
      const traced = { causationId: "cause", previousCid: "cid-1", traceparent: "00-trace" };
      yield* feed.end(ofLog);
      yield* feed.append(eventsOf(2).map((event) => (event.version === 2 ? { ...event, ...traced } : event)));
      const messages = yield* messagesOf(Context.get(context, NatsConnection));
      const attributes = (index: number) =>
        Object.fromEntries([...(messages[index]?.header ?? [])].map(([name, values]) => [name, values.join()]));
      expect(messages[0]?.subject).toBe(`${prefix}.feed.thing.changed.v2.t-1`);
      expect(messages[0]?.json()).toEqual({ text: "Unicode ✓", version: 1 });
      const plain = {
        "ce-specversion": "1.0",
        "ce-id": "thing.t-1.1",
        "Nats-Msg-Id": "thing.t-1.1",
        "ce-type": "cim.thing.changed.v2",
        "ce-source": `/${prefix}`,
        "ce-subject": "thing/t-1",
        "ce-time": "2026-01-01T00:00:00.000Z",
        "ce-datacontenttype": "application/json",
        "ce-sequence": "1",
        "ce-commitindex": "1",
        "ce-aggregateversion": "1",
        "ce-actor": "tester",
        "ce-correlationid": "correlation",
        "ce-cid": "cid-1",
        "Nats-Expected-Last-Sequence": "0",
      };
      expect(attributes(0)).toEqual(plain);
      expect(attributes(1)).toEqual({
        ...plain,
        "ce-id": "thing.t-1.2",
        "Nats-Msg-Id": "thing.t-1.2",
        "ce-commitindex": "2",
        "ce-aggregateversion": "2",
        "ce-cid": "cid-2",
        "ce-causationid": "cause",
        "ce-previouscid": "cid-1",
        traceparent: "00-trace",
        "Nats-Expected-Last-Sequence": "1",
      });
    }).pipe(Effect.scoped, Effect.runPromise));

  test("writing goes on where it was after the server was killed", async () => {
    if (!nats.controllable) return;
    await Effect.gen(function* () {
      const context = yield* backend(freshPrefix());
      const feed = Context.get(context, Feed);
      const events = eventsOf(...Array.from({ length: 2_000 }, () => 1));
      yield* feed.end(ofLog);
      yield* feed.append(events.slice(0, 1_000));
      yield* Effect.promise(() => nats.kill());
      yield* Effect.promise(() => nats.start());
      const goOn = Effect.flatMap(feed.end(ofLog), ({ position }) => feed.append(events.slice(position)));
      yield* Effect.retry(goOn, { times: 5 });
      const messages = yield* messagesOf(Context.get(context, NatsConnection));
      expect(messages.map((message) => message.header.get("ce-id"))).toEqual(events.map(({ eventId }) => eventId));
    }).pipe(Effect.scoped, Effect.runPromise);
  });
});
