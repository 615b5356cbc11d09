import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Client, FeedEvent } from "../../../src/agents/kit/mod.ts";
import { parseFault } from "../../../src/infrastructure/simulated/mod.ts";
import { type TestLeaf, testLeaf } from "../../support/leaf.ts";

/** A deployed graph on simulated hosts, with the agents that come with CIM Leaf: what happens to its hosts afterwards. */
let leaf: TestLeaf;
let ada: Client;
let ops: Client;

const { signal } = new AbortController();
const running = async (host: string) => (await leaf.backend.simulated.observe({ host }, signal)).closure;

/** The events of an aggregate from the beginning, up to the one that is waited for. */
const until = async (aggregate: string, id: string, wanted: (event: FeedEvent) => boolean) => {
  const events: Array<FeedEvent> = [];
  const found = new AbortController();
  for await (const event of ada.feed({ from: "start", aggregate, id }, found.signal)) {
    events.push(event);
    if (wanted(event)) found.abort();
  }
  return events;
};
const named = (name: string) => (event: FeedEvent) => event.event === name;
const dataOf = (event: FeedEvent | undefined) => event?.data as Record<string, unknown>;
const hostOf = async (id: string) => (await ada.query("hosts", "get", { id })).data as Record<string, unknown>;
const fail = (...faults: ReadonlyArray<string>) => leaf.backend.simulated.setFaults(faults.map(parseFault));

beforeAll(async () => {
  leaf = await testLeaf({ simulatedStepMilliseconds: 5, agents: true, watchEverySeconds: 0.3 });
  ada = await leaf.connect("ada");
  ops = await leaf.connect("ops");
  const example = JSON.parse(await readFile(resolve("examples/five-services.json"), "utf8"));
  example.nodes.push({
    id: "ops",
    type: "agent",
    command: "/run/current-system/sw/bin/ops",
    capabilities: ["operate"],
  });
  example.edges.push({ from: "ops", to: "leaf-2", type: "runs-on" });
  example.edges.push({
    from: "ops",
    to: "worker",
    type: "manages",
    permissions: ["restart", "stop", "start", "scale"],
  });
  await ada.command("graph", example.id, "import", example);
  await ada.command("agent", "ada", "register", { capabilities: [], metadata: { kind: "person" } });
  await ada.command("deployment", "d1", "request", { graph: example.id, target: "simulated", monitorSeconds: 0 });
  await until("deployment", "d1", ({ event }) => /succeeded|failed|rolled-back|rejected/.test(event));
  await until("host", "leaf-1", ({ event, data }) => event === "host-state-reported" && "observed" in (data as object));
});
afterAll(() => leaf?.dispose());

test("a host shows what it should run and what was seen of it", async () => {
  expect(await hostOf("leaf-1")).toMatchObject({
    target: "simulated",
    desired: {
      deployment: "d1",
      closure: await running("leaf-1"),
      placement: {
        graph: "five-services",
        nodes: [
          { node: "gateway", units: ["gateway.service"] },
          { node: "web-api", units: ["web-api.service"] },
        ],
      },
    },
    observed: { boot: await running("leaf-1"), failedUnits: [], by: "monitor" },
    health: "healthy",
    drifts: [],
  });
});

describe("drift", () => {
  test("by hand is an event, a proposal, votes and a repair", async () => {
    const approved = await running("leaf-1");
    await fail("drift:leaf-1");
    const events = await until("host", "leaf-1", named("host-drift-resolved"));
    const detected = dataOf(events.find(named("host-drift-detected")));
    expect(detected).toMatchObject({ kind: "closure", expected: approved });
    expect(await running("leaf-1")).toBe(approved);
    const id = `leaf-1=repair-${detected.drift}`;
    const { data } = await ada.query("proposals", "get", { id });
    expect(data).toMatchObject({ kind: "repair", status: "enacted", subject: { host: "leaf-1", closure: approved } });
    expect((await ada.query("tasks", "get", { id })).data).toMatchObject({ type: "repair", status: "completed" });
  });

  test("of a unit ends with its restart", async () => {
    await fail("unit-failed:postgresql@leaf-2");
    const events = await until("host", "leaf-2", named("host-drift-resolved"));
    expect(dataOf(events.find(named("host-drift-detected")))).toMatchObject({
      kind: "unit",
      unit: "postgresql.service",
    });
    expect((await leaf.backend.simulated.observe({ host: "leaf-2" }, signal)).failedUnits).toEqual([]);
  });

  test("is only reported where the host says so", async () => {
    await ada.command("host", "leaf-1", "set-policy", { onDrift: "report" });
    await fail("reboot:leaf-1");
    const before = Number((await hostOf("leaf-1")).serial);
    const events = await until(
      "host",
      "leaf-1",
      ({ event, data }) => event === "host-drift-detected" && Number((data as { drift: number }).drift) > before,
    );
    const { drift } = dataOf(events.at(-1));
    await new Promise((wake) => setTimeout(wake, 1_000));
    await expect(ada.query("proposals", "get", { id: `leaf-1=repair-${drift}` })).rejects.toMatchObject({
      reason: "not-found",
    });
    const all = await until("host", "leaf-1", ({ data }) => (data as { drift?: number }).drift === drift);
    expect(all.filter(named("host-drift-detected")).length).toBe(2);
  });
});

describe("an agent with a `manages` edge", () => {
  test("restarts what it may, as a recorded task, and nothing else", async () => {
    await ops.command("host", "leaf-2", "operate", { action: "restart", node: "worker" });
    const events = await until("host", "leaf-2", named("operation-finished"));
    const { change } = dataOf(events.find(named("operation-requested")));
    const minPosition = Number(events.at(-1)?.sequence);
    const task = await ada.query("tasks", "get", { id: `leaf-2=operate-${change}` }, { minPosition });
    expect(task.data).toMatchObject({ type: "operate", status: "completed", payload: { units: ["worker.service"] } });
    await expect(
      ops.command("host", "leaf-2", "operate", { action: "restart", node: "postgres" }),
    ).rejects.toMatchObject({
      reason: "not-permitted",
    });
  });

  test("stops a node, and that is no drift", async () => {
    const before = Number((await hostOf("leaf-2")).serial);
    await ops.command("host", "leaf-2", "operate", { action: "stop", node: "worker" });
    await until(
      "host",
      "leaf-2",
      ({ event, data }) => event === "operation-finished" && (data as { change: number }).change > before,
    );
    await new Promise((wake) => setTimeout(wake, 1_000));
    expect(await hostOf("leaf-2")).toMatchObject({ stopped: ["worker"], drifts: [], health: "healthy" });
  });
});

test("what a person proposes is voted on: a restart is done, a stop of what others use is not", async () => {
  const { events } = await ada.command("host", "leaf-2", "propose-change", { action: "restart", node: "postgres" });
  expect(events).toEqual(["change-proposed"]);
  await ada.command("host", "leaf-2", "propose-change", { action: "stop", node: "postgres" });
  const seen = await until(
    "host",
    "leaf-2",
    ({ event, data }) => event === "operation-finished" && "failure" in (data as object),
  );
  expect(dataOf(seen.at(-1)).failure).toMatch(/is rejected/);
  const done = await until(
    "host",
    "leaf-2",
    ({ event, data }) => event === "operation-requested" && (data as { node: string }).node === "postgres",
  );
  expect(dataOf(done.at(-1))).toMatchObject({ action: "restart", by: "ada" });
});

test("scaling changes the graph and asks for its deployment", async () => {
  await ops.command("host", "leaf-2", "operate", { action: "scale", node: "worker", hosts: ["leaf-1", "leaf-2"] });
  const seen = await until(
    "host",
    "leaf-2",
    ({ event, data }) => event === "operation-finished" && "deployment" in (data as object),
  );
  const { deployment } = dataOf(seen.at(-1));
  const events = await until("deployment", String(deployment), named("monitoring-started"));
  expect(dataOf(events[0])).toMatchObject({ graph: "five-services", requestedBy: "host-operations" });
  const placed = ((await hostOf("leaf-1")).desired as { placement: { nodes: ReadonlyArray<{ node: string }> } })
    .placement;
  expect(placed.nodes.map(({ node }) => node)).toContain("worker");
});
