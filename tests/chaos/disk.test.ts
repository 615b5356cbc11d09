import { spawnSync } from "node:child_process";
import { mkdtemp, rename, rm, statfs, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type Client, connect } from "../../src/agents/kit/mod.ts";
import { type BackendProcess, startBackend } from "../support/backend-process.ts";

let store: string;
let backend: BackendProcess;
let client: Client;
/** Whether a small disk can be had: only root may mount one. */
let isSmall = false;

const mount = (...given: ReadonlyArray<string>) => spawnSync("mount", given).status === 0;

beforeAll(async () => {
  store = await mkdtemp(join(tmpdir(), "cim-disk-"));
  isSmall = process.platform === "linux" && mount("-t", "tmpfs", "-o", "size=64m", "tmpfs", store);
  if (!isSmall) return;
  backend = await startBackend("--store", join(store, "data"), "--port", "0", "--no-agents", "--no-console");
  client = await connect({ servers: backend.url, principal: "ada", timeoutMs: 12_000 });
});

afterAll(async () => {
  await client?.close();
  await backend?.kill();
  if (isSmall) spawnSync("umount", ["-l", store]);
  await rm(store, { recursive: true, force: true });
});

const sleep = (milliseconds: number) => new Promise((wake) => setTimeout(wake, milliseconds));

/** Gives commands until one is refused in these words. Returns the positions of those that were acknowledged. */
const untilRefused = async (words: string, bytes = 100_000): Promise<ReadonlyArray<number>> => {
  const acknowledged: Array<number> = [];
  for (let number = 0; ; number += 1) {
    const id = `g-${Date.now()}-${number}`;
    try {
      const large = { id, description: "x".repeat(bytes), nodes: [], edges: [] };
      acknowledged.push((await client.command("graph", id, "import", large)).position);
    } catch (error) {
      if (String(error).includes(words)) return acknowledged;
    }
  }
};

/** Waits until commands are taken again. */
const untilTaken = async (): Promise<void> => {
  const id = `after-${Date.now()}`;
  const isTaken = () =>
    client.command("graph", id, "import", { id, nodes: [], edges: [] }).then(
      () => true,
      () => false,
    );
  while (!(await isTaken())) await sleep(200);
};

const expectAllThere = async (positions: ReadonlyArray<number>): Promise<void> => {
  const manager = await client.jetstream.jetstreamManager();
  for (const seq of positions)
    expect(await manager.streams.getMessage(client.names.streams.events, { seq })).not.toBeNull();
  expect((await client.query("audit", "verify", {})).data).toMatchObject({ ok: true });
};

test("a full disk is said in words, loses nothing, and all goes on by itself when there is room", async () => {
  if (!isSmall) return;
  const filler = join(store, "filler");
  const { bavail, bsize } = await statfs(store);
  await writeFile(filler, Buffer.alloc(Math.max(0, bavail * bsize - 2 * 1024 * 1024)));
  const acknowledged = await untilRefused("MiB left");
  expect((await client.query("audit", "health", {})).data).toMatchObject({ ready: false });
  await rm(filler);
  await untilTaken();
  await expectAllThere(acknowledged);
  expect(backend.errors()).toContain("can now: it is started again");
});

test("a store that is gone is said in words, and all goes on by itself when it is back", async () => {
  if (!isSmall) return;
  await rename(join(store, "data"), join(store, "away"));
  const acknowledged = await untilRefused("is gone", 10);
  await rename(join(store, "away"), join(store, "data"));
  await untilTaken();
  await expectAllThere(acknowledged);
});
