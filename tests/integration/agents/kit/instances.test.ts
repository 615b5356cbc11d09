import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Agent, type Client } from "../../../../src/agents/kit/mod.ts";
import { startReferenceAgents } from "../../../../src/agents/reference.ts";
import { type TestLeaf, testLeaf } from "../../../support/leaf.ts";

let leaf: TestLeaf;
let ada: Client;
beforeAll(async () => {
  leaf = await testLeaf({ heartbeatSeconds: 1 });
  ada = await leaf.connect("ada");
});
afterAll(() => leaf.dispose());

const start = async (id: string, logged: Array<string> = []) =>
  Agent.make({
    id,
    connection: { servers: leaf.nats.url, prefix: leaf.nats.prefix },
    capabilities: ["dig"],
    heartbeatSeconds: 1,
    log: (message) => logged.push(message),
    onTask: async ({ signal }) => {
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      return undefined;
    },
  });
const documentOf = async (id: string, minPosition = 0) =>
  (await ada.query("agents", "get", { id }, { minPosition })).data;

test("a second process under an agent's id takes over; the first is told, stops, and does not sign the other off", async () => {
  const logged: Array<string> = [];
  const first = await start("twin", logged);
  await ada.command("task", "t1", "submit", { type: "dig", requiredCapabilities: ["dig"] });
  for await (const { event } of ada.feed({ from: "start", id: "t1" }, AbortSignal.timeout(150_000)))
    if (event === "task-started") break;
  const second = await start("twin");
  expect(await first.ended).toBe("replaced");
  expect(logged).toEqual([expect.stringContaining("another process has registered under this id")]);
  expect(first.client.nats.isClosed()).toBe(true);
  await first.stop({ deregister: true });
  expect(await documentOf("twin")).toMatchObject({ registered: true, status: "online", activeTasks: ["t1"] });
  await second.stop({ deregister: true });
  expect(await second.ended).toBe("stopped");
  expect(await documentOf("twin")).toMatchObject({ registered: false, status: "offline" });
});

test("one that was cut off while it was replaced learns of it when it is back", async () => {
  if (!leaf.nats.controllable) return;
  const first = await start("cut-off");
  // The other registers while this one hears nothing.
  await first.client.nats.reconnect();
  const other = await leaf.connect("cut-off");
  await other.command("agent", "cut-off", "register", { capabilities: ["dig"], instance: "another" });
  expect(await first.ended).toBe("replaced");
});

test("one that somebody signs off stops, also where it hears of it only when it is back", async () => {
  const logged: Array<string> = [];
  const first = await start("sent-away", logged);
  const admin = await leaf.connect("admin");
  await admin.command("agent", "sent-away", "deregister", { reason: "it is not needed" });
  expect(await first.ended).toBe("deregistered");
  expect(logged).toContain("this agent was signed off: it stops");
  if (!leaf.nats.controllable) return;
  await admin.command("principal", "sent-away", "admit", {});
  const second = await start("sent-away");
  await second.client.nats.reconnect();
  await admin.command("agent", "sent-away", "deregister", { reason: "it is not needed" });
  expect(await second.ended).toBe("deregistered");
});

test("what a person or an agent without instance says of an agent does not replace it", async () => {
  const agent = await start("calm");
  const person = await leaf.connect("calm");
  const { position } = await person.command("agent", "calm", "register", { capabilities: ["rest"] });
  await documentOf("calm", position);
  await new Promise((wake) => setTimeout(wake, 300));
  expect(agent.client.nats.isClosed()).toBe(false);
  await agent.stop();
});

test("the reference agents of a second backend replace those of the first, which stand by and come back", async () => {
  const options = {
    servers: leaf.nats.url,
    prefix: leaf.nats.prefix,
    operators: { simulated: leaf.backend.simulated },
    heartbeatSeconds: 1,
  };
  const instanceNow = async () =>
    (await documentOf("monitor")) as { readonly instance: string; readonly status: string };
  const first = await startReferenceAgents(options);
  const { instance: ofFirst } = await instanceNow();
  const second = await startReferenceAgents(options);
  const { instance: ofSecond } = await instanceNow();
  expect(ofSecond).not.toBe(ofFirst);
  await second.stop();
  for (;;) {
    const { instance, status } = await instanceNow();
    if (instance !== ofSecond && status === "online") break;
    await new Promise((wake) => setTimeout(wake, 100));
  }
  await first.stop();
});
