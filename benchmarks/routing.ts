import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "../src/agents/kit/mod.ts";
import { eventually } from "./support/eventually.ts";
import { type Leaf, onLeaf } from "./support/leaf.ts";
import { atRate, eachOf, median, milliseconds, quantile, quiet, report } from "./support/measurement.ts";

/** What goes to agents and comes from them: turns of dialogs, tasks, heartbeats. */
const turns = 2_000;
const turnsPerSecond = 1_000;
const listeners = 50;
const warmUp = 100;
const tasks = 1_000;
const width = 64;
const workers = 10;
const beating = 1_000;
const beatSeconds = 10;

/** From `dialog.say` until the recipient has the turn, at a steady rate; beside it a bare request-reply at the same rate. */
const measureTurns = async ({ client, startAgents }: Leaf): Promise<void> => {
  const heard = new Map<string, () => void>();
  const agents = await startAgents(listeners, {
    capabilities: ["listen"],
    onTurn: async ({ text }) => heard.get(text)?.(),
  });
  for (const { id } of agents)
    await client.command("dialog", `talk-${id}`, "open", {
      type: "direct",
      topic: "benchmark",
      participants: ["bench", id],
    });
  let said = 0;
  const say = async (index: number) => {
    const text = String(said++);
    const arrived = new Promise<void>((resolve) => heard.set(text, resolve));
    await client.command("dialog", `talk-${agents[index % agents.length]?.id}`, "say", { text });
    await arrived;
    heard.delete(text);
  };
  client.nats.subscribe("bare.echo", { callback: (_, message) => void message.respond(message.data) });
  const echo = () => client.nats.request("bare.echo", "{}");
  await eachOf(warmUp, say);
  await eachOf(warmUp, echo);
  const took = await atRate(turns, turnsPerSecond, say);
  await quiet();
  const floor = await atRate(turns, turnsPerSecond, echo);
  const value = median(took);
  report({ name: "turn", unit: "ms", value, floor: median(floor), p50: value, p99: quantile(took, 0.99) });
};

/** An agent that has room for everything and does nothing: the allocator alone is measured. */
const idler = async (client: Client, id: string): Promise<void> => {
  await client.command("agent", id, "register", { capabilities: ["wait"], maxConcurrentTasks: tasks });
  client.nats.publish(client.names.heartbeat(id));
  await eventually(client, "agents", id, ({ status }) => status === "online");
};

/** From the first submission until the last task is assigned. */
const measureAllocation = async ({ client }: Leaf): Promise<void> => {
  for (let number = 0; number < workers; number++) await idler(client, `worker-${number}`);
  const seen = new AbortController();
  const assigned = client.feed({ aggregate: "task", type: "task-assigned", from: "start" }, seen.signal);
  const allAssigned = async () => {
    let count = 0;
    for await (const _ of assigned) if (++count === tasks) break;
  };
  let next = 0;
  const lane = async () => {
    while (next < tasks) {
      const id = `task-${next++}`;
      await client.command("task", id, "submit", {
        type: "wait",
        requiredCapabilities: ["wait"],
        acknowledgeWithinSeconds: 3_600,
      });
    }
  };
  const took = await milliseconds(() => Promise.all([allAssigned(), ...Array.from({ length: width }, lane)]));
  seen.abort();
  report({ name: "allocate", unit: "tasks/s", value: (tasks / took) * 1000 });
};

/** The share of a core that this process uses meanwhile: the backend, and the little that sends the heartbeats. */
const shareOfCore = async (work: () => Promise<unknown>): Promise<number> => {
  const before = process.cpuUsage();
  const took = await milliseconds(work);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / took;
};

/** A thousand agents that beat in turn, for two intervals after the one in which they come online. */
const measureHeartbeats = async ({ client }: Leaf): Promise<void> => {
  const ids = Array.from({ length: beating }, (_, number) => `beating-${number}`);
  for (const id of ids) await client.command("agent", id, "register", { capabilities: ["beat"] });
  const beatOnce = async () => {
    for (const id of ids) {
      client.nats.publish(client.names.heartbeat(id));
      await sleep((beatSeconds * 1000) / beating);
    }
  };
  await beatOnce();
  const value = await shareOfCore(async () => {
    await beatOnce();
    await beatOnce();
  });
  report({ name: "heartbeats-1000", unit: "cores", value });
};

await onLeaf(measureTurns);
await onLeaf(measureAllocation);
await onLeaf(measureHeartbeats);
