import { type ChildProcessByStdio, spawn } from "node:child_process";
import { readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { Effect } from "effect";

/**
 * The shell that runs the server and outlives it. It holds the store's lock as long as the server runs. It ends the
 * server when its standard input closes. The kernel closes that input when our process dies in any way.
 *
 * The failure that this prevents: a process that is killed would leave a server behind. The next process would start a
 * second server on the same store, and two servers destroy a store.
 *
 * Arguments: binary, run folder. Exit code 75: the lock is held. File descriptor 3 is there because the standard input
 * of a background job is /dev/null.
 */
const guardian = `
binary=$1 run=$2
echo $$ >"$run/lock.$$" || exit 1
ln "$run/lock.$$" "$run/lock" 2>/dev/null || { rm -f "$run/lock.$$"; exit 75; }
rm -f "$run/lock.$$" "$run"/*.ports
if [ -e "$run/nats-server.log" ]; then mv -f "$run/nats-server.log" "$run/nats-server.log.previous"; fi
exec 3<&0
"$binary" --config "$run/nats-server.conf" >"$run/nats-server.out" 2>&1 3<&- &
server=$!
{
  while read -r _ <&3; do :; done
  kill -TERM $server
  for second in 1 2 3 4 5 6 7 8 9 10; do sleep 1; kill -0 $server || exit; done
  kill -KILL $server
} >/dev/null 2>&1 &
watcher=$!
trap 'kill -TERM $server' TERM INT
echo "$server"
wait $server
while kill -0 $server 2>/dev/null; do wait $server; done
kill $watcher 2>/dev/null
rm -f "$run/lock"
`;

const lockHeld = 75;

/** The running guardian. */
export type Guardian = ChildProcessByStdio<Writable, Readable, null>;

/** The result of a launch. It is `locked` if another guardian has the store. */
export type Launch =
  | { readonly kind: "locked" }
  | { readonly kind: "ended" }
  | { readonly kind: "started"; readonly pid: number };

/** Starts a server under a guardian; `run` is the folder of its configuration, logs and lock. */
export const launch = (binary: string, run: string) =>
  Effect.callback<readonly [Guardian, Launch]>((resume) => {
    // A session of its own: a Ctrl-C in the terminal is for us, and we end the server last.
    const child = spawn("/bin/sh", ["-c", guardian, "cim-nats-guardian", binary, run], {
      stdio: ["pipe", "pipe", "ignore"],
      detached: true,
    });
    child.stdin.on("error", () => {});
    child.once("error", () => resume(Effect.succeed([child, { kind: "ended" }])));
    child.once("exit", (code) => resume(Effect.succeed([child, { kind: code === lockHeld ? "locked" : "ended" }])));
    child.stdout.once("data", (line: Buffer) =>
      resume(Effect.succeed([child, { kind: "started", pid: Number(line.toString()) }])),
    );
    return Effect.sync(() => child.stdin.destroy());
  });

/** Returns whether the guardian, and so its server, has ended. */
export const hasEnded = (child: Guardian): boolean => child.exitCode !== null || child.signalCode !== null;

/** Waits until the guardian, and so its server, has ended. */
export const ended = (child: Guardian): Effect.Effect<void> =>
  Effect.callback<void>((resume) => {
    const done = () => resume(Effect.void);
    if (hasEnded(child)) return done();
    child.once("exit", done);
    return Effect.sync(() => child.removeListener("exit", done));
  });

/** Returns the `code` of an error of Node.js. */
export const errorCode = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : String(error);

/** Returns the text of a file; empty if it cannot be read. */
export const readText = (path: string): Effect.Effect<string> =>
  Effect.promise(() => readFile(path, "utf8").catch(() => ""));

const alive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return errorCode(error) === "EPERM";
  }
};

/**
 * Returns whether `pid` runs. If the system shows its command line, that must also name this run folder. Otherwise the
 * id belongs to another program by now.
 */
const worksOn = Effect.fnUntraced(function* (pid: number, run: string) {
  if (!Number.isInteger(pid) || pid <= 0 || !alive(pid)) return false;
  const commandLine = yield* readText(`/proc/${pid}/cmdline`);
  return commandLine === "" ? process.platform !== "linux" : commandLine.includes(run);
});

/** Removes the lock of a dead holder. Returns false while a guardian or a server lives. */
export const breakDeadLock = Effect.fnUntraced(function* (run: string) {
  const lock = join(run, "lock");
  const holder = yield* readText(lock);
  if (yield* worksOn(Number(holder), run)) return false;
  if (yield* worksOn(Number(yield* readText(join(run, "nats-server.pid"))), run)) return false;
  // Renaming is atomic. If two processes find a dead lock, only one takes it. A lock that is not the dead one goes
  // back.
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
