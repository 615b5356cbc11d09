import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { RetentionPolicy, StorageType, type StreamConfig } from "@nats-io/jetstream";
import { Effect } from "effect";
import { NatsConnection } from "../../../../../src/infrastructure/nats/connection.ts";
import { ensureEventStream } from "../../../../../src/infrastructure/nats/event-store/stream.ts";
import { type TestNats, testNats } from "../../../../support/nats.ts";

let nats: TestNats;
beforeAll(async () => {
  nats = await testNats();
});
afterAll(() => nats.dispose());

/** Runs with names of its own; `before` is how the stream is already there. */
const ensured = (before?: Partial<StreamConfig>) =>
  Effect.gen(function* () {
    const { jsm, names } = yield* NatsConnection;
    const name = names.streams.events;
    if (before !== undefined) {
      yield* Effect.promise(() => jsm.streams.add({ name, subjects: [names.subjects.allEvents], ...before }));
    }
    const outcome = yield* Effect.result(ensureEventStream());
    const { config } = yield* Effect.promise(() => jsm.streams.info(name));
    return { outcome, config };
  }).pipe(Effect.provide(nats.connection(`s${crypto.randomUUID().slice(0, 8)}`)), Effect.runPromise);

const log = {
  deny_delete: true,
  deny_purge: true,
  allow_direct: true,
  retention: "limits",
  storage: "file",
  max_msgs: -1,
  max_bytes: -1,
  max_age: 0,
  max_msgs_per_subject: -1,
};

describe("the stream of the log", () => {
  test("is made append-only", async () => {
    const { outcome, config } = await ensured();
    expect(outcome._tag).toBe("Success");
    expect(config).toMatchObject(log);
  });

  test("that is there is strengthened", async () => {
    const { outcome, config } = await ensured({ max_msgs: 10, max_age: 1_000_000_000_000 });
    expect(outcome._tag).toBe("Success");
    expect(config).toMatchObject(log);
  });

  test("keeps what an operator chose", async () => {
    const chosen = { description: "ours", metadata: { team: "platform" }, duplicate_window: 60_000_000_000 };
    const { config } = await ensured({ ...chosen, deny_delete: true });
    expect(config).toMatchObject({ ...log, description: "ours", duplicate_window: 60_000_000_000 });
    expect(config.metadata).toMatchObject({ team: "platform" });
  });

  test.each<[string, Partial<StreamConfig>]>([
    ["in memory", { storage: StorageType.Memory }],
    ["a work queue", { retention: RetentionPolicy.Workqueue }],
  ])("that is %s is refused and left alone", async (_, before) => {
    const { outcome, config } = await ensured(before);
    expect(outcome).toMatchObject({ _tag: "Failure", failure: { _tag: "StreamUnsuitable" } });
    expect(config).toMatchObject(before);
  });
});
