import { conditionalPublisher } from "./support/bare-publisher.ts";
import { onLeaf } from "./support/leaf.ts";
import { eachOf, median, quiet, report, throughput } from "./support/measurement.ts";

/**
 * How fast commands are decided and stored, compared with bare requests and bare conditional publishes on the same
 * server. The two take turns in rounds. If the machine gets slower, both do, and neither runs in the wake of the other.
 */
const warmUpRounds = 5;
const rounds = 10;
const perRound = 50;
const concurrent = 5_000;
const width = 64;

/** Each graph has a few nodes and each command changes one of them, so the last command costs as much as the first. */
const nodes = Array.from({ length: 10 }, (_, index) => ({
  id: `n-${index}`,
  type: "service" as const,
  command: "/bin/true",
}));
const change = (index: number) => ({ id: `n-${index % nodes.length}`, changes: { command: `/bin/true ${index}` } });

await onLeaf(async ({ client }) => {
  const { nats } = client;
  const publish = await conditionalPublisher(nats);
  nats.subscribe("bare.echo", { callback: (_, message) => void message.respond(message.data) });
  const graph = (id: string) => client.command("graph", id, "import", { id, nodes, edges: [] });
  const update = (id: string, index: number) => client.command("graph", id, "update-node", change(index));

  await graph("warm");
  const bareCommand = async () => {
    await nats.request("bare.echo", "{}");
    await publish("warm");
  };
  const ours: Array<number> = [];
  const bare: Array<number> = [];
  for (let round = -warmUpRounds; round < rounds; round++) {
    const first = (round + warmUpRounds) * perRound;
    const commands = await eachOf(perRound, (index) => update("warm", first + index));
    const bareOnes = await eachOf(perRound, bareCommand);
    if (round < 0) continue;
    ours.push(...commands);
    bare.push(...bareOnes);
  }
  report({ name: "sequential", unit: "ms", value: median(ours), floor: median(bare) });

  for (let lane = 0; lane < width; lane++) await graph(`lane-${lane}`);
  const updateLane = (index: number) => update(`lane-${index % width}`, index);
  await throughput(concurrent / 5, width, updateLane);
  const value = await throughput(concurrent, width, updateLane);
  await quiet();
  const floor = await throughput(concurrent, width, (index) => publish(`l${index % width}`));
  report({ name: "concurrent-64", unit: "commands/s", value, floor });
});
