import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { jetstreamManager } from "@nats-io/jetstream";
import { Agent } from "../../src/agents/kit/mod.ts";
import type { BackendProcess } from "../support/backend-process.ts";
import { type Installation, installation } from "../support/installation.ts";

let leaf: Installation;
let backend: BackendProcess;
let agent: Agent;
const worked: Array<string> = [];
const heard: Array<string> = [];
const seen = new Map<string, number>();
const ended = new AbortController();

const sleep = (milliseconds: number) => new Promise((wake) => setTimeout(wake, milliseconds));
/** Waits for something, and says after a minute what has not come. */
const until = async (what: string, isSo: () => boolean | Promise<boolean>) => {
  for (const end = Date.now() + 60_000; !(await isSo()); await sleep(50))
    if (Date.now() > end) throw new Error(`${what} did not come: ${backend.errors().slice(-3_000)}`);
};
const node = (id: string) => ({ node: { id, type: "host", system: "x86_64-linux", address: "10.0.0.1" } }) as const;
const manager = () => jetstreamManager(leaf.client.nats);
const streamOf = (name: string) => `${leaf.nats.prefix.toUpperCase()}_${name}`;
const bucketOf = (name: string) => `KV_${leaf.nats.prefix}_${name}`;

beforeAll(async () => {
  leaf = await installation();
  backend = await leaf.up("--no-agents", "--no-console");
  const { client } = leaf;
  await leaf.grant(["ada", "bob"], "voter");
  await client.command("graph", "g", "import", { id: "g", nodes: [], edges: [] });
  agent = await Agent.make({
    id: "worker",
    connection: { servers: leaf.nats.url, prefix: leaf.nats.prefix },
    capabilities: ["work"],
    maxConcurrentTasks: 10,
    log: () => {},
    onTask: async ({ task }) => void worked.push(task.id),
  });
  const read = async () => {
    for await (const { id } of client.feed({ from: "start" }, ended.signal)) heard.push(id);
  };
  const watch = async () => {
    for await (const { id, document } of client.watch("graphs", {}, ended.signal))
      if (document !== undefined) seen.set(id, document.version);
  };
  void read().catch(() => {});
  void watch().catch(() => {});
});

afterAll(async () => {
  ended.abort();
  await agent?.stop();
  await leaf?.dispose();
});

/** A task, an event and a change of a view, as everyone who waits for them gets them. */
const everythingGoesOn = async (round: string) => {
  const { client } = leaf;
  await client.command("task", `task-${round}`, "submit", { type: "work", requiredCapabilities: ["work"] });
  const { version } = await client.command("graph", "g", "add-node", node(`n-${round}`));
  await until(`the task ${round}`, () => worked.includes(`task-${round}`));
  await until(`the event ${round}`, () => heard.includes(`graph.g.${version}`));
  await until(`the view ${round}`, () => (seen.get("g") ?? 0) >= version);
};

/** Every event of the log, once and in its order, as a reader of the feed heard it. */
const expectWholeFeed = async () => {
  const events = (await leaf.log()).flatMap(({ aggregate, id, firstVersion, events }) =>
    events.map((_, index) => `${aggregate}.${id}.${firstVersion + index}`),
  );
  await until("the whole feed", () => heard.length >= events.length);
  expect(heard.slice(0, events.length)).toEqual(events);
};

test("streams and consumers that are gone are made again, and everyone gets what they missed", async () => {
  await everythingGoesOn("before");
  const { client } = leaf;
  await client.command("proposal", "vote", "submit", {
    kind: "test",
    title: "A vote whose end must come",
    subject: { matter: 1 },
    electorate: ["ada", "bob"],
    votingSeconds: 12,
  });
  const jsm = await manager();
  await jsm.consumers.delete(streamOf("INBOX"), "agent-worker");
  await everythingGoesOn("without-its-consumer");
  for (const stream of [
    ...["FEED", "INBOX", "TIMERS", "HEARTBEATS"].map(streamOf),
    ...["view_graphs", "view_tasks", "checkpoints", "leases"].map(bucketOf),
    `OBJ_${leaf.nats.prefix}_snapshots`,
  ])
    await jsm.streams.delete(stream);
  await everythingGoesOn("without-streams");
  await expectWholeFeed();
  await until(
    "the end of the vote",
    async () => (await client.query("proposals", "get", { id: "vote" })).data.status !== "active",
  );
  expect(backend.errors()).toContain("was gone: it is made again");
});

test("a view that somebody empties is published again, also if no backend runs meanwhile", async () => {
  const jsm = await manager();
  await backend.stop();
  await jsm.streams.purge(bucketOf("view_graphs"));
  await jsm.streams.delete(bucketOf("view_tasks"));
  backend = await leaf.up("--no-agents", "--no-console");
  const { client } = leaf;
  expect((await client.query("graphs", "get", { id: "g" })).data.id).toBe("g");
  expect((await client.query("tasks", "get", { id: "task-before" })).data.status).toBe("completed");
  await everythingGoesOn("after");
});
