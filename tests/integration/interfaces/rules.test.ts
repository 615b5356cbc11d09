import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Client } from "../../../src/agents/kit/mod.ts";
import { type TestLeaf, testLeaf } from "../../support/leaf.ts";

/** Who changes the rules, and who stops everything, on a real nats-server with the agents that come with CIM Leaf. */
let leaf: TestLeaf;
let admin: Client;
let mallory: Client;
let ann: Client;
let olga: Client;

beforeAll(async () => {
  leaf = await testLeaf({ simulatedStepMilliseconds: 5, agents: true, watchEverySeconds: 0.3 });
  [admin, mallory, ann, olga] = (await Promise.all(["admin", "mallory", "ann", "olga"].map(leaf.connect))) as [
    Client,
    Client,
    Client,
    Client,
  ];
  const graph = JSON.parse(await readFile(resolve("examples/five-services.json"), "utf8"));
  await olga.command("graph", graph.id, "import", graph);
});
afterAll(() => leaf.dispose());

const until = async <A>(read: () => Promise<A>, done: (value: A) => boolean): Promise<A> => {
  for (;;) {
    const value = await read();
    if (done(value)) return value;
    await new Promise((wake) => setTimeout(wake, 100));
  }
};
const policyInForce = async () => (await ann.query("policies", "in-force", { kind: "deployment" })).data;
const deployment = (id: string) => async () => (await ann.query("deployments", "get", { id })).data;
const times = { discussionSeconds: 5, votingSeconds: 10, monitorSeconds: 1 };

test("a stranger cannot make the policy of deployments her own, not even as the only one who proposes anything", async () => {
  const own = { electorate: ["mallory"], quorum: 0, votingSeconds: 5 };
  await expect(mallory.command<string, string>("policy", "deployment", "set", own)).rejects.toMatchObject({
    code: "unknown-command",
  });
  await expect(mallory.command<string, string>("policy", "deployment", "retire", {})).rejects.toMatchObject({
    code: "unknown-command",
  });
  await expect(mallory.command("policy", "deployment", "propose", own)).rejects.toMatchObject({
    reason: "nobody-may-vote",
    message: expect.stringContaining("cim agents grant NAME voter"),
  });
  await admin.command("principal", "ann", "admit", { kind: "person", roles: ["viewer", "participant", "voter"] });
  await mallory.command("policy", "deployment", "propose", own);
  const id = "policy=deployment-1";
  await until(async () => (await ann.query("proposals", "list", {})).data.items.some((one) => one.id === id), Boolean);
  await expect(mallory.command("proposal", id, "vote", { choice: "approve" })).rejects.toThrow();
  await ann.command("proposal", id, "vote", { choice: "reject" });
  await until(
    async () => (await ann.query("proposals", "get", { id })).data.status,
    (status) => status === "rejected",
  );
  expect(await policyInForce()).toMatchObject({ shipped: true });
});

test("a request is not weaker than the policy, and has the time that its vote needs", async () => {
  const asked = { graph: "five-services", target: "simulated" } as const;
  await expect(
    olga.command("deployment", "short", "request", { ...asked, ...times, timeoutSeconds: 10 }),
  ).rejects.toMatchObject({ reason: "timeout-too-short", details: { neededSeconds: 36 } });
});

test("while everything is frozen an approved deployment waits, and goes on when the vote has lifted the freeze", async () => {
  await olga.command("freeze", "everything", "freeze", { reason: "an incident" });
  await olga.command("deployment", "d1", "request", { graph: "five-services", target: "simulated", ...times });
  expect(await until(deployment("d1"), ({ status }) => status === "waiting")).toMatchObject({
    waiting: { for: [{ is: "freeze", freeze: "everything", reason: "an incident", by: "olga" }] },
  });
  await olga.command("freeze", "everything", "unfreeze", { reason: "it is over" });
  const id = "unfreeze=everything-1";
  await until(async () => (await ann.query("proposals", "list", {})).data.items.some((one) => one.id === id), Boolean);
  await expect(olga.command("proposal", id, "vote", { choice: "approve" })).rejects.toThrow();
  expect((await deployment("d1")()).status).toBe("waiting");
  await ann.command("proposal", id, "vote", { choice: "approve" });
  expect(await until(deployment("d1"), ({ endedAt }) => endedAt !== undefined)).toMatchObject({ status: "succeeded" });
});
