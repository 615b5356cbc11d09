import { readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Effect } from "effect";

/** The `code` of an error of Node.js. */
export const errorCode = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : String(error);

/** A file's text, empty where it cannot be read. */
export const readText = (path: string): Effect.Effect<string> =>
  Effect.promise(() => readFile(path, "utf8").catch(() => ""));

const alive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return errorCode(error) === "EPERM";
  }
};

/** True where `pid` runs and, as far as the system tells, works on this run folder (process ids are used again). */
const worksOn = Effect.fnUntraced(function* (pid: number, run: string) {
  if (!Number.isInteger(pid) || pid <= 0 || !alive(pid)) return false;
  const commandLine = yield* readText(`/proc/${pid}/cmdline`);
  return commandLine === "" ? process.platform !== "linux" : commandLine.includes(run);
});

/** Takes a lock away whose holder is dead; false while a guardian or a server lives. */
export const breakDeadLock = Effect.fnUntraced(function* (run: string) {
  const lock = join(run, "lock");
  const holder = yield* readText(lock);
  if (yield* worksOn(Number(holder), run)) return false;
  if (yield* worksOn(Number(yield* readText(join(run, "nats-server.pid"))), run)) return false;
  // Renaming is atomic: of two that find the lock dead only one takes it away, and a lock taken by mistake goes back.
  const taken = `${lock}.dead.${process.pid}`;
  return yield* Effect.promise(async () => {
    try {
      await rename(lock, taken);
      const mistaken = (await readFile(taken, "utf8")) !== holder;
      await (mistaken ? rename(taken, lock) : rm(taken));
      return !mistaken;
    } catch {
      return true;
    }
  });
});
