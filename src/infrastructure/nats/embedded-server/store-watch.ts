import { open, rm, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Effect } from "effect";
import type { Storage } from "../storage.ts";
import { errorCode } from "./guardian.ts";
import type { EmbeddedServer } from "./mod.ts";

const lookEvery = "2 seconds";
/** A server that has failed to write is started again from this number of free bytes. */
const roomToGoOn = 16 * 1024 * 1024;
/** Below this number of free bytes, the server cannot even log a failure. */
const nothingLeft = 64 * 1024;

/** A log line of nats-server about a failed write. The server does not answer for that stream until it is restarted. */
const writeError = /critical write error|failed to store a msg|no space left on device|read-only file system/i;
/** The most bytes of the log that are read at a time. */
const mostRead = 256 * 1024;

/** Reads the new part of a log file, from the end of the previous read. */
class LogTail {
  readonly #path: string;
  #read: number | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  async next(): Promise<string> {
    const file = await open(this.#path).catch(() => undefined);
    if (file === undefined) return "";
    try {
      const { size } = await file.stat();
      const from = this.#read === undefined || size < this.#read ? Math.max(0, size - mostRead) : this.#read;
      const buffer = Buffer.alloc(Math.min(mostRead, size - from));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, size - buffer.length);
      this.#read = size;
      return buffer.subarray(0, bytesRead).toString();
    } finally {
      await file.close();
    }
  }
}

/**
 * Returns the server's folder in its store. An empty mount point does not have it, so it shows that the store is there.
 */
const folderIn = (store: string): string => join(store, "server");

const freeBytes = async (store: string): Promise<number> => {
  const { bavail, bsize } = await statfs(folderIn(store));
  return bavail * bsize;
};

/** Returns whether the store is gone or full. The server's log is not needed to see that. */
const isUnusable = (store: string): Promise<boolean> =>
  freeBytes(store).then(
    (free) => free < nothingLeft,
    () => true,
  );

/** The messages about a store, by the error code of a failed write. */
const sayings: Readonly<Record<string, string>> = {
  // After an error, a file system can be mounted again only when no process has files open.
  EROFS: "is read-only: mount it again so that it can be written (if it is busy, stop `cim up` first)",
  ENOENT: "is gone: bring it back where it was",
};

/** Returns why a store cannot be written; undefined if it has room and takes a file. */
const whyFull = async (store: string): Promise<string | undefined> => {
  const probe = join(folderIn(store), "room");
  try {
    const free = await freeBytes(store);
    if (free < roomToGoOn)
      return `has ${Math.floor(free / 1024 / 1024)} MiB left, and needs ${roomToGoOn / 1024 / 1024}: free some`;
    await writeFile(probe, Buffer.alloc(4_096));
    await rm(probe);
    return undefined;
  } catch (error) {
    const code = errorCode(error);
    return sayings[code] ?? `cannot be written (${code})`;
  }
};

/**
 * Watches the disk of the embedded server. If the server has failed to write, callers and the log get the reason. The
 * server is started again as soon as there is room, without an operator. Otherwise a disk that was full for a moment
 * would stop the installation until a person restarts it. No acknowledged message is lost, because all of them are on
 * disk.
 */
export const watchStore = Effect.fnUntraced(function* (server: EmbeddedServer, storage: Storage) {
  const tail = new LogTail(join(folderIn(server.store), "nats-server.log"));
  let failed = false;
  yield* Effect.promise(() => tail.next());
  const look = Effect.gen(function* () {
    const logged = yield* Effect.promise(() => tail.next());
    failed ||= writeError.test(logged) || storage.problem !== undefined;
    failed ||= yield* Effect.promise(() => isUnusable(server.store));
    if (!failed) return;
    const full = yield* Effect.promise(() => whyFull(server.store));
    if (full !== undefined) {
      if (storage.problem === undefined) yield* Effect.logError(`the store ${server.store} ${full}`);
      return storage.tell(`the store ${server.store} ${full}; then everything goes on by itself`);
    }
    yield* Effect.logWarning("nats-server can write again: it is restarted");
    yield* server.restart;
    yield* Effect.promise(() => tail.next());
    failed = false;
    storage.tell(undefined);
  });
  return yield* Effect.forever(Effect.andThen(look, Effect.sleep(lookEvery)));
});
