import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { Agent, type AgentOptions, connect } from "../../src/agents/kit/mod.ts";
import type { AgentDocument } from "../../src/contract/views/agents.ts";
import { observe, type Seen } from "../support/installation.ts";
import { type TestLeaf, testLeaf } from "../support/leaf.ts";

/**
 * Seconds between two heartbeats: short, so that silence would be noticed within the test, and long enough for a busy
 * machine. An agent is away when a heartbeat comes half an interval late.
 */
const heartbeatSeconds = 3;

let leaf: TestLeaf;
let seen: Seen;
let agents: Array<Agent> = [];

beforeEach(async () => {
  leaf = await testLeaf({ heartbeatSeconds });
  seen = await observe(leaf.nats.url, leaf.nats.prefix);
});
afterEach(async () => {
  await Promise.all(agents.map((agent) => agent.stop()));
  agents = [];
  await seen.client.close();
  await leaf.dispose();
});

const start = async (count: number, options: Partial<AgentOptions>) => {
  agents = await Promise.all(
    Array.from({ length: count }, (_, number) =>
      Agent.make({
        id: `agent-${number}`,
        connection: { servers: leaf.nats.url, prefix: leaf.nats.prefix, timeoutMs: 60_000 },
        capabilities: ["work"],
        heartbeatSeconds,
        log: () => undefined,
        ...options,
      }),
    ),
  );
  await everyoneIs("online", count);
};

const sleep = (milliseconds: number) => new Promise((wake) => setTimeout(wake, milliseconds));

/** Waits until so many agents are there. */
const everyoneIs = async (presence: AgentDocument["status"], count: number) => {
  for (;;) {
    const { data } = await seen.client.query("agents", "find", { capability: "work", presence });
    if (data.items.length === count) return;
    await sleep(50);
  }
};

/** What the log says of presence, by agent. */
const presenceOf = async (): Promise<ReadonlyMap<string, ReadonlyArray<unknown>>> => {
  const story = new Map<string, Array<unknown>>();
  for (const { aggregate, id, events } of await seen.log())
    for (const { type, data } of events)
      if (aggregate === "agent" && type === "presence-changed") story.set(id, [...(story.get(id) ?? []), data.status]);
  return story;
};

describe("a hundred agents", () => {
  const count = 100;

  test("whose server is killed are all back at once, with no presence event and no delivery lost", async () => {
    if (!leaf.nats.controllable) return;
    const heard = new Map<string, Array<string>>();
    await start(count, {
      onTurn: async ({ text }, { client }) => {
        heard.set(client.principal, [...(heard.get(client.principal) ?? []), text]);
      },
    });
    const ids = agents.map(({ id }) => id);
    await seen.client.command("dialog", "all", "open", { type: "broadcast", topic: "roll call", participants: ids });
    await seen.client.command("dialog", "all", "say", { text: "before" });
    await leaf.nats.kill();
    await sleep(2 * heartbeatSeconds * 1000);
    await leaf.nats.start();
    await seen.client.command("dialog", "all", "say", { text: "after" });
    while (ids.some((id) => heard.get(id)?.includes("after") !== true)) await sleep(50);
    // Long enough for silence to become an event.
    await sleep(4 * heartbeatSeconds * 1000);
    await everyoneIs("online", count);
    for (const id of ids) expect([id, heard.get(id)]).toEqual([id, ["before", "after"]]);
    const story = await presenceOf();
    for (const id of ids) expect([id, story.get(id)]).toEqual([id, ["online"]]);
  });

  test("give no presence event when the backend was away for longer than they may be silent", async () => {
    await start(count, {});
    await leaf.restart(5 * heartbeatSeconds * 1000);
    await sleep(5 * heartbeatSeconds * 1000);
    await everyoneIs("online", count);
    const story = await presenceOf();
    for (const { id } of agents) expect([id, story.get(id)]).toEqual([id, ["online"]]);
    const [silent] = agents;
    await silent?.stop();
    await everyoneIs("online", count - 1);
    expect((await presenceOf()).get(silent?.id ?? "")?.slice(0, 2)).toEqual(["online", "away"]);
  });
});

test("every message of an agent that comes twice counts once", async () => {
  const client = await connect({ servers: leaf.nats.url, prefix: leaf.nats.prefix, principal: "agent-0" });
  // Whatever this connection sends is sent twice, requests too: the second answer finds nobody waiting.
  const { nats } = client;
  const publish = nats.publish.bind(nats);
  const request = nats.request.bind(nats);
  nats.publish = (...message) => {
    publish(...message);
    publish(...message);
  };
  nats.request = (subject, payload, options) => {
    const again = options?.headers === undefined ? {} : { headers: options.headers };
    publish(subject, payload, { ...again, reply: "nobody.waits" });
    return request(subject, payload, options);
  };
  await leaf.grant(["agent-0"], "voter");
  await start(1, {
    client,
    onTask: async ({ progress }) => {
      await progress({ percent: 50 });
      return { done: true };
    },
    onTurn: async ({ dialog, deliveryId }) => {
      await client.command("dialog", dialog.id, "say", { text: "yes" }, { commandId: `answer-${deliveryId}` });
    },
    onProposal: async ({ proposal }) => {
      await client.command(
        "proposal",
        proposal.id,
        "vote",
        { choice: "approve" },
        { commandId: `vote-${proposal.id}` },
      );
    },
  });
  const ada = seen.client;
  await ada.command("task", "t1", "submit", { type: "x", requiredCapabilities: ["work"] });
  await ada.command("dialog", "d1", "open", { type: "direct", topic: "x", participants: ["ada", "agent-0"] });
  await ada.command("dialog", "d1", "say", { text: "are you there?" });
  await ada.command("proposal", "p1", "submit", { kind: "x", title: "x", subject: {}, electorate: ["agent-0"] });
  const namesOf = async (aggregate: string, id: string) =>
    (await seen.log())
      .filter((commit) => commit.aggregate === aggregate && commit.id === id)
      .flatMap(({ events }) => events.map(({ type }) => type));
  while (!(await namesOf("proposal", "p1")).includes("proposal-approved")) await sleep(50);
  while (!(await namesOf("task", "t1")).includes("task-completed")) await sleep(50);
  await sleep(500);
  await Promise.all(agents.map((agent) => agent.stop({ deregister: true })));
  agents = [];
  await client.close();
  expect(await namesOf("agent", "agent-0")).toEqual(["agent-registered", "presence-changed", "agent-deregistered"]);
  expect(await namesOf("task", "t1")).toEqual([
    "task-submitted",
    "task-assigned",
    "task-acknowledged",
    "task-started",
    "progress-reported",
    "task-completed",
  ]);
  expect((await namesOf("dialog", "d1")).filter((type) => type === "turn-said")).toHaveLength(2);
  expect((await namesOf("proposal", "p1")).filter((type) => type === "ballot-cast")).toHaveLength(1);
});
