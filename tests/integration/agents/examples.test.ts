import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { isObject, type JsonObject } from "../../../src/agents/kit/json.ts";
import type { Client, Commands } from "../../../src/agents/kit/mod.ts";
import { type TestLeaf, testLeaf } from "../../support/leaf.ts";

/** The client of old: installed for the tests under another name, or in the folder that this variable names. */
const oldClient = process.env.CIM_TEST_NATS_2 ?? resolve("node_modules/nats-2");

let leaf: TestLeaf;
let ada: Client;
let folder: string;
const children: Array<ChildProcess> = [];
beforeAll(async () => {
  leaf = await testLeaf();
  ada = await leaf.connect("ada");
  folder = await mkdtemp(join(tmpdir(), "cim-plain-"));
});
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await leaf.dispose();
  await rm(folder, { recursive: true, force: true });
});

const start = (program: string, ...flags: ReadonlyArray<string>) => {
  const child = spawn(process.execPath, [...flags, program], {
    env: { ...process.env, CIM_NATS: leaf.nats.url, CIM_PREFIX: leaf.nats.prefix },
    stdio: ["ignore", "ignore", "inherit"],
  });
  children.push(child);
  return { child, ended: once(child, "exit") };
};

/** Waits until a document of a view is as wanted. */
const until = async (view: string, id: string, wanted: (document: JsonObject) => boolean): Promise<JsonObject> => {
  for await (const { document } of ada.watch(view, { id }, AbortSignal.timeout(150_000)))
    if (isObject(document) && wanted(document)) return document;
  throw new Error(`${view} ${id} did not become what the test waits for`);
};

/** What an agent says to a turn, and its result of a task. */
const answersOf = async (agent: string, task: Commands["task"]["submit"], text: string) => {
  await until("agents", agent, ({ status }) => status === "online");
  await ada.command("task", `for-${agent}`, "submit", task);
  const { result } = await until("tasks", `for-${agent}`, ({ status }) => status === "completed");
  await ada.command("dialog", `with-${agent}`, "open", { type: "direct", topic: "t", participants: ["ada", agent] });
  await ada.command("dialog", `with-${agent}`, "say", { text });
  const { turns } = await until("dialogs", `with-${agent}`, ({ turnCount }) => turnCount === 2);
  await leaf.grant([agent], "voter");
  await ada.command("proposal", `p-${agent}`, "submit", { kind: "test", title: "?", subject: {}, electorate: [agent] });
  await until("proposals", `p-${agent}`, ({ ballots }) => Array.isArray(ballots) && ballots.length === 1);
  return { result, said: Array.isArray(turns) ? turns.at(-1) : undefined };
};

test("the agent in TypeScript does a task, answers a turn, votes and says goodbye", async () => {
  const { child, ended } = start(resolve("examples/agents/greeter.ts"), "--conditions=cim-source");
  const task = { type: "greet", requiredCapabilities: ["greet"], payload: { name: "Ada" } };
  expect(await answersOf("greeter", task, "hi")).toMatchObject({
    result: { greeting: "Hello, Ada!" },
    said: { speaker: "greeter", text: "Hello, ada!" },
  });
  child.kill("SIGINT");
  expect(await ended).toEqual([0, null]);
  expect(await until("agents", "greeter", ({ registered }) => registered === false)).toMatchObject({
    status: "offline",
  });
});

(existsSync(oldClient) ? test : test.skip)(
  "the agent in plain JavaScript does the same with the client of old; a second process replaces it",
  async () => {
    await cp(resolve("examples/agents/plain"), folder, { recursive: true });
    await mkdir(join(folder, "node_modules"), { recursive: true });
    await symlink(oldClient, join(folder, "node_modules/nats"));
    const first = start(join(folder, "counter.js"));
    const task = { type: "count", requiredCapabilities: ["count-words"], payload: { text: "one two three" } };
    expect(await answersOf("counter", task, "how many words")).toMatchObject({
      result: { words: 3 },
      said: { speaker: "counter", text: "3 words" },
    });
    await ada.command("dialog", "offered", "open", { type: "group", topic: "counting", participants: ["counter"] });
    await ada.command("dialog", "offered", "hand-off", { to: "counter" });
    for await (const { event } of ada.feed({ from: "start", id: "offered" }, AbortSignal.timeout(150_000)))
      if (event === "hand-off-declined") break;
    const second = start(join(folder, "counter.js"));
    expect(await first.ended).toEqual([1, null]);
    second.child.kill("SIGINT");
    expect(await second.ended).toEqual([0, null]);
    expect(await until("agents", "counter", ({ registered }) => registered === false)).toMatchObject({
      status: "offline",
    });
  },
);
