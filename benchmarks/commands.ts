import { conditionalPublisher } from "./support/bare-publisher.ts";
import { onLeaf } from "./support/leaf.ts";
import { eachOf, median, quiet, report, throughput } from "./support/measurement.ts";
import { startResponder } from "./support/responder.ts";

/**
 * How fast commands are decided and stored, beside two floors on the same server.
 *
 * - Bare requests and bare conditional publishes: what the server takes for the messages of a command.
 * - A responder: a process with nothing but the NATS client, which reads a request, publishes and answers. No backend in
 *   Node is faster, so what lies between it and ours is ours.
 *
 * All take turns in rounds. If the machine gets slower, all do, and none runs in the wake of another.
 */
const warmUp = 2_000;
const rounds = 10;
const perRound = 50;
const concurrentRounds = 5;
const perConcurrentRound = 1_000;
const width = 64;

/** Each graph has a few nodes and each command changes one of them, so the last command costs as much as the first. */
const nodes = Array.from({ length: 10 }, (_, index) => ({
  id: `n-${index}`,
  type: "service" as const,
  command: "/bin/true",
}));
const change = (index: number) => ({ id: `n-${index % nodes.length}`, changes: { command: `/bin/true ${index}` } });

await onLeaf(async ({ client, backend }) => {
  const { nats } = client;
  const publish = await conditionalPublisher(nats);
  const endResponder = await startResponder(backend.url);
  nats.subscribe("bare.echo", { callback: (_, message) => void message.respond(message.data) });
  const graph = (id: string) => client.command("graph", id, "import", { id, nodes, edges: [] });
  let commands = 0;
  const update = (id: string) => client.command("graph", id, "update-node", change(commands++));
  const respond = async (lane: string) =>
    (await nats.request(`bare.responder.${lane}`, JSON.stringify(change(commands++)))).json();
  const bareCommand = async () => {
    await nats.request("bare.echo", "{}");
    await publish("warm");
  };
  const laneOf = (index: number) => `lane-${index % width}`;
  const ways = {
    ours: (index: number) => update(laneOf(index)),
    responder: (index: number) => respond(laneOf(index)),
    bare: (index: number) => publish(laneOf(index)),
  };

  await graph("alone");
  for (let lane = 0; lane < width; lane++) await graph(laneOf(lane));
  for (const way of [ways.ours, ways.responder, ways.bare]) await throughput(warmUp, width, way);

  const took = { ours: [] as number[], responder: [] as number[], bare: [] as number[] };
  for (let round = -1; round < rounds; round++) {
    const ours = await eachOf(perRound, () => update("alone"));
    const responder = await eachOf(perRound, () => respond("alone"));
    const bare = await eachOf(perRound, bareCommand);
    // The first round shows how it is after the hurry of the warm-up.
    if (round < 0) continue;
    took.ours.push(...ours);
    took.responder.push(...responder);
    took.bare.push(...bare);
  }
  const value = median(took.ours);
  report({ name: "sequential", unit: "ms", value, floor: median(took.bare) });
  report({ name: "sequential-responder", unit: "ms", value, floor: median(took.responder) });

  let used = 0;
  const rates = { ours: [] as number[], responder: [] as number[], bare: [] as number[] };
  for (let round = 0; round < concurrentRounds; round++) {
    used -= await backend.used();
    rates.ours.push(await throughput(perConcurrentRound, width, ways.ours));
    await quiet();
    used += await backend.used();
    rates.responder.push(await throughput(perConcurrentRound, width, ways.responder));
    rates.bare.push(await throughput(perConcurrentRound, width, ways.bare));
  }
  const rate = median(rates.ours);
  report({ name: "concurrent-64", unit: "commands/s", value: rate, floor: median(rates.bare) });
  report({ name: "concurrent-64-responder", unit: "commands/s", value: rate, floor: median(rates.responder) });
  // What others do on the machine does not change it much. It has what comes behind the command's back.
  report({ name: "processor-time-64", unit: "ms", value: used / (concurrentRounds * perConcurrentRound) });
  await endResponder();
});
