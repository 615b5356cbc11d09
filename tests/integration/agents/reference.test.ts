import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { connect as dial, type NatsConnection } from "@nats-io/transport-node";
import { type ReferenceAgents, startReferenceAgents } from "../../../src/agents/reference.ts";
import { deployTaskOf, monitorTaskOf, rollbackTaskOf } from "../../../src/domain/deployment/compensation.ts";
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
let graph: { readonly edges: ReadonlyArray<{ readonly from: string; readonly type: string }> };
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
  graph = JSON.parse(await readFile(resolve("examples/five-services.json"), "utf8"));
  hosts = new Map();
  backend.answers.set("graphs.get", () => ({ ...graph, version: 1, position: 1, archived: false, problems: [] }));
  backend.answers.set("graphs.flake", () => ({ digest: flakeDigest, files }));
  backend.answers.set("freezes.list", () => ({ items: [] }));
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

/** What the deployment is about at first. */
const revision = {
  deployment: "d",
  graph: "five-services",
  graphVersion: 1,
  graphDigest: "first",
  flakeDigest,
};

const findingsIn = (received: ReceivedCommand | undefined): ReadonlyArray<Record<string, unknown>> =>
  Array.isArray(received?.payload.findings) ? received.payload.findings : [];

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
/** The tasks of the deployment, by their type. */
const taskOf = { deploy: deployTaskOf("d"), "roll-back": rollbackTaskOf("d", 1), monitor: monitorTaskOf("d") };
const assign = (agent: string, type: keyof typeof taskOf, payload: object) =>
  backend.deliver(agent, "task", {
    deliveryId: `${type}-1`,
    kind: "assigned",
    task: {
      id: taskOf[type],
      type,
      payload,
      priority: "high",
      attempt: 1,
      acknowledgeBy: "2026-01-01T00:00:00.000Z",
      requiredCapabilities: [],
    },
  });
const ended = async (type: keyof typeof taskOf) => {
  const task = taskOf[type];
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
  test("answer a request by a review of the revision, and sum it up in the dialog", async () => {
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
        data: { kind: "review-request", ...revision },
      });
    await eventually("the reviews", () => applied("review").length === reviewers.length);
    await eventually("the summaries", () => applied("say").length === reviewers.length);
    const reviews = new Map(applied("review").map((received) => [received.principal, received]));
    expect([...reviews.keys()].sort()).toEqual([...reviewers].sort());
    for (const { aggregate, id, payload } of reviews.values()) {
      expect([aggregate, id]).toEqual(["deployment", "d"]);
      expect(payload).toEqual({ revision: revision.graphDigest, findings: expect.any(Array) });
    }
    for (const { principal, aggregate, id, payload } of applied("say")) {
      expect([aggregate, id]).toEqual(["dialog", "d"]);
      // A dialog refuses texts like secrets, although the graph and so a remedy may have ones that were allowed.
      const findings = findingsIn(reviews.get(principal)).map(({ changes: _changes, ...finding }) => finding);
      expect(payload.data).toEqual({ kind: "review", deployment: "d", findings });
      expect(String(payload.text)).toContain(`${principal}: `);
    }
    expect([...reviews.values()].flatMap(findingsIn).some(({ changes }) => changes !== undefined)).toBe(true);
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

  const votesIn = async (round: number) => {
    const ballots = () => applied("vote").filter(({ payload }) => payload.round === round);
    await eventually(`the votes of round ${round}`, () => ballots().length === reviewers.length);
    return Object.fromEntries(ballots().map(({ principal, payload }) => [principal, payload]));
  };
  const openFirstRound = async () => {
    const proposal = { id: "d", kind: "deployment", title: "t", subject: revision, ...rules, round: 1 };
    for (const topic of reviewers)
      await backend.deliver(topic, "proposal", { deliveryId: `v-${topic}`, kind: "voting-opened", proposal });
    return votesIn(1);
  };

  test("vote by what they find, without having been asked for a review, and review first", async () => {
    expect(await openFirstRound()).toEqual({
      architecture: {
        choice: "approve",
        round: 1,
        conditions: [
          {
            text: expect.stringContaining("`web-api` uses topics of `bus` on another host"),
            changes: [{ type: "connect", edge: { from: "web-api", to: "bus", type: "connects-to", protocol: "nats" } }],
          },
        ],
      },
      security: { choice: "approve", round: 1 },
      capacity: { choice: "approve", round: 1 },
      continuity: { choice: "approve", round: 1 },
    });
    for (const topic of reviewers) {
      const commands = backend.applied.filter(({ principal, id }) => principal === topic && id === "d");
      expect(commands.map(({ aggregate, command }) => `${aggregate}.${command}`)).toEqual([
        "deployment.review",
        "proposal.vote",
      ]);
      expect(commands[0]?.payload).toMatchObject({ revision: revision.graphDigest });
    }
  });

  test("review and vote again in another round, by what the graph has become", async () => {
    await openFirstRound();
    // The condition is met, and the worker has gone to another host than its database.
    const edges = [
      ...graph.edges.filter(({ from, type }) => !(from === "worker" && type === "runs-on")),
      { from: "worker", to: "leaf-1", type: "runs-on" },
      { from: "web-api", to: "bus", type: "connects-to", protocol: "nats" },
      { from: "worker", to: "bus", type: "connects-to", protocol: "nats" },
    ];
    const amended = { ...graph, edges, position: 2, archived: false, problems: [] };
    backend.answers.set("graphs.get", ({ version }) => ({ ...amended, version }));
    const subject = { ...revision, graphVersion: 2, graphDigest: "amended" };
    const proposal = { id: "d", kind: "deployment", title: "t", subject, ...rules, round: 2 };
    const opened = { kind: "round-opened", conditions: [], carried: false };
    for (const topic of reviewers)
      await backend.deliver(topic, "proposal", { deliveryId: `w-${topic}`, ...opened, proposal });
    expect(await votesIn(2)).toEqual({
      architecture: { choice: "approve", round: 2 },
      security: {
        choice: "approve",
        round: 2,
        conditions: [
          {
            text: expect.stringContaining("`worker` talks to the database `postgres` unencrypted"),
            changes: [
              { type: "disconnect", id: "worker/connects-to/postgres" },
              {
                type: "connect",
                edge: { from: "worker", to: "postgres", type: "connects-to", protocol: "postgresql", encrypted: true },
              },
            ],
          },
        ],
      },
      capacity: { choice: "approve", round: 2 },
      continuity: { choice: "approve", round: 2 },
    });
    for (const topic of reviewers)
      expect(
        applied("review")
          .filter(({ principal }) => principal === topic)
          .map(({ payload }) => payload.revision),
      ).toEqual([revision.graphDigest, "amended"]);
  });
});

describe("the deployer", () => {
  test("takes simulated hosts through every step", async () => {
    await assign("deployer-1", "deploy", deployTask());
    expect(await ended("deploy")).toEqual({ command: "complete", payload: {} });
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
    expect(await ended("deploy")).toMatchObject({
      command: "fail",
      payload: { reason: "unhealthy", data: { host: "leaf-1", step: "healthy", node: "web-api" } },
    });
    expect((await simulated.current(leaf, signal)).closure).not.toBe(previous);
    await assign("deployer-2", "roll-back", {
      deployment: "d",
      target: "simulated",
      hosts: [{ host: leaf.host, address: leaf.address, previous }],
    });
    expect(await ended("roll-back")).toEqual({
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
    const withdrawn = {
      deliveryId: "w",
      kind: "withdrawn",
      task: { id: taskOf.deploy, attempt: 1 },
      reason: "cancelled",
    };
    await backend.deliver("deployer-1", "task", withdrawn);
    expect(await ended("roll-back")).toMatchObject({ command: "complete" });
    expect((await simulated.current(leaf, signal)).closure).toBe(previous);
  });

  test("says which targets there are where it is asked for another", async () => {
    await assign("deployer-1", "deploy", deployTask("nixos"));
    const { command, payload } = await ended("deploy");
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
  expect(await ended("monitor")).toMatchObject({
    command: "fail",
    payload: { reason: "unhealthy", data: { host: "leaf-1", node: "web-api" } },
  });
  expect(applied("report-state").map(({ id, payload }) => [id, payload.health])).toEqual([
    ["leaf-1", "healthy"],
    ["leaf-1", "unhealthy"],
  ]);
});
