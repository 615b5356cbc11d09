import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { connect, type KnowledgeReplica, openReplica } from "../../src/agents/kit/mod.ts";
import { type Installation, installation } from "../support/installation.ts";

/** Replicas and backends as processes of their own, which are killed while they write. */
let leaf: Installation;
let folder: string;
const script = resolve(import.meta.dirname, "../support/replica-writer.ts");

beforeEach(async () => {
  leaf = await installation();
  folder = await mkdtemp(join(tmpdir(), "cim-chaos-replica-"));
});

afterEach(async () => {
  await leaf.dispose();
  await rm(folder, { recursive: true, force: true });
});

/** Writes for a while, and is killed with SIGKILL; the ids that it said were on the disk. */
const writer = async (principal: string, first: number, milliseconds: number): Promise<ReadonlyArray<string>> => {
  const { url, prefix } = leaf.nats;
  const child = spawn(
    process.execPath,
    [script, url, prefix, principal, "chaos", join(folder, principal), `${first}`],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  await once(child.stdout, "data");
  await sleep(milliseconds);
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
  return said.split("\n").slice(0, -1);
};

const open = async (principal: string): Promise<KnowledgeReplica> => {
  const { url: servers, prefix } = leaf.nats;
  const client = await connect({ servers, prefix, principal });
  const replica = await openReplica({ client, space: "chaos", file: join(folder, principal), log: () => {} });
  return { ...replica, close: () => replica.close().then(() => client.close()) };
};

test("writers and backends that are killed lose nothing that was kept, and all come to the same bytes", async () => {
  let backend = await leaf.up("--no-agents");
  const writers = ["ada", "bob", "cyd"];
  const rounds = [0, 1_000_000].map((first) => () => Promise.all(writers.map((name) => writer(name, first, 1_500))));
  const kept: Array<string> = [];
  for (const round of rounds) {
    const writing = round();
    await sleep(2_500);
    await backend.kill();
    kept.push(...(await writing).flat());
    backend = await leaf.up("--no-agents");
  }
  expect(kept.length).toBeGreaterThan(10);
  const replicas = await Promise.all([...writers, "dan"].map(open));
  for (const replica of replicas) await replica.synced(kept.length);
  const last = Math.max(...replicas.map((replica) => replica.status().version));
  for (const replica of replicas) await replica.synced(last);
  const [bytes, ...others] = replicas.map((replica) => replica.export());
  for (const other of others) expect(other).toBe(bytes);
  const { base } = replicas[0]?.knowledge() ?? { base: undefined };
  expect(kept.filter((id) => base?.has(id) !== true)).toEqual([]);
  await Promise.all(replicas.map((replica) => replica.close()));
  await backend.stop();
});
