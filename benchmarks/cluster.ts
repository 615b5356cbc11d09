import { setTimeout as sleep } from "node:timers/promises";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "../src/agents/kit/mod.ts";
import { startBackend } from "./support/backend-process.ts";
import { conditionalPublisher } from "./support/bare-publisher.ts";
import { type ClusterServer, startCluster } from "./support/cluster.ts";
import { eachOf, median, milliseconds, quiet, report, throughput } from "./support/measurement.ts";

/**
 * Commands on three replicas beside bare conditional publishes to three replicas, and how long it takes until commands
 * are answered again when the log's leader is killed or frozen, beside bare publishes to a stream that lost its leader.
 */
const sequential = 200;
const concurrent = 3_000;
const width = 64;
const rounds = 3;
/** Milliseconds for which a frozen server stands still: longer than an election takes. */
const frozen = 15_000;

// What is told to end removes its folder on the way out.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
const cluster = await startCluster();
const options = { store: "", port: -1, prefix: "cim", agents: false, rate: 0, replicas: 3 };
const servers = cluster.servers.map(({ url }) => url);
const backends = [
  await startBackend({ ...options, nats: { servers } }),
  await startBackend({ ...options, nats: { servers } }),
];
const client = await connect({ servers, principal: "bench", timeoutMs: 60_000 });
try {
  const publish = await conditionalPublisher(client.nats, 3);
  const nodes = Array.from({ length: 10 }, (_, index) => ({ id: `n-${index}`, type: "service", command: "/bin/true" }));
  const graph = (id: string) => client.command<string, string>("graph", id, "import", { id, nodes, edges: [] });
  const update = (id: string, index: number) =>
    client.command("graph", id, "update-node", {
      id: `n-${index % nodes.length}`,
      changes: { command: `/bin/true ${index}` },
    });

  await graph("warm");
  await eachOf(sequential, (index) => update("warm", index));
  const ours = await eachOf(sequential, (index) => update("warm", sequential + index));
  const bare = await eachOf(sequential, () => publish("warm"));
  report({ name: "sequential", unit: "ms", value: median(ours), floor: median(bare) });

  for (let lane = 0; lane < width; lane += 1) await graph(`lane-${lane}`);
  const updateLane = (index: number) => update(`lane-${index % width}`, index);
  await throughput(concurrent / 5, width, updateLane);
  const value = await throughput(concurrent, width, updateLane);
  await quiet();
  // Each lane waits for itself: of two publishes under one sequence one would be refused.
  const each = Math.ceil(concurrent / width);
  const lanes = Array.from({ length: width }, (_, lane) => lane);
  const took = await milliseconds(() => Promise.all(lanes.map((lane) => eachOf(each, () => publish(`l${lane}`)))));
  const floor = (each * width * 1_000) / took;
  report({ name: "concurrent-64", unit: "commands/s", value, floor, note: "aim: half of the floor" });

  const manager = await jetstreamManager(client.nats);
  await manager.streams.add({ name: "BARE", subjects: ["bare"], num_replicas: 3 });
  const js = jetstream(client.nats);
  /** Until a bare publish is acknowledged again. */
  const bareAgain = async () => {
    while (!(await js.publish("bare", "", { timeout: 500 }).then(Boolean, () => false))) await sleep(20);
  };
  let given = 0;
  const command = async () => {
    given += 1;
    await update("warm", given);
  };
  /** Whoever asks once and does not repeat: how long until there is an answer, of any kind, or none in 2 s. */
  const refusals: Array<number> = [];
  const once = async () => {
    const began = performance.now();
    const { nats, names } = client;
    const subject = names.subjects.command("bench", "graph", "warm", "update-node");
    await nats
      .request(subject, JSON.stringify({ id: "n-1", changes: { command: crypto.randomUUID() } }), { timeout: 2_000 })
      .catch(() => undefined);
    refusals.push(performance.now() - began);
  };

  /** Milliseconds from the moment at which the leader of a stream is gone until `again` is done. */
  const recoveries = async (
    stream: string,
    end: (leader: ClusterServer) => Promise<() => Promise<void>>,
    again: () => Promise<void>,
  ) => {
    const took: Array<number> = [];
    for (let round = 0; round < rounds; round += 1) {
      await cluster.whole();
      const mend = await end(await cluster.leaderOf(stream));
      const began = performance.now();
      await again();
      took.push(performance.now() - began);
      await mend();
    }
    return took;
  };
  const kill = async (leader: ClusterServer) => {
    await leader.kill();
    return leader.start;
  };
  const freeze = async (leader: ClusterServer) => {
    await leader.freeze();
    const until = performance.now() + frozen;
    return async () => void sleep(Math.max(0, until - performance.now())).then(leader.thaw);
  };
  const killed = await recoveries("CIM_EVENTS", kill, () => Promise.all([command(), once()]).then(() => undefined));
  const killedBare = await recoveries("BARE", kill, bareAgain);
  report({ name: "leader-killed", unit: "ms", value: median(killed), floor: median(killedBare) });
  report({
    name: "single-attempt",
    unit: "ms",
    value: Math.max(...refusals),
    note: "the longest that one attempt at that moment waits for an answer, `unavailable` mostly",
  });
  const frozenOurs = await recoveries("CIM_EVENTS", freeze, command);
  await sleep(frozen);
  const frozenBare = await recoveries("BARE", freeze, bareAgain);
  report({ name: "leader-frozen", unit: "ms", value: median(frozenOurs), floor: median(frozenBare) });
} finally {
  await client.close();
  for (const backend of backends) await backend.stop();
  await cluster.dispose();
}
process.exit(0);
