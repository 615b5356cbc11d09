import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { onLeaf } from "./support/leaf.ts";
import { milliseconds, report } from "./support/measurement.ts";

/** How fast a backend that starts without views rebuilds them all from the log, beside a bare ordered consumer. */
const graphs = 20;
const commits = 500;
const eventsEach = 4;

await onLeaf(async ({ client, backend }) => {
  const ids = Array.from({ length: graphs }, (_, index) => `graph-${index}`);
  for (const id of ids) await client.command("graph", id, "import", { id, nodes: [], edges: [] });
  await Promise.all(
    ids.map(async (id) => {
      for (let commit = 0; commit < commits; commit++) {
        const nodes = Array.from({ length: eventsEach }, (_, index) => ({
          id: `n-${index}`,
          type: "service",
          command: `/bin/true-${commit}`,
        }));
        await client.command("graph", id, "import", { id, nodes, edges: [] });
      }
    }),
  );
  const events = graphs * commits * eventsEach;

  const manager = await jetstreamManager(client.nats);
  const { state } = await manager.streams.info("CIM_EVENTS");
  const floorTook = await milliseconds(async () => {
    const consumer = await jetstream(client.nats).consumers.get("CIM_EVENTS");
    let read = 0;
    for await (const message of await consumer.consume({ max_messages: 1_000 })) {
      message.json();
      if (++read === state.messages) break;
    }
  });

  // A backend beside this one, under the same prefix, whose views have never been written.
  for (const name of await bucketsOfViews(manager)) await manager.streams.delete(name);
  await manager.streams.purge("KV_cim_checkpoints", { filter: "$KV.cim_checkpoints.view.>" });
  const { backend: start } = await import("../src/interfaces/backend.ts");
  const { Effect } = await import("effect");
  const took = await milliseconds(() =>
    Effect.runPromise(
      Effect.scoped(
        Effect.gen(function* () {
          const second = yield* start({
            store: "",
            port: 0,
            prefix: "cim",
            agents: false,
            nats: { servers: backend.url },
          });
          yield* Effect.promise(() => client.query("graphs", "list", { limit: 1 }, { minPosition: state.last_seq }));
          return second.url;
        }),
      ),
    ),
  );
  report({
    name: "view",
    unit: "events/s",
    value: (events / took) * 1000,
    floor: (events / floorTook) * 1000,
  });
});

async function bucketsOfViews(manager: Awaited<ReturnType<typeof jetstreamManager>>): Promise<ReadonlyArray<string>> {
  const names: Array<string> = [];
  for await (const { config } of manager.streams.list())
    if (config.name.startsWith("KV_cim_view_")) names.push(config.name);
  return names;
}
