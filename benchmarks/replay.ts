import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { Effect, Layer } from "effect";
import { CheckedLog } from "../src/application/checked-log.ts";
import { contexts } from "../src/application/contexts.ts";
import { ReadModels } from "../src/application/read-models.ts";
import { digestsLayer } from "../src/infrastructure/digests.ts";
import { memoryLeasesLayer } from "../src/infrastructure/memory/messaging.ts";
import { memoryViewStoreLayer } from "../src/infrastructure/memory/storage.ts";
import { NatsConnection } from "../src/infrastructure/nats/connection.ts";
import { eventStoreLayer } from "../src/infrastructure/nats/event-store/mod.ts";
import { views } from "../src/projections/registry.ts";
import { onLeaf } from "./support/leaf.ts";
import { median, milliseconds, quiet, report } from "./support/measurement.ts";

/**
 * How fast all views are built from the log if nothing has been published, compared with a bare ordered consumer that
 * parses the JSON of the same messages. Both read the same log, in turns.
 */
const tasks = 5_000;
const width = 64;
const runs = 5;

await onLeaf(async ({ client, backend }) => {
  let next = 0;
  /** The life of a task that no agent takes. Each command makes one event of some hundred bytes. */
  const lane = async () => {
    while (next < tasks) {
      const id = `task-${next++}`;
      await client.command("task", id, "submit", {
        type: "render",
        requiredCapabilities: ["nobody-has-this"],
        payload: { graph: "web-shop", note: "x".repeat(200) },
      });
      await client.command("task", id, "cancel", { reason: "no longer needed" });
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
  await quiet();

  const manager = await jetstreamManager(client.nats);
  const { state } = await manager.streams.info("CIM_EVENTS");
  let events = 0;
  const readBare = async () => {
    events = 0;
    const consumer = await jetstream(client.nats).consumers.get("CIM_EVENTS");
    const messages = await consumer.consume({ max_messages: 4096 });
    for await (const message of messages) {
      events += message.json<{ readonly events: ReadonlyArray<unknown> }>().events.length;
      if (message.seq === state.last_seq) break;
    }
  };

  const ports = Layer.mergeAll(
    Layer.fresh(memoryViewStoreLayer),
    Layer.fresh(memoryLeasesLayer),
    eventStoreLayer(),
    digestsLayer,
  ).pipe(Layer.provide(NatsConnection.layer({ servers: backend.url, prefix: "cim" })));
  const rebuild = Effect.gen(function* () {
    const { documents } = yield* ReadModels;
    yield* documents("tasks", state.last_seq);
  }).pipe(Effect.provide(Layer.provide(ReadModels.layer(views, contexts), CheckedLog.layer(contexts))));

  const bare: Array<number> = [];
  const ours: Array<number> = [];
  for (let run = 0; run < runs; run++) {
    bare.push(await milliseconds(readBare));
    ours.push(await milliseconds(() => Effect.runPromise(rebuild.pipe(Effect.provide(ports)))));
  }
  const perSecond = (took: ReadonlyArray<number>) => (events / median(took)) * 1000;
  report({ name: "view", unit: "events/s", value: perSecond(ours), floor: perSecond(bare) });
});
