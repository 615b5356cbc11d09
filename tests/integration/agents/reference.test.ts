import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { connect as dial, type NatsConnection } from "@nats-io/transport-node";
import { type ReferenceAgents, startReferenceAgents } from "../../../src/agents/reference.ts";
import { flakeText } from "../../../src/domain/nix/mod.ts";
import { digests } from "../../../src/infrastructure/digests.ts";
import { parseFault, SimulatedHosts } from "../../../src/infrastructure/simulated/mod.ts";
import { type TestNats, testNats } from "../../support/nats.ts";
import { eventually, type ReceivedCommand, type ScriptedBackend, scriptedBackend } from "./scripted-backend.ts";

const reviewers = ["architecture", "security", "capacity", "continuity"];

let nats: TestNats;
let nc: NatsConnection;
let backend: ScriptedBackend;
let simulated: SimulatedHosts;
let agents: ReferenceAgents;
let prefixes = 0;
/** What `deployments.get` shows of the hosts: the reports that were accepted. */
let hosts: Map<string, Record<string, unknown>>;

beforeAll(async () => {
  nats = await testNats();
  nc = await dial({ servers: nats.url });
});
afterAll(async () => {
  await nc.close();
  await nats.dispose();
});
beforeEach(async () => {
  prefixes += 1;
  const prefix = `${nats.prefix}r${prefixes}`;
  backend = await scriptedBackend(nats.url, prefix);
  simulated = await SimulatedHosts.open(nc, prefix, { stepMilliseconds: 1 });
  const graph = JSON.parse(await readFile(resolve("examples/five-services.json"), "utf8"));
  hosts = new Map();
  backend.answers.set("graphs.get", () => ({ ...graph, version: 1, position: 1, archived: false, problems: [] }));
  backend.answers.set("graphs.flake", () => ({ digest: flakeDigest, files }));
  backend.answers.set("tasks.get", ({ id }) => ({ id }));
  backend.answers.set("deployments.get", ({ id }) => ({
    id,
    graph: "five-services",
    graphVersion: 1,
    hosts: [...hosts.values()],
  }));
  agents = await startReferenceAgents({ servers: nats.url, prefix, operators: { simulated }, reachWithinSeconds: 0.5 });
});
afterEach(async () => {
  await agents.stop();
  await backend.close();
});

const files = { "hosts/leaf-1.nix": "1" };
const flakeDigest = digests.sha256(flakeText({ files }));

const applied = (command: string): ReadonlyArray<ReceivedCommand> =>
  backend.applied.filter((received) => received.command === command);
const leaf = { host: "leaf-1", address: "10.0.0.11", system: "x86_64-linux" };
const check = { node: "web-api", kind: "tcp", port: 1, intervalSeconds: 0.01, timeoutSeconds: 1, retries: 0 };
const rules = {
  protocol: "simple-majority",
  quorum: "1/2",
  deadline: "2026-01-01T00:00:00.000Z",
  weight: 1,
};
const assign = (agent: string, type: string, payload: object) =>
  backend.deliver(agent, "task", {
    deliveryId: `${type}-1`,
    kind: "assigned",
    task: {
      id: `d-${type}`,
      type,
      payload,
      priority: "high",
      attempt: 1,
      acknowledgeBy: "2026-01-01T00:00:00.000Z",
      requiredCapabilities: [],
    },
  });
const ended = async (task: string) => {
  const of = () => backend.applied.find(({ id, command }) => id === task && ["complete", "fail"].includes(command));
  await eventually(`the end of ${task}`, () => of() !== undefined);
  const { command, payload: { attempt: _attempt, instance: _instance, ...payload } = {} } = of() ?? {};
  return { command, payload };
};
const deployTask = (target = "simulated") => ({
  deployment: "d",
  target,
  graph: "five-services",
  graphVersion: 1,
  flakeDigest,
  waves: [[{ ...leaf, checks: [check] }]],
});

test("all of them register with what they can do", () => {
  const registered = Object.fromEntries(applied("register").map(({ id, payload }) => [id, payload.capabilities]));
  expect(registered).toEqual({
    ...Object.fromEntries(reviewers.map((topic) => [topic, ["review", topic]])),
    "deployer-1": ["deploy"],
    "deployer-2": ["deploy"],
    monitor: ["monitor"],
  });
  expect([...agents.ids].sort()).toEqual(Object.keys(registered).sort());
});

describe("reviewers", () => {
  test("answer a request for a review in its dialog", async () => {
    const request = { kind: "review-request", deployment: "d", graph: "five-services", graphVersion: 1 };
    for (const topic of reviewers)
      await backend.deliver(topic, "turn", {
        deliveryId: `t-${topic}`,
        kind: "said",
        dialog: { id: "d", type: "group", topic: "x" },
        turn: 1,
        speaker: "system",
        text: "please review",
        recipients: [topic],
        routedBy: "broadcast",
        data: { ...request, graphDigest: "x", flakeDigest: "y" },
      });
    await eventually("the reviews", () => applied("say").length === reviewers.length);
    for (const { principal, id, payload } of applied("say")) {
      expect(id).toBe("d");
      expect(payload).toMatchObject({ data: { kind: "review", deployment: "d" } });
      expect(String(payload.text)).toContain(`${principal}: `);
    }
  });

  test("ignore turns that are no request, and abstain, with a reason, where they have no rule", async () => {
    const turn = {
      kind: "said",
      dialog: { id: "d", type: "group", topic: "x" },
      turn: 1,
      speaker: "ann",
      text: "hello",
      recipients: ["security"],
      routedBy: "broadcast",
    };
    await backend.deliver("security", "turn", { deliveryId: "t", ...turn });
    const proposal = { title: "t", subject: {}, ...rules };
    const opened = { kind: "voting-opened" };
    await backend.deliver("security", "proposal", {
      deliveryId: "1",
      ...opened,
      proposal: { ...proposal, id: "p", kind: "lunch" },
    });
    await backend.deliver("security", "proposal", {
      deliveryId: "2",
      ...opened,
      proposal: { ...proposal, id: "d", kind: "deployment" },
    });
    await eventually("the votes", () => applied("vote").length === 2);
    expect(applied("say")).toEqual([]);
    expect(applied("vote").map(({ id }) => id)).toEqual(["p", "d"]);
    expect(applied("vote")[0]?.payload).toMatchObject({
      choice: "abstain",
      reason: expect.stringContaining("`lunch`"),
    });
  });

  test("vote by what they find, without having reviewed before", async () => {
    const proposal = { id: "d", kind: "deployment", title: "t", subject: {}, ...rules };
    for (const topic of reviewers)
      await backend.deliver(topic, "proposal", { deliveryId: `v-${topic}`, kind: "voting-opened", proposal });
    await eventually("the votes", () => applied("vote").length === reviewers.length);
    const votes = Object.fromEntries(applied("vote").map(({ principal, payload }) => [principal, payload]));
    expect(votes.architecture).toMatchObject({
      choice: "approve",
      conditions: [{ changes: [{ type: "connect", edge: { from: "web-api", to: "bus", type: "connects-to" } }] }],
    });
    expect(votes.capacity).toEqual({ choice: "approve" });
    expect(votes.continuity).toEqual({ choice: "approve" });
    expect(votes.security).toMatchObject({
      choice: "approve",
      conditions: [
        {
          changes: [
            { type: "disconnect", id: "worker/connects-to/postgres" },
            { type: "connect", edge: { from: "worker", to: "postgres", type: "connects-to", encrypted: true } },
          ],
        },
      ],
    });
  });
});

describe("the deployer", () => {
  test("takes simulated hosts through every step", async () => {
    await assign("deployer-1", "deploy", deployTask());
    expect(await ended("d-deploy")).toEqual({ command: "complete", payload: {} });
    const steps = applied("report-progress").map(({ payload }) => payload.data);
    expect(steps.map((data) => (data as { step: string }).step)).toEqual([
      "recorded",
      "built",
      "copied",
      "activated",
      "healthy",
      "confirmed",
    ]);
    const { signal } = new AbortController();
    expect(await simulated.current(leaf, signal)).toEqual({ closure: (steps.at(-1) as { closure: string }).closure });
  });

  test("fails where a node is not well, and puts the host back to exactly what it ran", async () => {
    const { signal } = new AbortController();
    const { closure: previous } = await simulated.current(leaf, signal);
    await simulated.setFaults([parseFault("web-api@leaf-1")]);
    await assign("deployer-1", "deploy", deployTask());
    expect(await ended("d-deploy")).toMatchObject({
      command: "fail",
      payload: { reason: "unhealthy", data: { host: "leaf-1", step: "healthy", node: "web-api" } },
    });
    expect((await simulated.current(leaf, signal)).closure).not.toBe(previous);
    await assign("deployer-2", "roll-back", {
      deployment: "d",
      target: "simulated",
      hosts: [{ host: leaf.host, address: leaf.address, previous }],
    });
    expect(await ended("d-roll-back")).toEqual({
      command: "complete",
      payload: { result: { reverted: ["leaf-1"], unreachable: [] } },
    });
    expect((await simulated.current(leaf, signal)).closure).toBe(previous);
  });

  test("does not begin to roll back before the deployment that was called off has let go of the host", async () => {
    const { signal } = new AbortController();
    const { closure: previous } = await simulated.current(leaf, signal);
    const slow = { ...check, kind: "tcp", retries: 1_000 };
    await simulated.setFaults([parseFault("web-api@leaf-1")]);
    const payload = { ...deployTask(), waves: [[{ ...leaf, checks: [slow] }]] };
    await assign("deployer-1", "deploy", payload);
    await eventually("the activation", () =>
      applied("report-progress").some(({ payload: { data } }) => (data as { step: string }).step === "activated"),
    );
    await assign("deployer-1", "roll-back", {
      deployment: "d",
      target: "simulated",
      hosts: [{ host: leaf.host, address: leaf.address, previous }],
    });
    await eventually("both at work", () => applied("start").length === 2);
    expect((await simulated.current(leaf, signal)).closure).not.toBe(previous);
    const withdrawn = { deliveryId: "w", kind: "withdrawn", task: { id: "d-deploy", attempt: 1 }, reason: "cancelled" };
    await backend.deliver("deployer-1", "task", withdrawn);
    expect(await ended("d-roll-back")).toMatchObject({ command: "complete" });
    expect((await simulated.current(leaf, signal)).closure).toBe(previous);
  });

  test("says which targets there are where it is asked for another", async () => {
    await assign("deployer-1", "deploy", deployTask("nixos"));
    const { command, payload } = await ended("d-deploy");
    expect(command).toBe("fail");
    expect(payload).toMatchObject({ reason: "target-unsupported" });
    expect(JSON.stringify(payload)).toContain("targets here: simulated");
  });
});

test("the monitor reports the hosts it watches, and fails with what went wrong", async () => {
  const { closure } = await simulated.current(leaf, new AbortController().signal);
  const watched = { host: leaf.host, address: leaf.address, closure, checks: [check] };
  await assign("monitor", "monitor", { deployment: "d", target: "simulated", seconds: 60, hosts: [watched] });
  await eventually("a report", () => applied("report-state").length === 1);
  await simulated.setFaults([parseFault("web-api@leaf-1")]);
  expect(await ended("d-monitor")).toMatchObject({
    command: "fail",
    payload: { reason: "unhealthy", data: { host: "leaf-1", node: "web-api" } },
  });
  expect(applied("report-state").map(({ id, payload }) => [id, payload.health])).toEqual([
    ["leaf-1", "healthy"],
    ["leaf-1", "unhealthy"],
  ]);
});
