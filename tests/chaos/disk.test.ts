import { readFile, rename, rm, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type Client, connect } from "../../src/agents/kit/mod.ts";
import { type BackendProcess, startBackend } from "../support/backend-process.ts";
import { describeIfPossible } from "../support/describe-if-possible.ts";
import { type Disk, describeWithDisk, ext4Disk, slowReason, tmpfsDisk } from "../support/disks.ts";

let disk: Disk;
let backend: BackendProcess;
let client: Client;

const up = async () => {
  backend = await startBackend("--store", join(disk.folder, "data"), "--port", "0", "--no-agents", "--no-console");
  client = await connect({ servers: backend.url, principal: "ada", timeoutMs: 12_000 });
};

/** Starts a backend on a disk for the tests of a group, and ends both after them. */
const onDisk = (make: () => Disk) => {
  beforeAll(async () => {
    disk = make();
    await up();
  });
  afterAll(async () => {
    await client.close();
    await backend.kill();
    await disk.dispose();
  });
};

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

const smallDisk = () => tmpfsDisk("64m");

describeWithDisk("a small disk", smallDisk, () => {
  onDisk(smallDisk);

  test("a full disk is said in words, loses nothing, and all goes on by itself when there is room", async () => {
    const filler = join(disk.folder, "filler");
    const { bavail, bsize } = await statfs(disk.folder);
    await writeFile(filler, Buffer.alloc(Math.max(0, bavail * bsize - 2 * 1024 * 1024)));
    const acknowledged = await untilRefused("MiB left");
    expect((await client.query("audit", "health", {})).data).toMatchObject({ ready: false });
    await rm(filler);
    await untilTaken();
    await expectAllThere(acknowledged);
    expect(backend.errors()).toContain("nats-server can write again: it is restarted");
  });

  test("a store that is gone is said in words, and all goes on by itself when it is back", async () => {
    await rename(join(disk.folder, "data"), join(disk.folder, "away"));
    const acknowledged = await untilRefused("is gone", 10);
    await rename(join(disk.folder, "away"), join(disk.folder, "data"));
    await untilTaken();
    await expectAllThere(acknowledged);
  });
});

describeWithDisk("a real file system", ext4Disk, () => {
  onDisk(ext4Disk);

  describeIfPossible("a slow disk", "a bound for writes", slowReason, () => {
    test("makes answers late, and nothing else", async () => {
      const pid = Number(await readFile(join(disk.folder, "data", "server", "nats-server.pid"), "utf8"));
      const end = disk.slowDown(pid, 10);
      const acknowledged: Array<number> = [];
      for (const id of ["slow-1", "slow-2", "slow-3", "slow-4", "slow-5"])
        acknowledged.push((await client.command("graph", id, "import", { id, nodes: [], edges: [] })).position);
      expect((await client.query("audit", "health", {})).data).toMatchObject({ ready: true });
      end();
      await expectAllThere(acknowledged);
    });
  });

  test("a disk that goes read-only is said in words, loses nothing, and all goes on when it is mounted again", async () => {
    const id = "before";
    const { position } = await client.command("graph", id, "import", { id, nodes: [], edges: [] });
    disk.becomeReadOnly();
    const acknowledged = await untilRefused("is read-only", 10);
    expect((await client.query("audit", "health", {})).data).toMatchObject({ ready: false });
    expect((await client.query("graphs", "get", { id })).data).toMatchObject({ id });
    await client.close();
    await backend.stop();
    disk.repair();
    await up();
    await untilTaken();
    await expectAllThere([position, ...acknowledged]);
  });
});
