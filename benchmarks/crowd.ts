import { once } from "node:events";
import { connect as connectTcp, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as connectNats, type NatsConnection } from "@nats-io/transport-node";
import { type Client, connect } from "../src/agents/kit/mod.ts";
import { type Leaf, onLeaf } from "./support/leaf.ts";
import { quantile, report } from "./support/measurement.ts";

/**
 * How long others wait for an answer while a crowd comes: 200 watchers of a view, 20 readers that ask for a lot and read
 * nothing, 5,000 requests at one aggregate, 600 connections in 3 s, and 1,000 agents at once; and what that costs the
 * backend in memory.
 */
const [watchers, slowReaders, connections, agents] = [200, 20, 600, 1_000];
/** Requests at one aggregate whose asker has gone. */
const flood = 5_000;
/** Milliseconds between two requests of the one that waits for answers. */
const askEvery = 50;
const nodes = [{ id: "n-1", type: "service", command: "/bin/true" }] as const;
/** An answer of about 100 KB. */
const large = { id: "large", description: "x".repeat(100_000), nodes: [], edges: [] };
/** The answers that a reader asks for and does not read. */
const unread = 300;

/** Asks for one thing after another, as somebody who has nothing to do with the crowd, until `over` is aborted. */
const othersAsk = async (client: Client, id: string, over: AbortSignal): Promise<ReadonlyArray<number>> => {
  const took: Array<number> = [];
  while (!over.aborted) {
    const began = performance.now();
    const changes = { command: `/bin/true ${took.length}` };
    if (took.length % 2 === 0) await client.command("graph", id, "update-node", { id: "n-1", changes });
    else await client.query("graphs", "get", { id });
    took.push(performance.now() - began);
    await sleep(askEvery);
  }
  return took;
};

/** Reports how long others wait while `crowd` goes on. */
const beside = async (leaf: Leaf, name: string, crowd: () => Promise<unknown>) => {
  const over = new AbortController();
  const id = `beside-${name}`;
  const client = await leaf.open("other");
  await client.command("graph", id, "import", { id, nodes, edges: [] });
  const asking = othersAsk(client, id, over.signal);
  const began = performance.now();
  try {
    await crowd();
  } finally {
    over.abort();
  }
  const took = performance.now() - began;
  const waits = await asking;
  const memory = await leaf.backend.memory();
  report({
    name,
    unit: "ms",
    value: Math.max(...waits),
    p50: quantile(waits, 0.5),
    p99: quantile(waits, 0.99),
    aim: 1_000,
    note: `the longest wait of ${waits.length}; it took ${Math.round(took)} ms, the backend has had ${Math.round(memory)} MiB`,
  });
};

const watch = async ({ backend, client }: Leaf) => {
  const ended = new AbortController();
  const clients = await Promise.all(
    Array.from({ length: 10 }, () => connect({ servers: backend.url, principal: "watcher" })),
  );
  let seen = 0;
  const all = Array.from({ length: watchers }, async (_, index) => {
    const watching = clients[index % clients.length]?.watch("graphs", {}, ended.signal);
    if (watching !== undefined) for await (const { id } of watching) if (id === "watched") seen += 1;
  });
  await client.command("graph", "watched", "import", { id: "watched", nodes, edges: [] });
  for (let index = 0; index < 50; index += 1)
    await client.command("graph", "watched", "update-node", { id: "n-1", changes: { command: `/bin/true ${index}` } });
  while (seen < watchers) await sleep(50);
  ended.abort();
  await Promise.all(all);
  await Promise.all(clients.map((one) => one.close()));
};

/** A client of the server that asks for large answers, follows everything, and reads nothing. */
const askAndReadNothing = async (url: string, number: number): Promise<Socket> => {
  const { hostname, port } = new URL(url);
  const socket = connectTcp(Number(port), hostname);
  socket.on("error", () => {});
  await once(socket, "connect");
  socket.pause();
  const inbox = `_INBOX.slow-${number}`;
  socket.write(`CONNECT {"verbose":false,"pedantic":false}\r\nSUB cim.> 1\r\nSUB ${inbox}.* 2\r\n`);
  const question = JSON.stringify({ id: "large" });
  for (let index = 0; index < unread; index += 1)
    socket.write(`PUB cim.qry.graphs.get ${inbox}.${index} ${question.length}\r\n${question}\r\n`);
  return socket;
};

const readNothing = async ({ backend, client }: Leaf) => {
  await client.command("graph", "large", "import", large);
  const sockets = await Promise.all(
    Array.from({ length: slowReaders }, (_, number) => askAndReadNothing(backend.url, number)),
  );
  await sleep(10_000);
  for (const socket of sockets) socket.destroy();
};

const connectAll = async ({ backend }: Leaf) => {
  const open: Array<Promise<NatsConnection>> = [];
  for (let index = 0; index < connections; index += 1) {
    open.push(connectNats({ servers: backend.url, timeout: 30_000 }));
    await sleep(3_000 / connections);
  }
  for (const connection of await Promise.all(open)) await connection.close();
};

const register = async ({ client }: Leaf) => {
  const { nats, names } = client;
  const ids = Array.from({ length: agents }, (_, index) => `crowd-${index}`);
  const refused: Array<string> = [];
  const one = async (id: string): Promise<void> => {
    const subject = names.subjects.command(id, "agent", id, "register");
    const answer = await nats.request(subject, JSON.stringify({ capabilities: ["work"] }), { timeout: 60_000 });
    if (answer.json<{ ok: boolean }>().ok) return;
    refused.push(answer.string());
    await sleep(1_000);
    return one(id);
  };
  await Promise.all(ids.map(one));
  if (refused.length > 0) console.error(`${refused.length} were told to come again: ${refused[0]}`);
};

/** Somebody asks for a lot at one aggregate, and goes without waiting for an answer. */
const floodAndGo = async ({ backend, client }: Leaf) => {
  await client.command("graph", "flooded", "import", { id: "flooded", nodes, edges: [] });
  const gone = await connectNats({ servers: backend.url });
  const subject = client.names.subjects.command("mallory", "graph", "flooded", "update-node");
  for (let index = 0; index < flood; index += 1) {
    const payload = JSON.stringify({ id: "n-1", changes: { command: `/bin/true ${index}` } });
    gone.publish(subject, payload, { reply: "_INBOX.gone.1" });
  }
  await gone.flush();
  await gone.close();
  await sleep(5_000);
};

await onLeaf(async (leaf) => {
  await beside(leaf, "nobody", () => sleep(3_000));
  await beside(leaf, "flood", () => floodAndGo(leaf));
  await beside(leaf, "watchers", () => watch(leaf));
  await beside(leaf, "slow-readers", () => readNothing(leaf));
  await beside(leaf, "connections", () => connectAll(leaf));
  await beside(leaf, "agents", () => register(leaf));
});
process.exit(0);
