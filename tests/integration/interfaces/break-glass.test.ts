import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type Client, connect } from "../../../src/agents/kit/mod.ts";
import { newSeed, signerOf } from "../../../src/agents/kit/signer.ts";
import { type TestLeaf, testLeaf } from "../../support/leaf.ts";

/** Break-glass on a real nats-server, with the agents that come with CIM Leaf: its deployer holds what is frozen. */
let leaf: TestLeaf;
let admin: Client;
let olga: Client;
let ann: Client;

beforeAll(async () => {
  leaf = await testLeaf({ simulatedStepMilliseconds: 5, agents: true, watchEverySeconds: 0.3 });
  const { url: servers, prefix } = leaf.nats;
  admin = await connect({ servers, prefix, principal: "admin", signer: signerOf(newSeed()) });
  [olga, ann] = [await leaf.connect("olga"), await leaf.connect("ann")];
  await admin.command("principal", "ann", "admit", { kind: "person", roles: ["viewer", "voter"] });
  const graph = JSON.parse(await readFile(resolve("examples/five-services.json"), "utf8"));
  await olga.command("graph", graph.id, "import", graph);
});
afterAll(async () => {
  await admin.close();
  await leaf.dispose();
});

const deployment = async (id: string) => (await olga.query("deployments", "get", { id })).data;
const until = async (id: string, ...statuses: ReadonlyArray<string>) => {
  for (;;) {
    const document = await deployment(id);
    if (statuses.includes(document.status)) return document;
    if (document.endedAt !== undefined) throw new Error(`${id} is ${document.status}: ${document.detail}`);
    await new Promise((wake) => setTimeout(wake, 100));
  }
};
const request = (id: string) =>
  olga.command("deployment", id, "request", {
    graph: "five-services",
    target: "simulated",
    discussionSeconds: 5,
    votingSeconds: 10,
    monitorSeconds: 1,
  });
const breakGlass = async (by: Client, id: string) => {
  const { graphDigest, flakeDigest } = await deployment(id);
  return by.command("deployment", id, "break-glass", { reason: "production is down", graphDigest, flakeDigest });
};

test("what is frozen goes on past the freeze, and the glass is not broken again before the review is closed", async () => {
  await olga.command("freeze", "everything", "freeze", { reason: "an incident" });
  await request("d1");
  await until("d1", "waiting");
  await expect(breakGlass(olga, "d1")).rejects.toMatchObject({ reason: "may-not-break-glass" });
  await expect(breakGlass(admin, "d1")).rejects.toMatchObject({ reason: "no-registered-key" });
  await admin.command("principal", "admin", "rotate-key", { publicKey: admin.publicKey ?? "" });
  await breakGlass(admin, "d1");
  expect(await until("d1", "succeeded")).toMatchObject({
    glass: { by: "admin", reason: "production is down", freezes: [{ freeze: "everything" }] },
  });

  await request("d2");
  await until("d2", "waiting");
  await expect(breakGlass(admin, "d2")).rejects.toMatchObject({
    reason: "glass-review-open",
    message: expect.stringContaining("cim review close d1"),
  });
  const { data: open } = await ann.query("audit", "health", {});
  expect(open.openReviews).toMatchObject([{ deployment: "d1", by: "admin", reason: "production is down" }]);
  const close = (by: Client) => by.command("deployment", "d1", "close-review", { conclusion: "the alarm was right" });
  await expect(close(admin)).rejects.toMatchObject({ reason: "same-eyes" });
  await expect(close(olga)).rejects.toMatchObject({ code: "unauthorized" });
  await close(ann);
  await breakGlass(admin, "d2");
  await until("d2", "succeeded");

  const { data: verified } = await ann.query("audit", "verify", {});
  expect(verified).toMatchObject({ ok: true, findings: [] });
});
