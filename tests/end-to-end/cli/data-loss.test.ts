import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type Client, connect } from "../../../src/agents/kit/mod.ts";
import type { DeploymentDocument } from "../../../src/contract/views/deployments.ts";
import type { GraphDocument } from "../../../src/domain/graph/document.ts";
import { type BackendProcess, startBackend } from "../../support/backend-process.ts";
import { dangers, shop } from "../../support/dangers.ts";
import { cim } from "./cim.ts";

let folder = "";
let backend: BackendProcess;
let client: Client;
let deployments = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cim-data-"));
  backend = await startBackend("--port", "0", "--store", join(folder, "store"));
  client = await connect({ servers: backend.url, principal: "olga", timeoutMs: 60_000 });
  expect((await deploy(shop)).status).toBe("succeeded");
});
afterAll(async () => {
  await client.close();
  await backend.stop();
  await rm(folder, { recursive: true });
});

const ends = ["succeeded", "rolled-back", "rollback-incomplete", "failed", "rejected", "cancelled"];

const ended = async (id: string): Promise<DeploymentDocument> => {
  for (;;) {
    const { data } = await client.query("deployments", "get", { id });
    if (ends.includes(data.status)) return data as DeploymentDocument;
    await new Promise((wake) => setTimeout(wake, 100));
  }
};

const deploy = async (graph: GraphDocument, more: object = {}): Promise<DeploymentDocument> => {
  deployments += 1;
  const id = `d${deployments}`;
  await client.command("graph", graph.id, "import", graph);
  await client.command("deployment", id, "request", {
    graph: graph.id,
    target: "simulated",
    monitorSeconds: 0,
    ...more,
  });
  return ended(id);
};

/** What reviewers found about data, as the lines of the dangers say it. */
const linesOf = ({ findings }: DeploymentDocument): ReadonlyArray<string> =>
  findings
    .filter(({ rule }) => rule.startsWith("continuity/data-"))
    .map(({ severity, message }) => `${severity === "blocking" ? "!" : ""}${message}`);

test.each(dangers.map(({ name, ...danger }) => [name, danger] as const))("%s", async (_, { graph, lines }) => {
  const deployment = await deploy(graph);
  const { status } = deployment;
  const said = linesOf(deployment);
  expect(said.map((line, index) => line.slice(0, lines[index]?.length))).toEqual(lines);
  expect(status).toBe(lines.some((line) => line.startsWith("!")) ? "rejected" : "succeeded");
  if (status === "succeeded") expect((await deploy(shop)).status).toBe("succeeded");
});

test("a loss that the request accepts is put to the vote, is in the log, and is asked for again on the way back", async () => {
  const newer = dangers.find(({ name }) => name === "another major version")?.graph ?? shop;
  await expect(deploy(newer, { acceptDataLoss: ["sessions"] })).rejects.toThrow(/neither destroys nor empties/);
  const { id, status, acceptDataLoss, data, findings } = await deploy(newer, { acceptDataLoss: ["orders"] });
  expect({ status, acceptDataLoss }).toEqual({ status: "succeeded", acceptDataLoss: ["orders"] });
  expect(data).toMatchObject([{ host: "south", node: "orders", fate: "empty" }]);
  expect(findings.map(({ rule }) => rule)).toContain("continuity/data-loss-accepted");
  const { data: proposal } = await client.query("proposals", "get", { id });
  expect(proposal.subject).toMatchObject({ acceptDataLoss: ["orders"] });
  const { data: event } = await client.query("audit", "event", { id: `deployment.${id}.1` });
  expect(event.data).toMatchObject({ acceptDataLoss: ["orders"] });

  await expect(client.command("deployment", id, "roll-back", {})).rejects.toThrow(/orders on south becomes empty/);
  await client.command("deployment", id, "roll-back", { acceptDataLoss: ["orders"] });
  while ((await ended(id)).status !== "rolled-back") await new Promise((wake) => setTimeout(wake, 100));
});

test("plan and diff say it in a section of their own, with what accepts it", async () => {
  const [before, after] = [join(folder, "before.json"), join(folder, "after.json")];
  await writeFile(before, JSON.stringify(shop));
  await writeFile(after, JSON.stringify(dangers.find(({ name }) => name === "another device")?.graph));
  for (const command of [
    ["plan", after, "--reviews"],
    ["graph", "diff", before, after],
  ]) {
    const { code, stdout } = await cim([...command, ...(command[0] === "plan" ? ["--nats", backend.url] : [])]);
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining("\ndata\n") });
    expect(stdout).toContain(
      "orders on south becomes empty: it looks for its data in /var/lib/postgresql/16 (disk /dev/vdc)",
    );
    expect(stdout).toContain("--accept-data-loss disk,orders");
  }
});
