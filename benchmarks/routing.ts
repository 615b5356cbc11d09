import { setTimeout as sleep } from "node:timers/promises";
import { DeliverPolicy } from "@nats-io/jetstream";
import type { Client } from "../src/agents/kit/mod.ts";
import type { BackendProcess } from "./support/backend-process.ts";
import { conditionalPublisher, lazyPublisher, schedulePublisher } from "./support/bare-publisher.ts";
import { bareTurns } from "./support/bare-turns.ts";
import { type Leaf, onLeaf } from "./support/leaf.ts";
import { atRate, eachOf, median, milliseconds, quantile, quiet, report, throughput } from "./support/measurement.ts";

/** Messages to and from agents: turns of dialogs, tasks, heartbeats. */
const turns = 2_000;
const turnsPerSecond = 1_000;
const listeners = 50;
const oneByOne = 200;
/**
 * After about this number V8 has optimized the code of a turn or a task. Before that each takes up to twice as long.
 */
const warmUp = 15_000;
const warmUpBare = 3_000;
const tasks = 10_000;
const width = 64;
const workers = 100;
const beating = 1_000;
const beatSeconds = 10;

/**
 * From `dialog.say` until the recipient has the turn: one turn after the other, 64 at a time, and at a steady rate. It
 * is compared with a bare request-reply in the same way, and with the bare messages that a turn makes on the server.
 */
const measureTurns = async ({ client, idle, startAgents }: Leaf): Promise<void> => {
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
  await throughput(warmUp, width, say);
  await throughput(warmUpBare, width, echo);
  const alone = await eachOf(oneByOne, say);
  const echoAlone = await eachOf(oneByOne, echo);
  report({
    name: "turn-alone",
    unit: "ms",
    value: median(alone),
    floor: median(echoAlone),
    p99: quantile(alone, 0.99),
  });
  const perSecond = await throughput(turns, width, say);
  await idle();
  const bare = await bareTurns(client, agents, turns);
  await throughput(warmUpBare, width, bare);
  report({ name: "turns-64", unit: "turns/s", value: perSecond, floor: await throughput(turns, width, bare) });
  const steadily = async (work: (index: number) => Promise<unknown>) => {
    await idle();
    return atRate(turns, turnsPerSecond, work);
  };
  const [took, tookBare, floor] = [await steadily(say), await steadily(bare), median(await steadily(echo))];
  const times = (samples: ReadonlyArray<number>) => ({ p50: median(samples), p99: quantile(samples, 0.99), floor });
  report({ name: "turn", unit: "ms", value: median(took), ...times(took) });
  report({ name: "turn-bare", unit: "ms", value: median(tookBare), ...times(tookBare) });
};

/** Agents that have room for their share and do no work, so that only the allocator is measured. */
const registerIdlers = async (client: Client, ability: string): Promise<ReadonlyArray<string>> => {
  const ids = Array.from({ length: workers }, (_, number) => `${ability}-${number}`);
  const profile = { capabilities: [ability], maxConcurrentTasks: tasks / workers };
  for (const id of ids) await client.command("agent", id, "register", profile);
  return ids;
};

const submitAll = (client: Client, ability: string): Promise<unknown> => {
  const request = { type: "wait", requiredCapabilities: [ability], acknowledgeWithinSeconds: 3_600 };
  return throughput(tasks, width, (number) => client.command("task", `${ability}-task-${number}`, "submit", request));
};

/**
 * The bare messages that an assignment makes on the server: a commit and, written lazily, the event in the feed, the
 * delivery, and a document of two views. With `timed`, also the timer of its acknowledgement.
 */
const assignedBare = async ({ nats }: Client) => {
  const commit = await conditionalPublisher(nats);
  const lazily = await Promise.all(
    ["FEED", "INBOX", "TASKS", "AUDIT"].map((name) => lazyPublisher(nats, `FLOOR-${name}`)),
  );
  const schedule = await schedulePublisher(nats, "FLOOR-TIMERS");
  let count = 0;
  return (timed: boolean) => {
    const key = String(count++);
    const beside = timed ? [...lazily, schedule] : lazily;
    return Promise.all([commit(`l${count % width}`), ...beside.map((publish) => publish(key))]);
  };
};

/**
 * Milliseconds from the first heartbeat of the agents that tasks wait for until the last task is assigned and has its
 * timer.
 */
const allocate = async (client: Client, ability: string): Promise<{ readonly all: number; readonly timed: number }> => {
  const ids = await registerIdlers(client, ability);
  await submitAll(client, ability);
  await quiet();
  const allAssigned = await assignments(client);
  const timers = await scheduled(client);
  const start = performance.now();
  for (const id of ids) client.nats.publish(client.names.subjects.heartbeat(id));
  await allAssigned();
  const all = performance.now() - start;
  while ((await scheduled(client)) < timers + tasks) await sleep(10);
  return { all, timed: performance.now() - start };
};

/** Timers that have not fired. */
const scheduled = async ({ jetstream }: Client): Promise<number> => {
  const manager = await jetstream.jetstreamManager();
  return (await manager.streams.info("CIM_TIMERS")).state.messages;
};

/** Ten thousand tasks over a hundred agents, twice. The first ten thousand only warm up. */
const measureAllocation = async ({ client, idle }: Leaf): Promise<void> => {
  await allocate(client, "warm-up");
  await idle();
  const took = await allocate(client, "wait");
  await idle();
  const bare = await assignedBare(client);
  await throughput(warmUpBare, width, () => bare(true));
  const result = async (name: string, took: number, timed: boolean) => {
    const floor = await throughput(tasks, width, () => bare(timed));
    report({ name, unit: "tasks/s", value: (tasks / took) * 1000, floor });
  };
  await result("allocate", took.all, false);
  await result("allocate-timed", took.timed, true);
};

/** Reads the log from now on and waits until every task is assigned durably. */
const assignments = async (client: Client) => {
  const consumer = await client.jetstream.consumers.get("CIM_EVENTS", {
    deliver_policy: DeliverPolicy.New,
    filter_subjects: "cim.evt.task.*",
  });
  const messages = await consumer.consume({ max_messages: 1_000 });
  const all = async () => {
    let count = 0;
    for await (const message of messages) {
      if (message.string().includes('"task-assigned"')) count += 1;
      if (count === tasks) return;
    }
  };
  return all;
};

/** The share of a core that the backend uses during some work. */
const shareOfCore = async (backend: BackendProcess, work: () => Promise<unknown>): Promise<number> => {
  const before = await backend.used();
  const took = await milliseconds(work);
  return ((await backend.used()) - before) / took;
};

/** A thousand agents send heartbeats in turn, for two intervals after the one in which they come online. */
const measureHeartbeats = async ({ backend, client }: Leaf): Promise<void> => {
  const ids = Array.from({ length: beating }, (_, number) => `beating-${number}`);
  for (const id of ids) await client.command("agent", id, "register", { capabilities: ["beat"] });
  const beatOnce = async () => {
    for (const id of ids) {
      client.nats.publish(client.names.subjects.heartbeat(id));
      await sleep((beatSeconds * 1000) / beating);
    }
  };
  await beatOnce();
  const value = await shareOfCore(backend, async () => {
    await beatOnce();
    await beatOnce();
  });
  report({ name: "heartbeats-1000", unit: "cores", value });
};

await onLeaf(measureTurns);
await onLeaf(measureAllocation);
await onLeaf(measureHeartbeats);
