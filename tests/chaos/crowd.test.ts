import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { connect as connectTcp, type Socket } from "node:net";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { connect as connectNats } from "@nats-io/transport-node";
import type { BackendProcess } from "../support/backend-process.ts";
import { type Installation, installation } from "../support/installation.ts";

let leaf: Installation;
let backend: BackendProcess;
const sockets: Array<Socket> = [];

/** An answer of 100 KB. */
const large = { id: "large", description: "x".repeat(100_000), nodes: [], edges: [] };

beforeAll(async () => {
  leaf = await installation();
  backend = await leaf.up("--no-agents", "--no-console", "--rate", "0");
  await leaf.client.command("graph", "large", "import", large);
  await leaf.client.command("graph", "light", "import", { id: "light", nodes: [], edges: [] });
});

afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await leaf?.dispose();
});

const many = <A>(count: number, make: (index: number) => A) => Array.from({ length: count }, (_, index) => make(index));

/** The most memory that the backend has had, in MiB; 0 if the system does not show it. */
const memory = async (): Promise<number> => {
  const status = await readFile(`/proc/${backend.pid}/status`, "utf8").catch(() => "");
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
};

/** A client of the server that asks for large answers, follows everything, and reads nothing. */
const askAndReadNothing = async (number: number) => {
  const { hostname, port } = new URL(leaf.nats.url);
  const socket = connectTcp(Number(port), hostname);
  sockets.push(socket);
  socket.on("error", () => {});
  await once(socket, "connect");
  socket.pause();
  const { prefix } = leaf.nats;
  const inbox = `_INBOX.slow-${number}`;
  socket.write(`CONNECT {"verbose":false,"pedantic":false}\r\nSUB ${prefix}.> 1\r\nSUB ${inbox}.* 2\r\n`);
  const question = JSON.stringify({ id: "large" });
  for (let index = 0; index < 500; index += 1)
    socket.write(`PUB ${prefix}.qry.graphs.get ${inbox}.${index} ${question.length}\r\n${question}\r\n`);
};

test("readers that read nothing, and one that asks for a lot, hold up nobody else, and memory is bounded", async () => {
  const { client } = leaf;
  const before = await memory();
  await Promise.all(many(8, askAndReadNothing));
  const greedy = await connectNats({ servers: leaf.nats.url });
  let unanswered = 600;
  const asked = Promise.all(
    many(unanswered, async () => {
      await greedy.request(`${leaf.nats.prefix}.qry.graphs.get`, JSON.stringify({ id: "large" }), { timeout: 300_000 });
      unanswered -= 1;
    }),
  );
  await greedy.flush();
  await client.query("graphs", "get", { id: "light" });
  await client.command("task", "light", "submit", { type: "work", requiredCapabilities: ["none"] });
  expect(unanswered).toBeGreaterThan(0);
  await asked;
  await greedy.close();
  // Half a gigabyte was asked for.
  expect((await memory()) - before).toBeLessThan(400);
});

test("many watchers, connections and agents that come at once are all served", async () => {
  const { client } = leaf;
  const ended = new AbortController();
  const watching = many(200, async () => {
    for await (const { id } of client.watch("tasks", {}, ended.signal)) if (id === "watched") return;
    throw new Error("a watcher has not seen it");
  });
  const connecting = many(600, () => connectNats({ servers: leaf.nats.url, timeout: 300_000 }));
  const registering = many(1_000, async (index) => {
    const id = `crowd-${index}`;
    const subject = client.names.subjects.command(id, "agent", id, "register");
    const answer = await client.nats.request(subject, JSON.stringify({ capabilities: ["work"] }), { timeout: 300_000 });
    expect(answer.json()).toMatchObject({ ok: true });
  });
  await client.command("task", "watched", "submit", { type: "work", requiredCapabilities: ["none"] });
  await Promise.all([...watching, ...registering]);
  ended.abort();
  for (const connection of await Promise.all(connecting)) await connection.close();
});
