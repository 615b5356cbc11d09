import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type Client, connect } from "../../src/agents/kit/mod.ts";
import { type BackendProcess, startBackend } from "../support/backend-process.ts";
import { type TestNats, testNats } from "../support/nats.ts";

/** The event that begins each phase of a deployment. */
const beginnings = {
  requested: "deployment-requested",
  discussing: "discussion-started",
  voting: "voting-started",
  generating: "deployment-approved",
  deploying: "deploying-started",
  monitoring: "monitoring-started",
} as const;

interface Commit {
  readonly aggregate: string;
  readonly id: string;
  readonly commandId: string;
  readonly events: ReadonlyArray<{ readonly type: string; readonly data: Record<string, unknown> }>;
}

const example = resolve(import.meta.dirname, "../../examples/five-services.json");
const ends = ["succeeded", "rolled-back", "rollback-incomplete", "failed", "rejected", "cancelled"];

let nats: TestNats;
let client: Client;
let store: string;
let backend: BackendProcess | undefined;

beforeEach(async () => {
  nats = await testNats();
  store = await mkdtemp(join(tmpdir(), "cim-chaos-"));
});

afterEach(async () => {
  await client?.close();
  await backend?.kill();
  await nats.dispose();
  await rm(store, { recursive: true, force: true });
});

const up = (...faults: ReadonlyArray<string>) =>
  startBackend("--nats", nats.url, "--prefix", nats.prefix, ...faults.flatMap((fault) => ["--fail", fault]));

/** Every commit of the log so far. */
const log = async (): Promise<ReadonlyArray<Commit>> => {
  const stream = `${nats.prefix.toUpperCase()}_EVENTS`;
  const consumer = await client.jetstream.consumers.get(stream);
  const { num_pending: pending } = await consumer.info();
  const commits: Array<Commit> = [];
  if (pending === 0) return commits;
  const messages = await consumer.consume();
  for await (const message of messages) {
    commits.push(message.json<Commit>());
    if (commits.length === pending) break;
  }
  return commits;
};

/** Resolves when an event of this type is in the log. */
const seen = async (type: string): Promise<void> => {
  const subscription = client.nats.subscribe(`${nats.prefix}.evt.deployment.>`);
  for await (const message of subscription) {
    if (message.json<Commit>().events.some((event) => event.type === type)) break;
  }
};

const deploy = async (id: string, change: (document: string) => string = (text) => text): Promise<void> => {
  const document = JSON.parse(change(await readFile(example, "utf8")));
  await client.command("graph", document.id, "import", document);
  await client.command("deployment", id, "request", {
    graph: document.id,
    target: "simulated",
    monitorSeconds: 2,
    timeoutSeconds: 120,
  });
};

const statusOf = async (id: string): Promise<{ status: string; hosts: ReadonlyArray<Record<string, unknown>> }> =>
  (await client.query("deployments", "get", { id })).data as never;

const ended = async (id: string) => {
  for (;;) {
    const deployment = await statusOf(id).catch(() => undefined);
    if (deployment !== undefined && ends.includes(deployment.status)) return deployment;
    await new Promise((resolveLater) => setTimeout(resolveLater, 200));
  }
};

/** What must be true of any log, however often processes died. */
const nothingTwice = (commits: ReadonlyArray<Commit>, deployment: string) => {
  const commandIds = commits.map(({ aggregate, id, commandId }) => `${aggregate}.${id} ${commandId}`);
  expect(new Set(commandIds).size).toBe(commandIds.length);
  const events = commits
    .filter(({ id }) => id === deployment || id.startsWith(`${deployment}-`))
    .flatMap((c) => c.events.map((event) => ({ ...event, aggregate: c.aggregate, id: c.id })));
  const steps = events
    .filter(({ type }) => type === "host-step-recorded")
    .map(({ data }) => `${data.host} ${data.step}`);
  expect(new Set(steps).size).toBe(steps.length);
  for (const type of Object.values(beginnings)) {
    expect(events.filter((event) => event.type === type).length).toBeLessThanOrEqual(1);
  }
  const ballots = events.filter(({ type }) => type === "ballot-cast").map(({ data }) => data.voter);
  expect(new Set(ballots).size).toBe(ballots.length);
  const reviews = events.filter(({ type }) => type === "review-recorded").map(({ data }) => data.reviewer);
  expect(new Set(reviews).size).toBe(reviews.length);
  const tasks = events.filter(({ type }) => type === "task-submitted").map(({ id }) => id);
  expect(new Set(tasks).size).toBe(tasks.length);
};

/** Kills the backend when a phase begins, starts it again, and waits for the deployment's end. */
const killedAt = async (beginning: string, faults: { readonly before?: string; readonly after?: string }) => {
  backend = await up(...(faults.before === undefined ? [] : [faults.before]));
  client = await connect({ servers: nats.url, prefix: nats.prefix, principal: "ada", timeoutMs: 60_000 });
  const begun = seen(beginning);
  await deploy("d1");
  await begun;
  await backend.kill();
  const later = faults.after ?? faults.before;
  backend = await up(...(later === undefined ? [] : [later]));
  const deployment = await ended("d1");
  nothingTwice(await log(), "d1");
  return deployment;
};

describe("a backend that is killed in a phase and started again goes on where it was", () => {
  test.each(Object.entries(beginnings))(
    "%s: the deployment succeeds",
    async (_phase, beginning) => {
      const deployment = await killedAt(beginning, {});
      expect(deployment.status).toBe("succeeded");
      for (const host of deployment.hosts) expect(host.status).toBe("confirmed");
    },
    120_000,
  );

  const failing = "gateway@leaf-1";
  test.each([
    ...Object.entries(beginnings).map(([phase, beginning]) => [phase, beginning] as const),
    ["rolling-back", "rollback-started"] as const,
  ])(
    "%s: a deployment that fails is rolled back",
    async (phase, beginning) => {
      // What fails in monitoring was healthy when it was deployed.
      const deployment = await killedAt(beginning, phase === "monitoring" ? { after: failing } : { before: failing });
      expect(deployment.status).toBe("rolled-back");
      expect(deployment.hosts.filter(({ previous }) => previous !== undefined).length).toBeGreaterThan(0);
      for (const host of deployment.hosts.filter(({ previous }) => previous !== undefined)) {
        expect(host.status).toBe("reverted");
      }
    },
    120_000,
  );
});
