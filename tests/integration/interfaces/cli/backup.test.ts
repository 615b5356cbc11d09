import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Effect } from "effect";
import { Agent, type Client, connect } from "../../../../src/agents/kit/mod.ts";
import { backUp } from "../../../../src/infrastructure/nats/backup/backup.ts";
import { beginLog, writeLog } from "../../../../src/infrastructure/nats/backup/write-log.ts";
import { NatsConnection } from "../../../../src/infrastructure/nats/connection.ts";
import { audit } from "../../../../src/interfaces/cli/audit.ts";
import { backup, restore } from "../../../../src/interfaces/cli/transfer/backup.ts";
import { type TestLeaf, testLeaf } from "../../../support/leaf.ts";
import { runIn } from "../../../unit/interfaces/cli/harness.ts";

/** A backup of an installation that goes on meanwhile, and what becomes of it. */
let leaf: TestLeaf;
let folder = "";
let ada: Client;
const at = (name: string) => join(folder, name);

const cim = (prefix: string, ...args: ReadonlyArray<string>) =>
  runIn([audit, backup, restore], [...args, "--nats", leaf.nats.url, "--prefix", prefix]);

const onNats = <A>(prefix: string, use: (connection: NatsConnection["Service"]) => Promise<A>): Promise<A> =>
  Effect.runPromise(
    Effect.flatMap(NatsConnection, (connection) => Effect.promise(() => use(connection))).pipe(
      Effect.provide(leaf.nats.connection(prefix)),
    ),
  );

const fresh = () => `t${crypto.randomUUID().slice(0, 8)}`;

const streamsOf = (prefix: string) =>
  onNats(prefix, async ({ jsm }) => {
    const names: Array<string> = [];
    for await (const name of jsm.streams.names()) if (name.toLowerCase().includes(prefix)) names.push(name);
    return names;
  });

/** The export of a log, up to a position. */
const exported = async (prefix: string, ...more: ReadonlyArray<string>) => {
  const file = at(`${fresh()}.jsonl`);
  expect(await cim(prefix, "audit", "export", "--file", file, ...more)).toMatchObject({ code: 0 });
  return readFile(file, "utf8");
};
const withoutSource = (text: string) =>
  text
    .replaceAll(/"source":"[^"]*"/g, "")
    .split("\n")
    .slice(0, -2);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cim-backup-"));
  leaf = await testLeaf({ agents: true, simulatedStepMilliseconds: 5 });
  ada = await leaf.connect("ada");
  await leaf.grant(["ada", "bob"], "voter");
  const graph = JSON.parse(await readFile("examples/five-services.json", "utf8"));
  await ada.command("graph", graph.id, "import", graph);
  const times = { discussionSeconds: 1, votingSeconds: 5, monitorSeconds: 1 };
  await ada.command("deployment", "d-1", "request", { graph: graph.id, target: "simulated", ...times });
  for await (const { document } of ada.watch("deployments", { id: "d-1" }, AbortSignal.timeout(120_000)))
    if (document?.endedAt !== undefined) break;
  await ada.command("task", "waits", "submit", { type: "render", requiredCapabilities: ["rare"] });
  await ada.command("proposal", "open", "submit", {
    kind: "idea",
    title: "an idea",
    subject: {},
    electorate: ["ada", "bob"],
    votingSeconds: 5,
  });
  // Commands are given during the backup.
  const stop = new AbortController();
  const busy = (async () => {
    for (let count = 0; !stop.signal.aborted; count += 1)
      await ada.command("task", `t-${count}`, "submit", { type: "x", requiredCapabilities: ["rare"] });
  })();
  expect(await cim(leaf.nats.prefix, "backup", at("backup"))).toMatchObject({ code: 0 });
  stop.abort();
  await busy;
});
afterAll(async () => {
  await leaf.dispose();
  await rm(folder, { recursive: true });
});

test("a backup has the log up to a position, the artifacts that it names, and the simulated hosts", async () => {
  const { log, artifacts, hosts, unreadable } = JSON.parse(await readFile(at("backup/manifest.json"), "utf8"));
  expect(await readFile(at("backup/log.jsonl"), "utf8")).toBe(await exported(leaf.nats.prefix, "--to", String(log.to)));
  expect(artifacts.length).toBeGreaterThan(0);
  expect(await readdir(at("backup/artifacts"))).toEqual(artifacts);
  expect([hosts.entries, unreadable]).toEqual([2, []]);
});

test("a restored installation has the same log, and goes on from there", async () => {
  const prefix = fresh();
  const restored = await cim(prefix, "restore", at("backup"), "--json");
  expect(restored).toMatchObject({ code: 0 });
  expect(JSON.parse(restored.stdout)).toMatchObject({ ok: true, findings: [] });
  const { log } = JSON.parse(await readFile(at("backup/manifest.json"), "utf8"));
  expect(withoutSource(await exported(prefix))).toEqual(
    withoutSource(await exported(leaf.nats.prefix, "--to", String(log.to))),
  );
  const another = await leaf.another({ prefix });
  const client = await connect({ servers: leaf.nats.url, prefix, principal: "ada" });
  try {
    expect((await client.query("audit", "verify", {})).data).toMatchObject({ ok: true });
    const { data } = await client.query("deployments", "get", { id: "d-1" });
    expect(data).toEqual((await ada.query("deployments", "get", { id: "d-1" })).data);
    // A deadline that was set before the backup comes, and a task that waited is given to an agent.
    const signal = AbortSignal.timeout(120_000);
    for await (const { document } of client.watch("proposals", { id: "open" }, signal))
      if (document?.status === "expired") break;
    const taken: Array<string> = [];
    const worker = await Agent.make({
      id: "rare-one",
      connection: { servers: leaf.nats.url, prefix },
      capabilities: ["rare"],
      onTask: async ({ task }) => {
        taken.push(task.id);
        return {};
      },
      log: () => {},
    });
    for await (const { document } of client.watch("tasks", { id: "waits" }, signal))
      if (document?.status === "completed") break;
    await worker.stop();
    expect(taken).toContain("waits");
  } finally {
    await client.close();
    await another.close();
  }
});

describe("nothing is restored, and nobody says so,", () => {
  const refused = async (copy: string, message: string | RegExp) => {
    const prefix = fresh();
    const { code, stdout, stderr } = await cim(prefix, "restore", copy);
    expect(stderr).toMatch(message);
    expect([code, stdout]).toEqual([1, ""]);
    expect(await streamsOf(prefix)).toEqual([]);
  };
  const copied = async () => {
    const copy = at(fresh());
    await cp(at("backup"), copy, { recursive: true });
    return copy;
  };
  const flip = async (file: string, where: number) => {
    const bytes = await readFile(file);
    const place = Math.floor(bytes.length * where);
    bytes[place] = (bytes[place] ?? 0) ^ 1;
    await writeFile(file, bytes);
  };

  test("if a byte is flipped in any of its files", async () => {
    const [artifact = ""] = await readdir(at("backup/artifacts"));
    for (const [file, message] of [
      ["log.jsonl", /log\.jsonl: line \d+: .*use another copy/],
      [`artifacts/${artifact}`, `the artifact ${artifact} is damaged`],
      ["simulated-hosts.jsonl", "simulated-hosts.jsonl is damaged"],
    ] as const) {
      const copy = await copied();
      await flip(join(copy, file), 0.6);
      await refused(copy, message);
    }
    const copy = await copied();
    const manifest = await readFile(join(copy, "manifest.json"), "utf8");
    await writeFile(join(copy, "manifest.json"), manifest.replace(/"digest": "sha256-./, '"digest": "sha256-g'));
    await refused(copy, "its log is not that of the manifest");
  });

  test("if a file is missing", async () => {
    const [artifact = ""] = await readdir(at("backup/artifacts"));
    for (const [file, message] of [
      ["manifest.json", "is not a whole backup: manifest.json cannot be read"],
      ["log.jsonl", "log.jsonl"],
      [`artifacts/${artifact}`, `the artifact ${artifact} is missing`],
      ["simulated-hosts.jsonl", "simulated-hosts.jsonl is missing"],
    ] as const) {
      const copy = await copied();
      await rm(join(copy, file));
      await refused(copy, message);
    }
  });

  test("if the log is an older one, whole as it is", async () => {
    const copy = await copied();
    await writeFile(join(copy, "log.jsonl"), await exported(leaf.nats.prefix, "--to", "5"));
    await refused(copy, /its log ends at position 5, and that of the manifest at \d+: it is another log/);
  });

  test("if something is in the store", async () => {
    const { code, stdout, stderr } = await cim(leaf.nats.prefix, "restore", at("backup"));
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/the store is not empty: .* use an empty one with --store, or another --prefix/);
  });

  test("if it was cut off: no backend starts, and it can be run again", async () => {
    const prefix = fresh();
    const half = async function* () {
      yield { position: 1, subject: "task.t-1", data: Buffer.from("{}") };
    };
    await onNats(prefix, async (connection) => {
      await beginLog(connection, "cim restore");
      await writeLog(connection, half(), () => {});
    });
    await expect(leaf.another({ prefix })).rejects.toThrow(
      /the log .* is not whole: `cim restore` has not come to its end; run it again/,
    );
    const copied = await cim(prefix, "backup", at("of-half"));
    expect([copied.code, copied.stdout, copied.stderr]).toEqual([1, "", expect.stringContaining("is not whole")]);
    expect(await cim(prefix, "restore", at("backup"))).toMatchObject({ code: 0 });
    await (await leaf.another({ prefix })).close();
  });
});

test("a folder that is not empty gets no backup, and one that was cut off is none", async () => {
  expect(await cim(leaf.nats.prefix, "backup", at("backup"))).toMatchObject({ code: 1, stdout: "" });
  const following = { onPosition: () => {}, signal: AbortSignal.abort(new Error("stopped")) };
  await expect(
    onNats(leaf.nats.prefix, (connection) => backUp(connection, at("cut"), "0", following)),
  ).rejects.toThrow();
  expect(await readdir(at("cut"))).toEqual([]);
});

test("a log with what others wrote is imported as it is, if somebody accepts it", async () => {
  const [from, to] = [fresh(), fresh()];
  await (await leaf.another({ prefix: from, agents: false })).close();
  await onNats(from, ({ js }) => js.publish(`${from}.evt.task.x`, "hello"));
  const file = at("foreign.jsonl");
  await writeFile(file, await exported(from));
  const refused = await cim(to, "audit", "import", file);
  expect([refused.code, refused.stdout]).toEqual([1, ""]);
  expect(refused.stderr).toContain("a foreign message: it is not JSON");
  await expect(leaf.another({ prefix: to })).rejects.toThrow("`cim audit import` has not come to its end");
  expect(await cim(to, "audit", "import", file, "--with-findings")).toMatchObject({ code: 0 });
  expect(withoutSource(await exported(to))).toEqual(withoutSource(await exported(from)));
});

test("a part of a log is exported, and not imported", async () => {
  const file = at("part.jsonl");
  await writeFile(file, await exported(leaf.nats.prefix, "--from", "3", "--to", "6"));
  const { code, stderr } = await cim(fresh(), "audit", "import", file);
  expect(code).toBe(1);
  expect(stderr).toContain("begins at position 3: a log is imported from its first position on");
  const lines = await cim(leaf.nats.prefix, "audit", "export", "--to", "2");
  expect(lines.stdout.split("\n").map((line) => line.slice(0, 20))).toHaveLength(4);
  expect(await cim(leaf.nats.prefix, "audit", "export", "--from", "99999999")).toMatchObject({ code: 1, stdout: "" });
  expect((await cim(fresh(), "audit", "export")).stderr).toContain("there is no log");
});
