import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { onLeaf } from "./support/leaf.ts";
import { median, milliseconds, report, throughput } from "./support/measurement.ts";

/** How fast commands are decided and stored, beside bare requests and bare conditional publishes on the same server. */
const warmUp = 50;
const samples = 500;
const concurrent = 5_000;
const width = 64;

const node = (index: number) => ({ id: `n-${index}`, type: "service", command: "/bin/true" });

/** Publishes on one subject a lane, each under the sequence of the one before, as the event store does. */
const conditionalPublisher = async (nats: NatsConnection) => {
  const manager = await jetstreamManager(nats);
  await manager.streams.add({ name: "FLOOR", subjects: ["floor.>"] });
  const js = jetstream(nats);
  const last = new Map<string, number>();
  const payload = JSON.stringify({
    events: [{ type: "node-added", data: { node: node(1) } }],
    padding: "x".repeat(400),
  });
  return async (lane: string): Promise<void> => {
    const lastSubjectSequence = last.get(lane) ?? 0;
    const { seq } = await js.publish(`floor.${lane}`, payload, { expect: { lastSubjectSequence } });
    last.set(lane, seq);
  };
};

await onLeaf(async ({ client }) => {
  const { nats } = client;
  const publish = await conditionalPublisher(nats);
  nats.subscribe("bare.echo", { callback: (_, message) => void message.respond(message.data) });
  const graph = (id: string) => client.command("graph", id, "import", { id, nodes: [], edges: [] });

  await graph("warm");
  const ours: Array<number> = [];
  const bare: Array<number> = [];
  for (let index = 0; index < warmUp + samples; index++) {
    const one = await milliseconds(() => client.command("graph", "warm", "add-node", { node: node(index) }));
    const other = await milliseconds(async () => {
      await nats.request("bare.echo", "{}");
      await publish("warm");
    });
    if (index >= warmUp) {
      ours.push(one);
      bare.push(other);
    }
  }
  report({ name: "sequential", unit: "ms", value: median(ours), floor: median(bare) });

  for (let lane = 0; lane < width; lane++) await graph(`lane-${lane}`);
  const floor = await throughput(concurrent, width, (index) => publish(`l${index % width}`));
  const value = await throughput(concurrent, width, (index) =>
    client.command("graph", `lane-${index % width}`, "add-node", { node: node(index) }),
  );
  report({ name: "concurrent-64", unit: "commands/s", value, floor });
});
