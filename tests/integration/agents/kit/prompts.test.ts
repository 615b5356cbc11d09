import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { connect, createInbox, type Msg, type NatsConnection } from "@nats-io/transport-node";
import { Agent, type Client } from "../../../../src/agents/kit/mod.ts";
import { defined } from "../../../../src/domain/kernel/mod.ts";
import { type TestLeaf, testLeaf } from "../../../support/leaf.ts";
import { eventually } from "../scripted-backend.ts";

/** A caller written from core-protocol.md of the Synadia Agent Protocol for NATS 0.3 alone; § names its sections. */
let leaf: TestLeaf;
let caller: NatsConnection;
let client: Client;
let agent: Agent;
const beats: Array<Msg> = [];

beforeAll(async () => {
  leaf = await testLeaf();
  caller = await connect({ servers: leaf.nats.url });
  caller.subscribe("agents.hb.*.*.*", { callback: (_, message) => void beats.push(message) });
  await caller.flush();
  client = await leaf.connect("bob");
  agent = await Agent.make({
    id: "bob",
    client,
    name: "Bob",
    capabilities: ["talk"],
    heartbeatSeconds: 0.5,
    log: () => undefined,
    onTurn: async ({ dialog, speaker, text }) => {
      if (text === "fail") throw new Error("no idea\nat all");
      const say = (answer: string) => client.command("dialog", dialog.id, "say", { text: answer, to: speaker });
      await say(`You said: `);
      if (text === "slowly") await new Promise((wake) => setTimeout(wake, 300));
      await say(text);
    },
  });
});
afterAll(async () => {
  await agent.stop();
  await caller.close();
  await leaf.dispose();
});

interface Info {
  readonly name: string;
  readonly id: string;
  readonly version: string;
  readonly description: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly endpoints: ReadonlyArray<{
    readonly name: string;
    readonly subject: string;
    readonly queue_group: string;
    readonly metadata: Readonly<Record<string, string>>;
  }>;
}

/** The answers to a request: waits for `count` of them, and a moment longer for one too many. */
const answersTo = async (subject: string, count = 1): Promise<ReadonlyArray<Info>> => {
  const answers: Array<Info> = [];
  const inbox = createInbox();
  const subscription = caller.subscribe(inbox, { callback: (_, answer) => void answers.push(answer.json<Info>()) });
  caller.publish(subject, "", { reply: inbox });
  await eventually(`${count} answers to ${subject}`, () => answers.length >= count);
  await new Promise((wake) => setTimeout(wake, 200));
  subscription.unsubscribe();
  return answers;
};

/** §4.1 */
const discover = async (subject = "$SRV.INFO.agents"): Promise<Info> => {
  const answers = await answersTo(subject);
  expect(answers).toHaveLength(1);
  return answers[0] as Info;
};
const endpointOf = (info: Info, name: string) => {
  const endpoint = info.endpoints.find((one) => one.name === name);
  if (endpoint === undefined) throw new Error(`no endpoint ${name}`);
  return endpoint;
};

/** §5.4: what callers may send at most. */
const maxPayload = async (): Promise<number> =>
  Number(endpointOf(await discover(), "prompt").metadata.max_payload?.replace(/B$/, ""));

const openDialogs = async (): Promise<ReadonlyArray<unknown>> => {
  const { data } = await client.query("dialogs", "list", { filter: { topic: "a prompt to bob", status: "open" } });
  return (data as { readonly items: ReadonlyArray<unknown> }).items;
};

/** §6: everything that comes until the terminator, and nothing after it. */
const prompt = async (payload: string | Uint8Array) => {
  const { subject } = endpointOf(await discover(), "prompt");
  const inbox = createInbox();
  const subscription = caller.subscribe(inbox);
  caller.publish(subject, payload, { reply: inbox });
  const messages: Array<Msg> = [];
  let after = 0;
  const ended = (message: Msg) => message.data.length === 0 && message.headers === undefined;
  for await (const message of subscription) {
    if (messages.some(ended)) after += 1;
    messages.push(message);
    if (ended(message)) setTimeout(() => subscription.unsubscribe(), 200);
  }
  expect(after).toBe(0);
  // An answer that takes long is interspersed with signs of life (§6.3).
  const isSignOfLife = ({ data }: Msg) => Buffer.from(data).toString() === '{"type":"status","data":"working"}';
  return messages.slice(0, -1).flatMap((message) => {
    if (isSignOfLife(message)) return [];
    const code = message.headers?.get("Nats-Service-Error-Code");
    if (!code) return message.json<{ readonly type: string; readonly data: string }>();
    return { code, description: message.headers?.get("Nats-Service-Error"), ...message.json<object>() };
  });
};
const answerTo = (text: string) => [
  { type: "status", data: "ack" },
  { type: "response", data: "You said: " },
  { type: "response", data: text },
];

test("the agent is discovered as the protocol says (§2, §3)", async () => {
  const info = await discover();
  const name = `cim-leaf.${leaf.nats.prefix}.bob`;
  expect(info).toMatchObject({ name: "agents", description: "Bob" });
  expect(info.version).toMatch(/^\d+\.\d+\.\d+/);
  expect(info.metadata).toEqual({
    agent: "cim-leaf",
    owner: leaf.nats.prefix,
    session: "bob",
    protocol_version: "0.3",
  });
  expect(endpointOf(info, "prompt")).toMatchObject({
    subject: `agents.prompt.${name}`,
    queue_group: "agents",
    metadata: { attachments_ok: "false" },
  });
  expect(endpointOf(info, "prompt").metadata.max_payload).toMatch(/^[1-9]\d*(B|KB|MB|GB)$/);
  expect(endpointOf(info, "status")).toMatchObject({ subject: `agents.status.${name}`, queue_group: "agents" });
  expect(await discover(`$SRV.INFO.agents.${info.id}`)).toEqual(info);
  expect(await discover("$SRV.PING.agents")).toMatchObject({ id: info.id, type: "io.nats.micro.v1.ping_response" });
});

test("backend and agents answer discovery together", async () => {
  const names = (await answersTo("$SRV.PING", 2)).map(({ name }) => name);
  expect(names.sort()).toEqual(["agents", "cim"]);
});

test("it beats and tells its status (§8)", async () => {
  const info = await discover();
  const status = (await caller.request(endpointOf(info, "status").subject, "anything")).json();
  const wanted = {
    agent: "cim-leaf",
    owner: leaf.nats.prefix,
    session: "bob",
    instance_id: info.id,
    ts: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/),
    interval_s: 0.5,
  };
  expect(status).toEqual(wanted);
  while (beats.length < 3) await new Promise((wake) => setTimeout(wake, 50));
  expect(beats[0]?.subject).toBe(`agents.hb.cim-leaf.${leaf.nats.prefix}.bob`);
  expect(beats[0]?.json()).toEqual(wanted);
});

describe("a prompt", () => {
  test("becomes a turn of a dialog, and the answer streams back (§5.1, §6)", async () => {
    expect(await prompt("hello")).toEqual(answerTo("hello"));
    const { data } = await client.query("dialogs", "list", { filter: { topic: "a prompt to bob" } });
    expect(data).toMatchObject({ items: [{ status: "closed", participants: ["guest", "bob"] }] });
  });
  test.each([
    ["an envelope", '{"prompt": "hello"}', "hello"],
    [
      "with white space before it and fields nobody knows",
      ' \n\t{"prompt": "hello", "attachments": [], "x": 1}',
      "hello",
    ],
    ["text that only looks like JSON", '["hello"]', '["hello"]'],
  ])("may be %s (§5.3, §5.6)", async (_, payload, text) => {
    expect(await prompt(payload)).toEqual(answerTo(text));
  });
  test("is answered as it goes (§6.2)", async () => {
    expect(await prompt("slowly")).toEqual(answerTo("slowly"));
  });
  test.each([
    ["empty", "", "malformed_request"],
    ["blank", "  ", "malformed_request"],
    ["half an envelope", '{"prompt": ', "malformed_request"],
    ["no prompt", '{"text": "hello"}', "malformed_request"],
    ["a prompt that is no text", '{"prompt": 1}', "malformed_request"],
    ["an empty prompt", '{"prompt": ""}', "malformed_request"],
    ["no UTF-8", new Uint8Array([0x68, 0xff]), "malformed_request"],
    ["attachments", '{"prompt": "x", "attachments": [{"filename": "a", "content": ""}]}', "attachments_not_ok"],
  ])("that is %s is refused with 400 (§9)", async (_, payload, error) => {
    expect(await prompt(payload)).toEqual([
      { code: "400", description: expect.stringMatching(/./), error, message: expect.any(String) },
    ]);
  });
  test("that the agent fails at ends in an error (§9.3)", async () => {
    expect(await prompt("fail")).toEqual([
      { type: "status", data: "ack" },
      { code: "500", description: "no idea at all", error: "internal_error", message: "no idea\nat all" },
    ]);
    await eventually("that its dialog is closed", async () => (await openDialogs()).length === 0);
  });
  test("as large as announced is answered, also where it is full of quotes and line ends (§5.4)", async () => {
    const text = "x".padEnd(await maxPayload(), '"\n');
    const answer = await prompt(text);
    // Megabytes that differ are not printed: what is not the text itself is.
    const short = (message: object) => JSON.stringify(message).slice(0, 300);
    expect(answer.map(short)).toEqual(answerTo(text).map(short));
    expect(JSON.stringify(answer) === JSON.stringify(answerTo(text))).toBe(true);
  });
  test("larger than announced is refused with 400 and the limit (§5.4, §9.2)", async () => {
    const most = await maxPayload();
    expect(await prompt("x".repeat(most + 1))).toEqual([
      {
        code: "400",
        description: expect.stringContaining(`at most ${most} bytes`),
        error: "prompt_too_large",
        message: expect.stringContaining(`the request has ${most + 1} bytes`),
      },
    ]);
  });
  test("within the limit that is too large as a turn is refused with 400, and its dialog closed", async () => {
    const text = "x".padEnd(await maxPayload(), "\u0001");
    expect(await prompt(text)).toMatchObject([
      { type: "status", data: "ack" },
      { code: "400", error: "prompt_too_large" },
    ]);
    await eventually("that its dialog is closed", async () => (await openDialogs()).length === 0);
  });
  test("however large leaves dialogs that can be listed", async () => {
    const seen: Array<unknown> = [];
    for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
      const page = (await client.query("dialogs", "list", defined({ cursor }))).data;
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.cursor;
    }
    const { data } = await client.query("audit", "list", { filter: { aggregate: "dialog" }, limit: 1000 });
    expect(seen).toEqual(data.items.map((one) => one.aggregateId));
  });
  test("many at once are each answered in order", async () => {
    const texts = Array.from({ length: 20 }, (_, number) => `number ${number}`);
    expect(await Promise.all(texts.map(prompt))).toEqual(texts.map(answerTo));
  });
});
