import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { Msg } from "@nats-io/transport-node";
import type { Client } from "../../../../src/agents/kit/mod.ts";
import { type Prompts, servePrompts } from "../../../../src/agents/kit/prompts.ts";
import { type TestNats, testNats } from "../../../support/nats.ts";
import { eventually, type ScriptedBackend, scriptedInstallation } from "../scripted-backend.ts";

let nats: TestNats;
let backend: ScriptedBackend;
let client: Client;
let prompts: Prompts;
const logged: Array<string> = [];

beforeAll(async () => {
  nats = await testNats();
});
afterAll(() => nats.dispose());
beforeEach(async () => {
  ({ backend, client } = await scriptedInstallation(nats, "bob"));
  logged.length = 0;
  prompts = servePrompts({
    client,
    id: "bob",
    instance: "i1",
    version: "1.0.0",
    description: "Bob",
    heartbeatSeconds: 10,
    guest: "guest",
    takesTurns: true,
    log: (message) => logged.push(message),
  });
});
afterEach(async () => {
  backend.script = () => undefined;
  await prompts.stop();
  await client.close();
  await backend.close();
});

const ask = (text: string) => {
  const answer: Array<Msg> = [];
  const inbox = `_INBOX.${crypto.randomUUID()}`;
  client.nats.subscribe(inbox, { callback: (_, message) => void answer.push(message) });
  client.nats.publish(`agents.prompt.cim-leaf.${client.names.prefix}.bob`, text, { reply: inbox });
  return answer;
};
const ended = (answer: ReadonlyArray<Msg>) => answer.at(-1)?.data.length === 0;
const errorIn = (answer: ReadonlyArray<Msg>) => answer.at(-2)?.headers?.get("Nats-Service-Error-Code");
const applied = (command: string) => backend.applied.filter((one) => one.command === command);
const turnIn = (dialog: string) => ({
  deliveryId: "d1",
  kind: "said" as const,
  dialog: { id: dialog, type: "direct" as const, topic: "a prompt to bob" },
  turn: 1,
  speaker: "guest",
  text: "hello",
  recipients: ["bob"],
  routedBy: "broadcast" as const,
});
/** The dialog of a prompt that has been said. */
const said = async () => {
  await eventually("the turn", () => applied("say").length === 1);
  return applied("say")[0]?.id ?? "";
};

test.each([
  ["too large for the log", { code: "rejected", message: "too large", details: { reason: "too-large" } }, "400"],
  ["refused otherwise", { code: "rejected", message: "no", details: { reason: "paused" } }, "500"],
])("a prompt that is %s as a turn is an error, and its dialog is closed", async (_, refusal, code) => {
  backend.script = ({ command }) => (command === "say" ? refusal : undefined);
  const answer = ask("hello");
  await eventually("the error", () => ended(answer));
  expect(errorIn(answer)).toBe(code);
  await eventually("the end of the dialog", () => applied("close").length === 1);
  expect(applied("close")[0]?.id).toBe(applied("open")[0]?.id);
});

test("a dialog is closed when the agent stops", async () => {
  const answer = ask("hello");
  const dialog = await said();
  await prompts.stop();
  expect(applied("close").map(({ id }) => id)).toEqual([dialog]);
  await eventually("the error", () => ended(answer));
  expect(errorIn(answer)).toBe("500");
});

test("an agent that stops does not wait for a backend that does not take the turn", async () => {
  backend.script = ({ command }) => (command === "say" ? "silence" : undefined);
  const answer = ask("hello");
  await eventually("the turn", () => backend.received.some(({ command }) => command === "say"));
  await prompts.stop();
  expect(applied("close")).toHaveLength(1);
  await eventually("the error", () => ended(answer));
});

test("a failure is told at once where the dialog cannot be closed, and that is logged", async () => {
  backend.script = ({ command }) => (command === "close" ? "silence" : undefined);
  const answer = ask("hello");
  const dialog = await said();
  await prompts.during(turnIn(dialog), () => Promise.reject(new Error("no idea")));
  await eventually("the error", () => ended(answer));
  // The error came before closing was given up, which is logged.
  expect(logged).toEqual([]);
  await prompts.stop();
  expect(logged).toEqual([expect.stringContaining(`the dialog ${dialog} of a prompt may stay open`)]);
});

test("what is no JSON on the feed is left out, and the reading goes on", async () => {
  backend.answers.set("dialogs.transcript", () => ({ entries: [] }));
  const answer = ask("hello");
  const dialog = await said();
  const subject = `${client.names.prefix}.feed.dialog.turn-said.v1.${dialog}`;
  for (const payload of ["{", "null", JSON.stringify({ turn: 2, speaker: "bob", text: "hi" })])
    client.nats.publish(subject, payload);
  const texts = () =>
    answer.flatMap(({ data }) => (data.length === 0 ? [] : [JSON.parse(Buffer.from(data).toString())]));
  await eventually("what was said", () => texts().length === 2);
  expect(texts()[1]).toEqual({ type: "response", data: "hi" });
  expect(logged).toEqual([`a message on ${subject} is not JSON: left out`]);
  await prompts.during(turnIn(dialog), async () => undefined);
  await eventually("the end", () => ended(answer));
});

test("what the feed has not told comes from the transcript, page by page", async () => {
  const entry = (number: number, turn: number, text: string) => ({
    number,
    event: "turn-said",
    data: { turn, speaker: "bob", text },
  });
  backend.answers.set("dialogs.transcript", ({ from }) =>
    from === 1 ? { entries: [entry(2, 2, "a")], next: 3 } : { entries: [entry(3, 3, "b")] },
  );
  const answer = ask("hello");
  await prompts.during(turnIn(await said()), async () => undefined);
  await eventually("the end", () => ended(answer));
  expect(answer.slice(1, -1).map((message) => message.json())).toEqual([
    { type: "response", data: "a" },
    { type: "response", data: "b" },
  ]);
});

test("a turn whose prompt an earlier process had is taken once, and its dialog closed", async () => {
  const dialog = `prompt-${crypto.randomUUID()}`;
  await prompts.during(turnIn(dialog), () => Promise.reject(new Error("the dialog is closed")));
  expect(logged).toEqual([`dialog ${dialog}, a prompt: the dialog is closed`]);
  await eventually("the end of the dialog", () => applied("close").length === 1);
});

test("a turn of a dialog that only has such a name comes again where its handler throws", async () => {
  const handler = () => Promise.reject(new Error("later"));
  await expect(prompts.during(turnIn("prompt-review"), handler)).rejects.toThrow("later");
  await expect(prompts.during({ ...turnIn(`prompt-${crypto.randomUUID()}`), speaker: "ann" }, handler)).rejects.toThrow(
    "later",
  );
  expect(backend.applied).toEqual([]);
});
