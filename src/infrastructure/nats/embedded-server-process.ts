import { type ChildProcessByStdio, spawn } from "node:child_process";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Readable, Writable } from "node:stream";
import { Effect } from "effect";
import {
  type EmbeddedServerError,
  failureOf,
  ServerFailed,
  StoreInUse,
  storeFull,
  storeNotWritable,
} from "./embedded-server-errors.ts";

export interface ServerOptions {
  readonly binary: string;
  /** Directory of all its data; made where it is not there. */
  readonly store: string;
  /** -1: any free one. */
  readonly port: number;
  readonly name: string;
}

/** A running server. */
export interface ServerProcess {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Absolute. */
  readonly store: string;
  /** Waits until it has ended, whatever the reason. */
  readonly ended: Effect.Effect<void>;
  /** Ends it in order, or by force after 10 s. */
  readonly stop: Effect.Effect<void>;
}

/**
 * Runs the server and outlives it: it holds the store's lock for as long as the server runs, and ends the server when
 * its standard input is closed, which the kernel does when our process dies in any way.
 * Arguments: binary, run folder. Exit code 75: the lock is held. A background job's own standard input would be
 * /dev/null, hence file descriptor 3.
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
} 2>/dev/null &
watcher=$!
trap 'kill -TERM $server' TERM INT
echo "$server"
wait $server
while kill -0 $server 2>/dev/null; do wait $server; done
kill $watcher 2>/dev/null
rm -f "$run/lock"
`;

const lockHeld = 75;

const configuration = (options: ServerOptions, store: string, run: string): string =>
  `server_name: ${JSON.stringify(options.name)}
listen: "127.0.0.1:${options.port}"
max_payload: 8MB
jetstream {
  store_dir: ${JSON.stringify(store)}
  # Acknowledged means on disk: the default two minutes lose acknowledged writes on power failure (Jepsen, nats-2.12.1).
  sync_interval: always
}
pid_file: ${JSON.stringify(join(run, "nats-server.pid"))}
ports_file_dir: ${JSON.stringify(run)}
log_file: ${JSON.stringify(join(run, "nats-server.log"))}
logfile_size_limit: 1MB
logfile_max_num: 3
`;

const errorCode = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : String(error);

const prepare = (options: ServerOptions, store: string, run: string) =>
  Effect.tryPromise({
    try: async () => {
      await mkdir(run, { recursive: true });
      await writeFile(join(run, "nats-server.conf"), configuration(options, store, run));
    },
    catch: (error) => {
      const code = errorCode(error);
      return code === "ENOSPC" || code === "EDQUOT" ? storeFull(store) : storeNotWritable(store, code);
    },
  });

const readText = (path: string): Effect.Effect<string> => Effect.promise(() => readFile(path, "utf8").catch(() => ""));

/** The last line that says something, without its process id and time. */
const lastLine = (log: string): string => {
  const lines = log.split("\n").filter((line) => line.trim() !== "");
  const telling = lines.findLast((line) => /\[(?:FTL|ERR)\]/.test(line)) ?? lines.at(-1) ?? "";
  return telling.replace(/^\[\d+\] \S+ \S+ \[\w+\] /, "").trim();
};

const failure = Effect.fnUntraced(function* (run: string, store: string, port: number) {
  const log = yield* readText(join(run, "nats-server.log"));
  const output = yield* readText(join(run, "nats-server.out"));
  return failureOf(lastLine(`${output}\n${log}`), store, port);
});

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
const breakDeadLock = Effect.fnUntraced(function* (run: string) {
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

type Guardian = ChildProcessByStdio<Writable, Readable, null>;

type Launch =
  | { readonly kind: "locked" }
  | { readonly kind: "ended" }
  | { readonly kind: "started"; readonly pid: number };

const launch = (options: ServerOptions, run: string) =>
  Effect.callback<readonly [Guardian, Launch]>((resume) => {
    // A session of its own: a Ctrl-C in the terminal is for us, and we end the server last.
    const child = spawn("/bin/sh", ["-c", guardian, "cim-nats-guardian", options.binary, run], {
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

const ended = (child: Guardian): Effect.Effect<void> =>
  Effect.callback<void>((resume) => {
    const done = () => resume(Effect.void);
    if (child.exitCode !== null || child.signalCode !== null) return done();
    child.once("exit", done);
    return Effect.sync(() => child.removeListener("exit", done));
  });

/** The client port out of the file that the server writes once it listens. */
const readPort = Effect.fnUntraced(function* (run: string, pid: number) {
  const files = yield* Effect.promise(() => readdir(run).catch(() => []));
  const file = files.find((name) => name.endsWith(`_${pid}.ports`));
  if (file === undefined) return undefined;
  const port = /"nats":\s*\[\s*"[^"]*:(\d+)"/.exec(yield* readText(join(run, file)))?.[1];
  return port === undefined ? undefined : Number(port);
});

/** How long a start waits for a server that is still going away from the same store. */
const patienceMs = 5_000;
const lockPollMs = 100;
/** How long a server may take until it listens: it reads its whole store first. */
const startupMs = 120_000;
const pollMs = 20;

/** Starts a server and waits until it takes connections. */
export const startServer = Effect.fnUntraced(function* (
  options: ServerOptions,
): Effect.fn.Return<ServerProcess, EmbeddedServerError> {
  const store = resolve(options.store);
  const run = join(store, "server");
  for (let waited = 0; ; waited += lockPollMs) {
    yield* prepare(options, store, run);
    const [child, result] = yield* launch(options, run);
    if (result.kind === "started") return yield* whenReady(options, store, run, child, result.pid);
    if (result.kind === "ended") return yield* yield* failure(run, store, options.port);
    if (yield* breakDeadLock(run)) continue;
    if (waited >= patienceMs)
      return yield* new StoreInUse({
        store,
        message: `the store ${store} is in use by another nats-server (process ${(yield* readText(join(run, "nats-server.pid"))).trim()}): stop it, or choose another directory with --store`,
      });
    yield* Effect.sleep(lockPollMs);
  }
});

const whenReady = Effect.fnUntraced(
  function* (
    options: ServerOptions,
    store: string,
    run: string,
    child: Guardian,
    pid: number,
  ): Effect.fn.Return<ServerProcess, EmbeddedServerError> {
    const gone = ended(child);
    const stop = Effect.suspend(() => {
      child.stdin.destroy();
      return gone;
    });
    for (let waited = 0; waited < startupMs; waited += pollMs) {
      const port = yield* readPort(run, pid);
      if (port !== undefined) return { url: `nats://127.0.0.1:${port}`, port, pid, store, ended: gone, stop };
      if (child.exitCode !== null || child.signalCode !== null) return yield* yield* failure(run, store, options.port);
      yield* Effect.sleep(pollMs);
    }
    yield* stop;
    return yield* new ServerFailed({
      message: `nats-server was not ready after ${startupMs / 1000} s: see ${run}/nats-server.log`,
    });
  },
  (effect, _options, _store, _run, child) => Effect.onInterrupt(effect, () => Effect.sync(() => child.stdin.destroy())),
);
