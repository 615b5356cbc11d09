import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { headers, type NatsConnection } from "@nats-io/transport-node";
import { Agent, type Client, CommandRefused } from "../../../src/agents/kit/mod.ts";
import { type TestLeaf, testLeaf } from "../../support/leaf.ts";

/** A participant that takes command ids which others will use, on a real nats-server. */
let leaf: TestLeaf;
let ada: Client;
let mallory: Client;
let nats: NatsConnection;

beforeAll(async () => {
  leaf = await testLeaf();
  ada = await leaf.connect("ada");
  mallory = await leaf.connect("mallory");
  nats = ada.nats;
  await leaf.grant(["ada", "mallory", "bob", "cy", "dan"], "voter");
});
afterAll(() => leaf.dispose());

const until = async <A>(read: () => Promise<A>, done: (value: A) => boolean): Promise<A> => {
  for (;;) {
    const value = await read();
    if (done(value)) return value;
    await new Promise((wake) => setTimeout(wake, 100));
  }
};

test("a vote closes after its deadline, whatever ids a voter gives to her ballots", async () => {
  const electorate = ["mallory", "bob", "cy", "dan"];
  const rules = { kind: "z", title: "t", subject: {}, electorate, quorum: "3/4", votingSeconds: 1 };
  await ada.command("proposal", "p1", "submit", rules);
  await mallory.command("proposal", "p1", "vote", { choice: "reject" }, { commandId: "timer:p1-voting-closes" });
  const read = async () => (await ada.query("proposals", "get", { id: "p1" })).data.status;
  expect(await until(read, (status) => status !== "pending" && status !== "active")).toBe("expired");
});

test("a ballot counts although another voter has used its command id", async () => {
  const rules = { kind: "z", title: "t", subject: {}, electorate: ["mallory", "ada"], votingSeconds: 30 };
  await ada.command("proposal", "p2", "submit", rules);
  const given = { commandId: "ada.vote-p2" };
  await mallory.command("proposal", "p2", "vote", { choice: "abstain" }, given);
  const cast = await ada.command("proposal", "p2", "vote", { choice: "reject" }, given);
  expect(cast).toMatchObject({ duplicate: false, events: expect.arrayContaining(["ballot-cast"]) });
  const { data } = await ada.query("proposals", "get", { id: "p2" }, { minPosition: cast.position });
  expect(data.ballots).toContainEqual(expect.objectContaining({ voter: "ada", choice: "reject" }));
});

test("an agent takes its task although the submitter has used the id of its acknowledgement", async () => {
  const agent = await Agent.make({
    client: await leaf.connect("worker"),
    id: "worker",
    capabilities: ["work"],
    onTask: async () => ({ done: true }),
  });
  try {
    const task = { type: "z", requiredCapabilities: ["work"] };
    await mallory.command("task", "t1", "submit", task, { commandId: "worker.t1.1.acknowledge" });
    const read = async () => (await ada.query("tasks", "get", { id: "t1" })).data.status;
    expect(await until(read, (status) => status === "completed")).toBe("completed");
  } finally {
    await agent.stop();
  }
});

describe("an id of one's own", () => {
  const node = (port: number) => ({ id: "web", type: "service" as const, command: "/bin/true", port });
  const given = { commandId: "once" };
  const first = () => ada.command("graph", "g1", "import", { id: "g1", nodes: [node(1)], edges: [] }, given);
  const reused = (client: Client, port: number) =>
    client.command("graph", "g1", "import", { id: "g1", nodes: [node(port)], edges: [] }, given);

  test("gets the first reply again from another backend and after a restart, and is refused for anything else", async () => {
    const said = await first();
    expect(said.duplicate).toBe(false);
    const refused = { code: "rejected", reason: "command-id-reused" };
    const repeated = async () => {
      expect(await first()).toEqual({ ...said, duplicate: true });
      await expect(reused(ada, 2)).rejects.toMatchObject(refused);
      await expect(ada.command("graph", "g1", "archive", {}, given)).rejects.toThrow(CommandRefused);
    };
    await repeated();
    const other = await leaf.another();
    await leaf.restart(0);
    await repeated();
    await other.close();
    await ada.command("graph", "g1", "share", { with: "mallory" });
    expect(await reused(mallory, 2)).toMatchObject({ duplicate: false, events: ["node-updated"] });
    expect(await first()).toEqual({ ...said, duplicate: true });
  });
});

test("an id in the name space of the backend's own commands is invalid-command", async () => {
  const sent = headers();
  sent.set("Cim-Command-Id", "internal:timer:p1-voting-closes");
  const subject = `${leaf.nats.prefix}.cmd.ada.graph.g2.import`;
  const payload = JSON.stringify({ id: "g2", nodes: [], edges: [] });
  const reply = await nats.request(subject, payload, { timeout: 15_000, headers: sent });
  expect(reply.json()).toMatchObject({
    ok: false,
    error: { code: "invalid-command", details: [{ field: "Cim-Command-Id" }] },
  });
});
