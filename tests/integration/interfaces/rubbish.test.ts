import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { headers } from "@nats-io/transport-node";
import { Agent, type Client, CommandRefused } from "../../../src/agents/kit/mod.ts";
import { type TestLeaf, testLeaf } from "../../support/leaf.ts";

/** Rubbish of every kind on every subject, written by the root of a real nats-server. */
let leaf: TestLeaf;
let ada: Client;
let worker: Agent;

/** What was written into the log: where, and a part of what the audit says of it. */
const written: Array<{ readonly position: number; readonly subject: string; readonly says: string }> = [];

const host = (id: string) => ({ node: { id, type: "host", system: "x86_64-linux", address: "10.0.0.1" } }) as const;

/** A subject of an installation with the usual prefix, as this installation calls it. */
const ours = (subject: string) =>
  subject.replace(/^cim\./, `${leaf.nats.prefix}.`).replace(/^\$KV\.cim_/, `$KV.${leaf.nats.prefix}_`);
const streams = () => ada.names.streams;

const lastOn = async (subject: string) => {
  const manager = await ada.jetstream.jetstreamManager();
  const message = await manager.streams.getMessage(streams().events, { last_by_subj: ours(subject) });
  if (message === null) throw new Error(`nothing is on ${subject}`);
  return message.json<{ readonly firstVersion: number; readonly events: ReadonlyArray<{ readonly cid: string }> }>();
};

const forged = (more: object = {}) => ({
  aggregate: "graph",
  id: "g0",
  firstVersion: 2,
  command: "add-node",
  commandId: "x",
  actor: "mallory",
  time: new Date().toISOString(),
  correlationId: "x",
  events: [{ type: "node-added", schemaVersion: 1, cid: "bagu", data: host("evil") }],
  ...more,
});

const write = async (subject: string, payload: unknown, says: string) => {
  const data = typeof payload === "string" || payload instanceof Uint8Array ? payload : JSON.stringify(payload);
  const { seq } = await ada.jetstream.publish(ours(subject), data);
  written.push({ position: seq, subject, says });
};

/** After the last commit of a graph: what looks as if it followed. */
const following = async (id: string) => {
  const { firstVersion, events } = await lastOn(`cim.evt.graph.${id}`);
  return { id, firstVersion: firstVersion + events.length, previousCid: events.at(-1)?.cid };
};

const event = (type: string, schemaVersion: number, data: unknown) => ({ type, schemaVersion, cid: "bagu", data });

const rubbishInTheLog = async () => {
  const graph = (id: string) => `cim.evt.graph.${id}`;
  await write(graph("g0"), "{not json", "not JSON");
  await write(graph("g1"), "", "it is empty");
  await write(graph("g2"), "{}", "JSON that is not a commit");
  await write(graph("g3"), { ...forged(await following("g3")), id: "g0" }, "it says that it is of graph g0");
  await write(graph("g4"), forged(await following("g4")), "no seal");
  await write(graph("g5"), { ...forged(await following("g5")), firstVersion: 99 }, "number 99");
  await write(graph("g6"), { ...forged(await following("g6")), time: "zzz" }, "not a moment");
  await write(graph("g7"), forged({ ...(await following("g7")), events: [event("node-teleported", 1, {})] }), "bagu");
  await write(graph("g8"), forged({ ...(await following("g8")), events: [event("node-added", 9, {})] }), "bagu");
  await write(graph("zz"), new Uint8Array([0xff, 0xfe, 0, 0x80]), "not JSON");
  await write("cim.evt.hello", "hi", "not JSON");
  await write("cim.evt.martian.m1", forged({ aggregate: "martian", id: "m1", firstVersion: 1 }), "bagu");
  for (const [aggregate, type, data] of [
    ["task", "task-submitted", {}],
    ["deployment", "deployment-requested", { graph: 5 }],
    ["knowledge", "fact-asserted", { id: "x", record: {} }],
    ["dialog", "turn-said", { turn: 1 }],
    ["agent", "agent-registered", null],
  ] as const)
    await write(
      `cim.evt.${aggregate}.odd`,
      forged({ aggregate, id: "odd", firstVersion: 1, events: [event(type, 1, data)] }),
      "bagu",
    );
};

const rubbishElsewhere = async () => {
  const { nats, jetstream } = ada;
  for (const text of ["", "garbage", "{}", "[1]", '{"a":1,"a":2}', "\u0000"]) {
    for (const subject of [
      "cim.cmd.ada.graph.g0.add-node",
      "cim.cmd.ada.graph",
      "cim.cmd.ada.martian.m1.fly",
      "cim.qry.graphs.list",
      "cim.qry.nothing.at.all",
      "cim.output.x.y",
      "cim.knowledge.x.y",
      ada.names.subjects.agentProtocol("prompt", "worker"),
    ])
      nats.publish(ours(subject), text, { reply: ours("cim.evt.graph.hello") });
    for (const subject of ["cim.hb.worker", "cim.hb.UPPER"]) nats.publish(ours(subject), text);
    await jetstream.publish(ours("cim.inbox.worker.task"), text);
    await jetstream.publish(ours("cim.inbox.nobody.turn"), text);
    await jetstream.publish(ours("cim.inbox.$progress"), text);
    await jetstream.publish(ours("cim.timer.fired.forged"), text);
    await jetstream.publish(ours("$KV.cim_view_graphs.good"), text);
    await jetstream.publish(ours("$KV.cim_view_graphs.stranger"), text);
    await jetstream.publish(ours("$KV.cim_checkpoints.view.tasks"), text);
  }
  const forgedFeed = headers();
  forgedFeed.set("ce-id", "graph.g0.77");
  await jetstream.publish(ours("cim.feed.graph.node-added.v1.good"), "garbage", { headers: forgedFeed });
  await nats.flush();
};

const startWorker = async () =>
  Agent.make({
    client: await leaf.connect("worker"),
    id: "worker",
    capabilities: ["work"],
    onTask: async () => ({ done: true }),
  });

const until = async <A>(read: () => Promise<A>, done: (value: A) => boolean): Promise<A> => {
  for (;;) {
    const value = await read();
    if (done(value)) return value;
    await new Promise((wake) => setTimeout(wake, 100));
  }
};

beforeAll(async () => {
  leaf = await testLeaf();
  ada = await leaf.connect("ada");
  worker = await startWorker();
  for (const id of ["good", "g0", "g1", "g2", "g3", "g4", "g5", "g6", "g7", "g8"]) {
    const { position } = await ada.command("graph", id, "import", { id, nodes: [], edges: [] });
    await ada.query("graphs", "get", { id }, { minPosition: position });
  }
  await rubbishInTheLog();
});

afterAll(async () => {
  await worker.stop();
  await leaf.dispose();
});

const everythingElseWorks = (round: string) => {
  test("graphs, views and the feed go on", async () => {
    const { position } = await ada.command("graph", "good", "add-node", host(`n-${round}`));
    const { data } = await ada.query("graphs", "get", { id: "good" }, { minPosition: position });
    expect(data.nodes.map(({ id }) => id)).toContain(`n-${round}`);
    expect(data).not.toHaveProperty("damaged");
    const manager = await ada.jetstream.jetstreamManager();
    await until(
      () => manager.streams.getMessage(streams().feed, { last_by_subj: ours("cim.feed.graph.node-added.*.good") }),
      (message) => Number(message?.header.get("ce-sequence")) >= position,
    );
  });

  test("process managers go on: a task is given and done", async () => {
    await ada.command("task", `t-${round}`, "submit", { type: "work", requiredCapabilities: ["work"] });
    const read = async () => (await ada.query("tasks", "get", { id: `t-${round}` })).data.status;
    expect(await until(read, (status) => status === "completed")).toBe("completed");
  });

  test.each(["g0", "g1", "g2", "g3", "g4", "g5", "g6", "g7", "g8"])("%s can be read, and not changed", async (id) => {
    const refused = await ada.command("graph", id, "add-node", host("x")).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(CommandRefused);
    const position = written.find(({ subject }) => subject === `cim.evt.graph.${id}`)?.position;
    expect(refused).toMatchObject({ code: "unavailable", details: { reason: "damaged", position } });
    const { data } = await ada.query("graphs", "get", { id });
    expect(data).toMatchObject({ id, nodes: [], damaged: { position } });
  });

  test("an id with a foreign message before its first commit says so", async () => {
    const refused = await ada.query("tasks", "get", { id: "odd" }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "unavailable", details: { reason: "damaged" } });
  });

  test("the audit names each of them, and its health does", async () => {
    const { data } = await ada.query("audit", "verify", {});
    expect(data.ok).toBe(false);
    for (const { position, says } of written) {
      const problems = data.findings.filter((finding) => finding.position === position).map(({ problem }) => problem);
      expect(problems).toEqual(expect.arrayContaining([expect.stringContaining(says)]));
    }
    const one = await ada.query("audit", "verify", { aggregate: "graph", id: "g0" });
    expect(one.data).toMatchObject({ ok: false, commits: 1 });
    expect((await ada.query("audit", "verify", { aggregate: "graph", id: "good" })).data.ok).toBe(true);
    const health = await ada.query("audit", "health", {});
    expect(health.data.ready).toBe(true);
    expect(health.data.problems.map(({ position }) => position)).toEqual(written.map(({ position }) => position));
    expect(health.data.damaged).toContainEqual(expect.objectContaining({ aggregate: "graph", id: "g0" }));
  });
};

describe("rubbish in the log of a running backend", () => everythingElseWorks("running"));

describe("rubbish in the log at a restart", () => {
  beforeAll(() => leaf.restart(0));
  everythingElseWorks("restarted");
});

describe("rubbish on every other subject", () => {
  beforeAll(rubbishElsewhere);
  everythingElseWorks("elsewhere");
});

describe("and at a restart after it", () => {
  beforeAll(() => leaf.restart(0));
  everythingElseWorks("at-last");
});

test("nothing was answered into the log", async () => {
  const manager = await ada.jetstream.jetstreamManager();
  expect(await manager.streams.getMessage(streams().events, { last_by_subj: ours("cim.evt.graph.hello") })).toBeNull();
});

describe("a step that keeps failing", () => {
  test("is parked, and an admin has it tried again or drops it, and nobody else", async () => {
    // The task assignment gives the task to its agent by a command on the task, whose history ends meanwhile.
    const admin = await leaf.connect("admin");
    for (const id of ["p1", "p2"])
      await ada.command("task", id, "submit", { type: "later", requiredCapabilities: ["later"] });
    for (const id of ["p1", "p2"]) await write(`cim.evt.task.${id}`, "{not json", "not JSON");
    const client = await leaf.connect("late");
    const late = await Agent.make({ client, id: "late", capabilities: ["later"], maxConcurrentTasks: 2 });
    const list = async () => (await ada.query("parked", "list", {})).data.items;
    const parked = await until(list, (items) => items.length >= 2);
    expect(parked).toMatchObject([
      { manager: "task-assignment", status: "parked", reason: expect.stringContaining("can only be read") },
      { manager: "task-assignment", status: "parked", reason: expect.stringContaining("can only be read") },
    ]);
    const [first, second] = parked;
    const refused = await ada.command("parked-step", first?.id ?? "", "retry", {}).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "unauthorized" });
    await admin.command("parked-step", first?.id ?? "", "retry", {});
    const again = await until(list, (items) => items.some(({ version }) => version === 3));
    expect(again.find(({ id }) => id === first?.id)).toMatchObject({ status: "parked" });
    await admin.command("parked-step", second?.id ?? "", "drop", { reason: "the task is gone" });
    expect((await until(list, (items) => items.length === 1)).map(({ id }) => id)).toEqual([first?.id]);
    await leaf.restart(0);
    expect((await list()).map(({ id }) => id)).toEqual([first?.id]);
    await late.stop();
  });
});
