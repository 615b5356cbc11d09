import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startDeployer } from "../../../src/agents/deployer/deployer.ts";
import { steps } from "../../../src/agents/deployer/protocol.ts";
import { isObject } from "../../../src/agents/kit/json.ts";
import type { Agent, Client } from "../../../src/agents/kit/mod.ts";
import { startMonitor } from "../../../src/agents/monitor/monitor.ts";
import { startReviewer } from "../../../src/agents/reviewers/reviewer.ts";
import { parseFault } from "../../../src/infrastructure/simulated/mod.ts";
import { type TestLeaf, testLeaf } from "../../support/leaf.ts";

/** Deployers that go away in the middle of a deployment, with a real backend. */
let leaf: TestLeaf;
let client: Client;
const agents = new Map<string, Agent>();

const startDeployerCalled = async (id: string) => {
  const own = await leaf.connect(id);
  agents.set(id, await startDeployer({ client: own, id, operators: { simulated: leaf.backend.simulated } }));
};

beforeAll(async () => {
  leaf = await testLeaf({ simulatedStepMilliseconds: 40 });
  client = await leaf.connect("ada");
  const operators = { simulated: leaf.backend.simulated };
  // The policy for deployments requires the review of `security`.
  agents.set(
    "security",
    await startReviewer({ client: await leaf.connect("security"), id: "security", topic: "security" }),
  );
  await leaf.grant(["monitor-2"], "monitor");
  for (const id of ["monitor", "monitor-2"])
    agents.set(id, await startMonitor({ client: await leaf.connect(id), id, operators, watchEverySeconds: 0.2 }));
  await startDeployerCalled("deployer-1");
  await startDeployerCalled("deployer-2");
});
afterAll(async () => {
  await Promise.all([...agents.values()].map((agent) => agent.stop()));
  await leaf.dispose();
});

/** Imports the example as another graph, on hosts of its own, and asks for its deployment. */
const request = async (name: string) => {
  const example = await readFile(resolve("examples/five-services.json"), "utf8");
  await client.command(
    "graph",
    name,
    "import",
    JSON.parse(example.replaceAll("leaf-", `${name}-`).replace('"five-services"', `"${name}"`)),
  );
  await client.command("deployment", name, "request", { graph: name, target: "simulated", monitorSeconds: 0 });
};

/** Follows a deployment until `until` says so of one of its events, or it ends; the events so far. */
const follow = async (id: string, until: (event: string, data: object) => boolean) => {
  const events: Array<{ readonly event: string; readonly data: Record<string, unknown> }> = [];
  const abort = new AbortController();
  for await (const { event, data } of client.feed({ from: "start", aggregate: "deployment", id }, abort.signal)) {
    if (!isObject(data)) continue;
    events.push({ event, data });
    const ended = ["deployment-succeeded", "deployment-failed", "deployment-rolled-back", "rollback-incomplete"];
    if (until(event, data) || ended.includes(event)) abort.abort();
  }
  return events;
};
const deployerOf = async (id: string): Promise<string> => {
  const { data } = await client.query("tasks", "get", { id: `${id}=deploy` });
  return isObject(data) ? String(data.agent) : "";
};

/** The steps of a deployment that nobody asked to reboot its hosts. */
const usual = steps.filter((step) => step !== "rebooted");

test.each(usual)("a deployment goes on with another deployer when the first one leaves after %s", async (step) => {
  const name = `leave-${step}`;
  await request(name);
  await follow(name, (event, data) => event === "host-step-recorded" && "step" in data && data.step === step);
  const first = await deployerOf(name);
  await agents.get(first)?.stop({ deregister: true });
  const events = await follow(name, () => false);
  await startDeployerCalled(first);

  expect(events.at(-1)?.event).toBe("deployment-succeeded");
  expect(await deployerOf(name)).not.toBe(first);
  const recorded = events.filter(({ event }) => event === "host-step-recorded").map(({ data }) => data);
  for (const host of [`${name}-1`, `${name}-2`]) {
    const own = recorded.filter((data) => data.host === host);
    expect(own.map((data) => data.step)).toEqual(usual);
    const { closure } = await leaf.backend.simulated.current({ host }, new AbortController().signal);
    expect(own.at(-1)?.closure).toBe(closure);
    expect(own[0]?.previous).not.toBe(closure);
  }
});

test("a deployer that starts again goes on with its own deployment", async () => {
  const name = "restart";
  await request(name);
  await follow(name, (event, data) => event === "host-step-recorded" && "step" in data && data.step === "activated");
  const deployer = await deployerOf(name);
  await agents.get(deployer)?.stop();
  await startDeployerCalled(deployer);
  const events = await follow(name, () => false);
  expect(events.at(-1)?.event).toBe("deployment-succeeded");
  expect(await deployerOf(name)).toBe(deployer);
});

test("another monitor watches on where the one that does leaves", async () => {
  const name = "watched";
  await request(name);
  await follow(name, () => false);
  const host = `${name}-1`;
  const agentOf = async () => {
    const { data } = await client.query("tasks", "get", { id: `${name}=watch-simulated-1` });
    return isObject(data) ? `${data.agent} ${data.status}` : "";
  };
  while (!(await agentOf().catch(() => "")).endsWith("in-progress")) await new Promise((wake) => setTimeout(wake, 50));
  const [first = ""] = (await agentOf()).split(" ");
  await agents.get(first)?.stop({ deregister: true });
  await leaf.backend.simulated.setFaults([parseFault(`drift:${host}`)]);
  const found = new AbortController();
  const seen: Array<string> = [];
  for await (const { event, actor } of client.feed({ from: "start", aggregate: "host", id: host }, found.signal)) {
    seen.push(event);
    if (event === "host-drift-detected") expect(actor).not.toBe(first);
    if (event === "host-drift-resolved") found.abort();
  }
  expect(seen.filter((event) => event === "host-drift-detected")).toHaveLength(1);
});
