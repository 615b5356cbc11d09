import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type Client, connect } from "../../src/agents/kit/mod.ts";
import { type Installation, installation } from "../support/installation.ts";
import { tcpCut } from "../support/tcp-cut.ts";

let leaf: Installation;
const clients: Array<Client> = [];

beforeEach(async () => {
  leaf = await installation();
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await leaf.dispose();
});

const voters = ["v1", "v2", "v3", "v4"];
const matter = { kind: "chaos", title: "Is it one and final?", subject: {}, electorate: voters };

const as = async (principal: string, servers = leaf.nats.url): Promise<Client> => {
  const client = await connect({ servers, prefix: leaf.nats.prefix, principal, timeoutMs: 60_000 });
  clients.push(client);
  return client;
};

const approve = (client: Client, id: string) => client.command("proposal", id, "vote", { choice: "approve" });

const sleep = (milliseconds: number) => new Promise((wake) => setTimeout(wake, milliseconds));

const stateOf = async (id: string) =>
  (await leaf.client.query("proposals", "get", { id })).data as { readonly status: string };

const becomes = async (id: string, status: string): Promise<void> => {
  while ((await stateOf(id).catch(() => undefined))?.status !== status) await sleep(100);
};

/** How often each event of a proposal is in the log. */
const counts = async (id: string): Promise<Readonly<Record<string, number>>> => {
  const events = (await leaf.log()).filter((commit) => commit.id === id).flatMap((commit) => commit.events);
  const found: Record<string, number> = {};
  for (const { type } of events) found[type] = (found[type] ?? 0) + 1;
  return found;
};

const isUnaltered = async () => (await leaf.client.query("audit", "verify", {})).data;

test("what was approved is enacted once, though the coordinator is killed before it", async () => {
  const first = await leaf.up("--no-agents");
  await leaf.grant(voters, "voter");
  await leaf.client.command("proposal", "p1", "submit", { ...matter, quorum: "1/2", enactmentDelaySeconds: 4 });
  for (const voter of ["v1", "v2", "v3"]) await approve(await as(voter), "p1");
  expect(await counts("p1")).toMatchObject({ "proposal-approved": 1 });
  await first.kill();
  expect(await counts("p1")).not.toHaveProperty("proposal-enacted");
  await leaf.up("--no-agents");
  await leaf.up("--no-agents");
  await becomes("p1", "enacted");
  await sleep(11_000);
  expect(await counts("p1")).toMatchObject({ "proposal-approved": 1, "proposal-enacted": 1 });
  expect(await isUnaltered()).toMatchObject({ ok: true });
});

test("a backend that is killed right after the deciding ballot leaves an enactment to the next one, once", async () => {
  const first = await leaf.up("--no-agents");
  await leaf.grant(voters, "voter");
  await leaf.client.command("proposal", "p1", "submit", { ...matter, electorate: ["v1"] });
  await approve(await as("v1"), "p1");
  await first.kill();
  await leaf.up("--no-agents");
  await becomes("p1", "enacted");
  expect(await counts("p1")).toMatchObject({ "ballot-cast": 1, "proposal-approved": 1, "proposal-enacted": 1 });
});

test("half of the voters cut off: no approval without the quorum, and one result after healing", async () => {
  await leaf.up("--no-agents");
  await leaf.grant(voters, "voter");
  const network = await tcpCut(leaf.nats.url);
  try {
    const near = await Promise.all(["v1", "v2"].map((voter) => as(voter)));
    const far = await Promise.all(["v3", "v4"].map((voter) => as(voter, network.url)));
    await leaf.client.command("proposal", "p1", "submit", { ...matter, quorum: "3/4", votingSeconds: 45 });
    await leaf.client.command("proposal", "p2", "submit", { ...matter, quorum: "3/4", votingSeconds: 6 });
    network.cut();
    const late = far.map((client) => approve(client, "p1"));
    for (const id of ["p1", "p2"]) for (const client of near) await approve(client, id);
    await becomes("p2", "expired");
    expect((await stateOf("p1")).status).toBe("active");
    network.mend();
    // The deciding ballot may come before the other one, which is then too late.
    const outcomes = await Promise.allSettled(late);
    expect(outcomes.some(({ status }) => status === "fulfilled")).toBe(true);
    await becomes("p1", "enacted");
    await expect(approve(far[0] as Client, "p2")).rejects.toMatchObject({ reason: "voting-closed" });
    expect(await counts("p1")).toMatchObject({ "proposal-approved": 1, "proposal-enacted": 1 });
    expect(await counts("p2")).toMatchObject({ "proposal-expired": 1, "ballot-cast": 2 });
    expect(await isUnaltered()).toMatchObject({ ok: true });
  } finally {
    await network.close();
  }
});

test("every message delivered twice, to two backends: each is counted once", async () => {
  await Promise.all([leaf.up("--no-agents"), leaf.up("--no-agents")]);
  await leaf.grant(voters, "voter");
  const twice = (client: Client, command: string, payload: object) => {
    const options = { commandId: `${client.principal}-${command}` };
    const give = () => client.command("proposal", "p1", command, payload, options);
    return Promise.all([give(), give()]);
  };
  const submitted = await twice(leaf.client, "submit", { ...matter, quorum: "1/1", protocol: "unanimous" });
  // Both may be answered from the log, where the acknowledgement of the first came late.
  expect(submitted.filter(({ duplicate }) => !duplicate).length).toBeLessThanOrEqual(1);
  expect(new Set(submitted.map(({ position }) => position)).size).toBe(1);
  for (const voter of voters) {
    const [first, second] = await twice(await as(voter), "vote", { choice: "approve" });
    expect(first?.version).toBe(second?.version);
  }
  await becomes("p1", "enacted");
  expect(await counts("p1")).toEqual({
    "proposal-submitted": 1,
    "voting-opened": 1,
    "ballot-cast": voters.length,
    "proposal-approved": 1,
    "proposal-enacted": 1,
  });
  expect(await isUnaltered()).toMatchObject({ ok: true });
});
