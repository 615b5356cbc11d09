import { open, rm, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Effect } from "effect";
import type { Storage } from "../storage.ts";
import { errorCode } from "./guardian.ts";
import type { EmbeddedServer } from "./mod.ts";

const lookEvery = "2 seconds";
/** Free bytes from which on a server that has failed to write is started again. */
const roomToGoOn = 16 * 1024 * 1024;
/** Free bytes below which the server cannot even log that it has failed. */
const nothingLeft = 64 * 1024;

/** What nats-server logs when a file cannot be written. It answers nothing for the stream then, until it is started again. */
const writeError = /critical write error|failed to store a msg|no space left on device|read-only file system/i;
/** The most of the log that is read at a time. */
const mostRead = 256 * 1024;

/** Reads what is new in a log file, from the end that was read last. */
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

/** The folder that the server has in its store. It is there if the store is, and not only the place where it was mounted. */
const folderIn = (store: string): string => join(store, "server");

const freeBytes = async (store: string): Promise<number> => {
  const { bavail, bsize } = await statfs(folderIn(store));
  return bavail * bsize;
};

/** Whether the server cannot write, as can be seen without its log: the store has gone, or has nothing left. */
const isUnusable = (store: string): Promise<boolean> =>
  freeBytes(store).then(
    (free) => free < nothingLeft,
    () => true,
  );

/** What is said of a store that cannot be written for this error. */
const sayings: Readonly<Record<string, string>> = {
  // A file system that has found an error can be mounted anew only when nobody has files open.
  EROFS: "is read-only: mount it again so that it can be written (if it is busy, stop `cim up` first)",
  ENOENT: "is gone: bring it back where it was",
};

/** Why nothing can be written to a store; undefined if there is room and it takes a file. */
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
 * Watches the disk of the embedded server. If the server has failed to write, everybody is told what is wrong, and it is
 * started again as soon as there is room: nobody else has to do that. Nothing that was acknowledged is lost, because that
 * is on the disk.
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
    yield* Effect.logWarning(`nats-server could not write, and can now: it is started again`);
    yield* server.restart;
    yield* Effect.promise(() => tail.next());
    failed = false;
    storage.tell(undefined);
  });
  return yield* Effect.forever(Effect.andThen(look, Effect.sleep(lookEvery)));
});
