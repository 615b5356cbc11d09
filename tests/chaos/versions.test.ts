import { resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { isObject } from "../../src/agents/kit/json.ts";
import { diagnose } from "../../src/interfaces/cli/condition/doctor.ts";
import { lookAt } from "../../src/interfaces/cli/condition/look.ts";
import { statusLines } from "../../src/interfaces/cli/condition/status.ts";
import { type BackendProcess, startBackendIn } from "../support/backend-process.ts";
import { type Installation, installation } from "../support/installation.ts";

/** Two versions of the backend side by side, as during an upgrade. */
let leaf: Installation;
let older: BackendProcess;
let newer: BackendProcess;

const sleep = (milliseconds: number) => new Promise((wake) => setTimeout(wake, milliseconds));

beforeAll(async () => {
  leaf = await installation();
  older = await leaf.up("--no-agents", "--no-console", "--rate", "0");
  const preload = resolve(import.meta.dirname, "../support/newer-version.ts");
  const env = { ...process.env, NODE_OPTIONS: `--import ${preload}` };
  const { url, prefix } = leaf.nats;
  newer = await startBackendIn(env, "--nats", url, "--prefix", prefix, "--no-agents", "--no-console", "--rate", "0");
});

afterAll(async () => {
  await newer?.kill();
  await leaf?.dispose();
});

let given = 0;
/** Submits a task in one attempt, without the kit's retries, and returns the message of a refusal. */
const refusal = async (): Promise<string | undefined> => {
  const { nats, names } = leaf.client;
  const subject = names.subjects.command("ada", "task", `t-${given++}`, "submit");
  const answer = await nats
    .request(subject, JSON.stringify({ type: "work", requiredCapabilities: ["none"] }), { timeout: 30_000 })
    .then((message) => message.json<unknown>())
    .catch((error: Error) => ({ ok: false, error: { message: error.message } }));
  if (!isObject(answer) || answer.ok === true) return undefined;
  return isObject(answer.error) ? String(answer.error.message) : "no reason";
};

const look = async () => {
  const outside = { otherServers: [], disks: [], certificates: [], console: { url: "", asked: false } };
  return lookAt(leaf.client, outside);
};

test("the older one stands by for what it does not understand, and gets no requests while the newer one is there", async () => {
  while (!older.errors().includes("this backend stands by")) await refusal();
  // It leaves the queue group when it has found the other one. A member would hardly get none of twenty.
  for (let row = 0; row < 20; ) row = (await refusal()) === undefined ? row + 1 : 0;
  // The lease goes on to the newer one.
  let facts = await look();
  while (!facts.workHeld) facts = await look();
  expect(facts.health).toMatchObject({ ready: true });
  const said = diagnose(facts).find(({ check }) => check === "backends");
  expect(said?.findings[0]?.what).toMatch(/takes no commands: the log has events of a newer version/);
  expect(statusLines(facts, undefined, 120).join("\n")).toContain("1 STANDING BY");
});

test("when the newer one is gone, the older one says what to do", async () => {
  await newer.kill();
  let said = await refusal();
  while (said?.includes("update this backend") !== true) {
    await sleep(100);
    said = await refusal();
  }
  expect((await leaf.client.query("audit", "health", {})).data).toMatchObject({ ready: false });
});
