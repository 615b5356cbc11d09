import { type ChildProcess, spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Agent, openReplica } from "../../../src/agents/kit/mod.ts";
import { openReader } from "../../../src/agents/kit/reader.ts";
import { type ClosedLeaf, closedLeaf } from "../../support/closed.ts";

/*
 * The other way round: what each role needs works across the accounts.
 */

let leaf: ClosedLeaf;

beforeAll(async () => {
  leaf = await closedLeaf({
    ann: ["viewer", "participant", "designer", "operator"],
    worker: ["participant"],
    counter: ["participant"],
    eve: ["viewer"],
  });
}, 120_000);

afterAll(() => leaf?.dispose(), 60_000);

const first = async <A>(all: AsyncIterable<A>, wanted: (one: A) => boolean): Promise<A> => {
  for await (const one of all) if (wanted(one)) return one;
  throw new Error("it ended before");
};

test("an agent registers, gets a task from its inbox, and acknowledges it", async () => {
  const client = await leaf.connect("worker");
  const agent = await Agent.make({
    id: "worker",
    client,
    capabilities: ["sew"],
    heartbeatSeconds: 1,
    onTask: async () => ({ sewn: true }),
  });
  const ann = await leaf.connect("ann");
  await ann.command("task", "shirt", "submit", { type: "sewing", requiredCapabilities: ["sew"] });
  const { document } = await first(
    ann.watch("tasks", { id: "shirt" }, AbortSignal.timeout(60_000)),
    (change) => change.document?.status === "completed",
  );
  expect(document).toMatchObject({ result: { sewn: true } });
  const manager = await leaf.owner.jetstream.jetstreamManager();
  const { num_ack_pending } = await manager.consumers.info("CIM_INBOX", "agent-worker");
  expect(num_ack_pending).toBe(0);
  await agent.stop({ deregister: true });
});

test("the agent in plain JavaScript works with the client of old, its credentials and the CA", async () => {
  const folder = await mkdtemp(join(tmpdir(), "cim-plain-"));
  let agent: ChildProcess | undefined;
  try {
    await cp(resolve("examples/agents/plain"), folder, { recursive: true });
    await mkdir(join(folder, "node_modules"), { recursive: true });
    await symlink(process.env.CIM_TEST_NATS_2 ?? resolve("node_modules/nats-2"), join(folder, "node_modules/nats"));
    const [credentials, ca] = [join(folder, "counter.creds"), join(folder, "ca.pem")];
    await writeFile(credentials, await leaf.credentials("counter"));
    await writeFile(ca, leaf.ca);
    agent = spawn(process.execPath, [join(folder, "counter.js")], {
      env: { ...process.env, CIM_NATS: leaf.url, CIM_CREDENTIALS: credentials, CIM_CA: ca },
      stdio: ["ignore", "ignore", "inherit"],
    });
    const ann = await leaf.connect("ann");
    const task = { type: "count", requiredCapabilities: ["count-words"], payload: { text: "one two three" } };
    await ann.command("task", "count-1", "submit", task);
    const { document } = await first(
      ann.watch("tasks", { id: "count-1" }, AbortSignal.timeout(150_000)),
      (change) => change.document?.status === "completed",
    );
    expect(document).toMatchObject({ result: { words: 3 } });
  } finally {
    agent?.kill("SIGKILL");
    await rm(folder, { recursive: true, force: true });
  }
});

test("a viewer asks, watches and follows the feed, and gives no command", async () => {
  const [ann, eve] = [await leaf.connect("ann"), await leaf.connect("eve")];
  const signal = AbortSignal.timeout(60_000);
  const seen = first(eve.feed({ from: "start", aggregate: "knowledge" }, signal), () => true);
  const watched = first(eve.watch("knowledge", { id: "plants" }, signal), ({ document }) => document !== undefined);
  await ann.command("knowledge", "plants", "assert-fact", { subject: "oak", predicate: "is", object: "tree" });
  expect(await seen).toMatchObject({ aggregateId: "plants", actor: "ann" });
  expect((await watched).id).toBe("plants");
  expect((await eve.query("knowledge", "list", {})).data.items).toHaveLength(1);
  await expect(
    eve.command(
      "knowledge",
      "plants",
      "assert-fact",
      { subject: "a", predicate: "b", object: "c" },
      { timeoutMs: 2_000 },
    ),
  ).rejects.toThrow(/Permissions Violation|permission/i);
});

test("a replica of a space reads its log", async () => {
  const ann = await leaf.connect("ann");
  const replica = await openReplica({ client: ann, space: "plants", log: () => {} });
  replica.assertFact({ subject: "elm", predicate: "is", object: "tree" });
  await replica.synced(2);
  expect(replica.status()).toMatchObject({ version: 2, waiting: 0 });
  await replica.close();
});

test("a principal that nobody admitted has no role, whatever its key permits", async () => {
  const { addUser } = await import("../../../src/infrastructure/security/mod.ts");
  const { pushAccounts } = await import("../../../src/infrastructure/security/push.ts");
  const { accounts } = await addUser(leaf.folder, { name: "new", kind: "person", roles: ["participant"], days: 1 });
  await pushAccounts(leaf.folder, leaf.url, accounts);
  const somebody = await leaf.connect("new");
  await expect(
    somebody.command("knowledge", "plants", "assert-fact", { subject: "a", predicate: "b", object: "c" }),
  ).rejects.toMatchObject({ code: "unauthorized" });
  const statistics = await somebody.nats.request("$SRV.STATS.cim", "", { timeout: 20_000 });
  expect(statistics.json()).toMatchObject({
    refusals: { newest: [{ principal: "new", what: "knowledge.assert-fact", code: "unauthorized", count: 1 }] },
  });
});

test("the places of readers are bounded, and one that is not read is free again", async () => {
  const eve = await leaf.connect("eve");
  const source = { stream: "CIM_FEED", reading: "feed" };
  const opened = await Promise.all(
    Array.from({ length: 60 }, () =>
      openReader(eve, source, {}).then(
        () => "opened",
        (error: { readonly reason?: string }) => error.reason,
      ),
    ),
  );
  expect(new Set(opened)).toEqual(new Set(["opened", "too-many-readers"]));
  await expect(openReader(eve, { stream: "CIM_EVENTS", reading: "log" }, {})).rejects.toThrow();
});
