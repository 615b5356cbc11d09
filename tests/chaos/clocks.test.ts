import { resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type BackendProcess, launchBackend, type StartingBackend } from "../support/backend-process.ts";
import { type Installation, installation } from "../support/installation.ts";

let leaf: Installation;
const backends: Array<BackendProcess> = [];

beforeEach(async () => {
  leaf = await installation();
});

afterEach(async () => {
  await Promise.all(backends.splice(0).map((backend) => backend.kill()));
  await leaf.dispose();
});

const preload = resolve(import.meta.dirname, "../support/clock-off.mjs");

/** Starts a backend whose clock is so many milliseconds ahead of that of the nats-server. */
const launchAhead = (milliseconds: number): StartingBackend => {
  const env = { ...process.env, NODE_OPTIONS: `--import ${preload}`, CIM_TEST_CLOCK_OFF: String(milliseconds) };
  const { url, prefix } = leaf.nats;
  const starting = launchBackend(env, "--nats", url, "--prefix", prefix, "--no-agents", "--no-console");
  starting.ready.then(
    (backend) => backends.push(backend),
    () => {},
  );
  return starting;
};

const sleep = (milliseconds: number) => new Promise((wake) => setTimeout(wake, milliseconds));

const vote = { kind: "test", title: "It ends", subject: { matter: 1 }, electorate: ["ada", "bob"], votingSeconds: 2 };

test.each([8_000, -8_000])("a backend whose clock is %d ms off keeps the time of the log", async (off) => {
  await launchAhead(off).ready;
  await leaf.grant(["ada", "bob"], "voter");
  const { client } = leaf;
  await client.command("proposal", "p", "submit", vote);
  while ((await client.query("proposals", "get", { id: "p" })).data.status === "active") await sleep(100);
  const manager = await client.jetstream.jetstreamManager();
  const stream = client.names.streams.events;
  const { last_seq: last } = (await manager.streams.info(stream)).state;
  for (let seq = 1; seq <= last; seq += 1) {
    const message = await manager.streams.getMessage(stream, { seq });
    const { time, events } =
      message?.json<{ time: string; events: ReadonlyArray<{ type: string; data: { deadline?: string } }> }>() ?? {};
    // A commit is dated before the log takes it, by the clock of the log.
    expect(Date.parse(time ?? "")).toBeLessThan(Date.parse(message?.timestamp ?? "") + 1_000);
    const opened = events?.find(({ type }) => type === "voting-opened");
    if (opened === undefined) continue;
    const ends = Date.parse(opened.data.deadline ?? "") - Date.parse(time ?? "");
    expect(ends).toBe(2_000);
  }
});

test("a backend whose clock is an hour off stands by and says so; another one does the work", async () => {
  const wrong = await launchAhead(3_600_000).ready;
  const { client } = leaf;
  const command = client.command("graph", "g", "import", { id: "g", nodes: [], edges: [] }, { timeoutMs: 3_000 });
  await expect(command).rejects.toThrow("the clock of this machine is 3600.0 s ahead of that of the nats-server");
  const { data } = await client.query("audit", "health", {});
  expect(data).toMatchObject({ ready: false, reason: expect.stringContaining("set both clocks") });
  await launchAhead(0).ready;
  await leaf.grant(["ada", "bob"], "voter");
  await client.command("proposal", "p", "submit", vote);
  while ((await client.query("proposals", "get", { id: "p" })).data.status === "active") await sleep(100);
  expect(wrong.errors()).toContain("this backend stands by");
});
