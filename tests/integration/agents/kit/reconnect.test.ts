import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Agent, type Client, connect } from "../../../../src/agents/kit/mod.ts";
import { type TestNats, testNats } from "../../../support/nats.ts";
import { eventually, type ScriptedBackend, scriptedBackend } from "../scripted-backend.ts";

let nats: TestNats;
let backend: ScriptedBackend;
let client: Client;
let agent: Agent;
let release: () => void = () => undefined;
const ran: Array<string> = [];

beforeAll(async () => {
  nats = await testNats();
  backend = await scriptedBackend(nats.url, nats.prefix);
  client = await connect({ servers: nats.url, prefix: nats.prefix, principal: "bob" });
  agent = await Agent.make({
    client,
    id: "bob",
    capabilities: [],
    maxConcurrentTasks: 2,
    log: () => undefined,
    onTask: async ({ task }) => {
      ran.push(task.id);
      if (task.id === "long") await new Promise<void>((resolve) => (release = resolve));
      return undefined;
    },
  });
});
afterAll(async () => {
  await agent.stop();
  await client.close();
  await backend.close();
  await nats.dispose();
});

const assigned = (id: string) => ({
  deliveryId: id,
  kind: "assigned",
  task: {
    id,
    type: "dig",
    priority: "normal",
    attempt: 1,
    acknowledgeBy: "2026-01-01T00:00:00.000Z",
    requiredCapabilities: [],
  },
});
const has = (id: string, command: string) =>
  backend.applied.some((applied) => applied.id === id && applied.command === command);

test("a nats-server that is killed and comes back costs an agent neither its task, nor its deliveries, nor its view", async () => {
  if (!nats.controllable) return;
  const abort = new AbortController();
  const seen: Array<unknown> = [];
  const events: Array<unknown> = [];
  await backend.putDocument("graphs", "shop", { version: 1 });
  const watching = (async () => {
    for await (const { document } of client.watch("graphs", {}, abort.signal)) seen.push(document);
  })();
  const reading = (async () => {
    for await (const { data } of client.feed({ from: "start" }, abort.signal)) events.push(data);
  })();
  await backend.announce("graph", "node-added", "shop", 1);
  await backend.deliver("bob", "task", assigned("long"));
  await eventually("everything before", () => ran.length === 1 && seen.length === 1 && events.length === 1);

  await nats.kill();
  release();
  await nats.start();

  await eventually("the result of the task", () => has("long", "complete"));
  const before = backend.heartbeats.length;
  await backend.deliver("bob", "task", assigned("short"));
  await eventually("the next task", () => has("short", "complete"));
  await backend.putDocument("graphs", "shop", { version: 2 });
  await backend.announce("graph", "node-added", "shop", 2);
  await eventually("view and feed", () => seen.length === 2 && events.length === 2);
  abort.abort();
  await Promise.all([watching, reading]);

  expect(ran).toEqual(["long", "short"]);
  expect(before).toBeGreaterThan(0);
  expect(seen).toEqual([{ version: 1 }, { version: 2 }]);
  expect(events).toEqual([1, 2]);
});
