import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import {
  Agent,
  type AgentOptions,
  type Client,
  CommandRefused,
  type Commands,
  type DialogNews,
  type HandOff,
  type Json,
  type Turn,
} from "../../../src/agents/kit/mod.ts";
import { type TestLeaf, testLeaf } from "../../support/leaf.ts";
import { eventually } from "./scripted-backend.ts";

let leaf: TestLeaf;
let ann: Client;
const agents: Array<Agent> = [];

beforeAll(async () => {
  leaf = await testLeaf();
  ann = await leaf.connect("ann");
  await ann.command("agent", "ann", "register", { capabilities: [], metadata: { kind: "person" } });
});
afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.stop()));
  await leaf.dispose();
});

/** An agent that keeps what it hears. */
const listener = async (id: string, options: Partial<AgentOptions> = {}) => {
  const heard: Array<Turn> = [];
  const client = await leaf.connect(id);
  const agent = await Agent.make({
    client,
    id,
    capabilities: [],
    onTurn: async (turn) => void heard.push(turn),
    log: () => {},
    ...options,
  });
  agents.push(agent);
  return { heard, client, agent };
};

const untilAborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

const open = (id: string, payload: object) =>
  ann.command("dialog", id, "open", { type: "group", topic: "web", participants: [], ...payload });
const say = (id: string, text: string, more: object = {}) => ann.command("dialog", id, "say", { text, ...more });
const transcript = async (id: string, minPosition = 0) => {
  const { data } = await ann.query("dialogs", "transcript", { id }, { minPosition });
  return data as {
    readonly entries: ReadonlyArray<{ readonly event: string; readonly data: { [key: string]: Json } }>;
  };
};
const reasonOf = (refused: Promise<unknown>) =>
  refused.then(
    () => undefined,
    (error) => (error instanceof CommandRefused ? error.reason : String(error)),
  );

describe("a recipient that was away", () => {
  test("gets its turns on return, in order, each once, though it was killed in the middle of one", async () => {
    const before = await listener("bob-1", { onTurn: (_, { signal }) => untilAborted(signal) });
    await open("away", { participants: ["bob-1"] });
    await say("away", "first");
    // Killed: it neither says farewell nor acknowledges.
    await before.client.nats.close();
    const ids = ["second", "third", "fourth"];
    for (const text of ids) await say("away", text);
    const { heard } = await listener("bob-1");
    await eventually("all turns", () => heard.length >= 4);
    expect(heard.map(({ text, turn }) => [turn, text])).toEqual(
      [...["first", ...ids].entries()].map(([n, text]) => [n + 1, text]),
    );
  });

  test("also where it had signed off: those it had not read, and those said meanwhile", async () => {
    const before = await listener("bob-3", { onTurn: (_, { signal }) => untilAborted(signal) });
    await open("signed-off", { participants: ["bob-3"] });
    await say("signed-off", "unread");
    await before.agent.stop({ deregister: true });
    await say("signed-off", "meanwhile");
    const { heard } = await listener("bob-3");
    await say("signed-off", "afterwards");
    await eventually("all turns", () => heard.length >= 3);
    expect(heard.map(({ text }) => text)).toEqual(["unread", "meanwhile", "afterwards"]);
  });

  test("and a command that comes twice says a turn once", async () => {
    const { heard } = await listener("bob-2");
    await open("twice", { participants: ["bob-2"] });
    const commandId = "the-same";
    const first = await ann.command("dialog", "twice", "say", { text: "hello" }, { commandId });
    const second = await ann.command("dialog", "twice", "say", { text: "hello" }, { commandId });
    expect([first.duplicate, second.duplicate]).toEqual([false, true]);
    await say("twice", "end");
    await eventually("the end", () => heard.at(-1)?.text === "end");
    expect(heard.map(({ text }) => text)).toEqual(["hello", "end"]);
  });
});

describe("a hand-off", () => {
  test("whose receiver is killed in the middle is answered when it is back, with its context", async () => {
    const reached: Array<HandOff> = [];
    const before = await listener("carol", {
      onHandOff: (handOff, { signal }) => {
        reached.push(handOff);
        return untilAborted(signal);
      },
    });
    await open("handed", { participants: ["carol"] });
    await ann.command("dialog", "handed", "hand-off", { to: "carol", reason: "billing", context: { ticket: 7 } });
    await eventually("the offer", () => reached.length === 1);
    await before.client.nats.close();
    await listener("carol", {
      onHandOff: async (handOff) => {
        reached.push(handOff);
        return "accept";
      },
    });
    await eventually(
      "the answer",
      async () => (await transcript("handed")).entries.at(-1)?.event === "hand-off-accepted",
    );
    expect(reached.at(-1)).toMatchObject({ handOff: 1, from: "ann", reason: "billing", context: { ticket: 7 } });
    expect((await ann.query("dialogs", "get", { id: "handed" })).data).toMatchObject({ speaker: "carol" });
  });

  test("is declined by an agent that takes none", async () => {
    await listener("dave");
    await open("declined", { participants: ["dave"] });
    await ann.command("dialog", "declined", "hand-off", { to: "dave" });
    await eventually("the answer", async () => (await transcript("declined")).entries.length === 3);
    expect((await transcript("declined")).entries.at(-1)).toMatchObject({
      event: "hand-off-declined",
      data: { to: "dave", reason: "this agent takes no hand-offs" },
    });
  });

  test("ends, and the word returns, when an agent signs off that has the one or was offered the other", async () => {
    const { agent } = await listener("dora", {
      onHandOff: ({ dialog }, { signal }) => (dialog.id === "word" ? Promise.resolve("accept") : untilAborted(signal)),
    });
    const news: Array<DialogNews> = [];
    const { client } = await listener("dirk", { onDialogNews: async (one) => void news.push(one) });
    for (const id of ["word", "offer"]) {
      await client.command("dialog", id, "open", { type: "group", topic: "web", participants: ["dora"] });
      await client.command("dialog", id, "hand-off", { to: "dora" });
    }
    const lastOf = async (id: string) => (await transcript(id)).entries.at(-1);
    await eventually("the word", async () => (await lastOf("word"))?.event === "hand-off-accepted");
    await agent.stop({ deregister: true });
    await eventually("the news", () => news.length === 2);
    expect(news.at(-1)).toMatchObject({ kind: "hand-off-declined", to: "dora", reason: "signed-off" });
    await eventually("the word's return", async () => (await lastOf("word"))?.event === "word-returned");
    await client.command("dialog", "word", "hand-off", { to: "dora" });
  });
});

describe("routing", () => {
  test("by priority goes to the next on silence, and an agent that takes a turn ends that", async () => {
    // Registered, and never there.
    await (await leaf.connect("silent")).command("agent", "silent", "register", { capabilities: [] });
    const { heard } = await listener("erin");
    await open("priority", {
      routing: "priority",
      answerWithinSeconds: 1,
      participants: [{ id: "silent", priority: 9 }, "erin"],
    });
    await say("priority", "anyone?");
    await eventually("the acknowledgement", async () =>
      (await transcript("priority")).entries.some(({ event }) => event === "turn-acknowledged"),
    );
    expect(heard).toMatchObject([{ text: "anyone?", recipients: ["silent", "erin"], routedBy: "priority" }]);
    expect((await transcript("priority")).entries.slice(2)).toMatchObject([
      { event: "turn-passed-on", data: { from: "silent", to: "erin", because: "silence" } },
      { event: "turn-acknowledged", data: { participant: "erin" } },
    ]);
  });

  test("by capability, and to everyone of a topic, asks the registry", async () => {
    const sql = await listener("fay", { capabilities: ["sql"] });
    const web = await listener("gil", { capabilities: ["databases"] });
    await open("able", { routing: "capability", participants: ["fay", "gil"] });
    await say("able", "who knows SQL?", { capability: "sql" });
    await open("about", { type: "topic", topic: "databases" });
    await say("about", "news");
    await eventually("both turns", () => sql.heard.length === 1 && web.heard.length === 1);
    expect(sql.heard).toMatchObject([{ text: "who knows SQL?", routedBy: "capability" }]);
    expect(web.heard).toMatchObject([{ text: "news", dialog: { type: "topic", topic: "databases" } }]);
    expect(await reasonOf(say("able", "who can fly?", { capability: "fly" }))).toBe("nobody-can");
  });

  test("to the parties of a task", async () => {
    await ann.command("task", "job-1", "submit", { type: "dig", requiredCapabilities: ["dig"] });
    const { client, heard } = await listener("hal");
    const about = { type: "task" as const, topic: "digging", participants: [] };
    await client.command("dialog", "job", "open", { ...about, task: "job-1" });
    await client.command("dialog", "job", "say", { text: "how deep?" });
    await say("job", "deeper");
    await eventually("the turn", () => heard.length === 1);
    expect(await reasonOf(open("job-none", { ...about, task: "job-2" }))).toBe("task-not-found");
  });
});

test("a context reaches each participant by scope and by its lists, also from another dialog", async () => {
  const { heard } = await listener("ida");
  const ofIda = { id: "ida", deny: ["secret*"] };
  await open("context", { topic: "shop", participants: [ofIda] });
  await open("context-2", { topic: "shop" });
  await (await leaf.connect("admin")).command("principal", "ann", "grant", { roles: ["admin"] });
  const set = (id: string, payload: Commands["dialog"]["set-context"]) =>
    ann.command("dialog", id, "set-context", payload);
  await set("context-2", { scope: "topic", values: { place: "shop", near: "topic" } });
  await set("context-2", { scope: "global", values: { everywhere: true } });
  await set("context", { values: { near: "dialog", "secret-key": 1 } });
  await set("context", { scope: "participant", participant: "ida", values: { role: "cook" } });
  await say("context", "hello", { context: { turn: 1 } });
  await eventually("the turn", () => heard.length === 1);
  expect(heard[0]?.context).toEqual({ place: "shop", near: "dialog", everywhere: true, role: "cook", turn: 1 });
  expect(heard[0]?.setBy).toEqual({ ann: ["everywhere", "place", "near", "role", "turn"] });
  const conflict = { scope: "topic", merge: "reject-on-conflict", values: { place: "elsewhere" } } as const;
  expect(await reasonOf(set("context", conflict))).toBe("context-conflict");
});

describe("agents that answer each other without end", () => {
  test("are noticed, then paused by the system; an operator who takes no part lets them go on", async () => {
    const answering = (id: string) =>
      listener(id, {
        onTurn: async ({ dialog, text }, { client }) => {
          await client.command("dialog", dialog.id, "say", { text: `more of ${text.slice(-20)}` });
        },
      });
    await Promise.all([answering("echo-a"), answering("echo-b")]);
    await open("loop", { participants: ["echo-a", "echo-b"], maxHops: 3 });
    await say("loop", "begin", { to: "echo-a" });
    const statusOf = async () => (await ann.query("dialogs", "get", { id: "loop" })).data;
    await eventually("the pause", async () => (await statusOf()).status === "paused");
    expect(await statusOf()).toMatchObject({ pausedFor: "loop" });
    const { entries } = await transcript("loop");
    expect(entries.find(({ event }) => event === "loop-noticed")?.data).toMatchObject({ hops: 3, pausesAt: 6 });
    expect(entries.at(-1)?.data).toMatchObject({ by: "cim", pausedFor: "loop" });
    expect(await reasonOf(say("loop", "go on"))).toBe("paused");
    const olga = await leaf.connect("olga");
    await olga.command("dialog", "loop", "resume", {});
    await ann.command("dialog", "loop", "close", {});
  });
});
