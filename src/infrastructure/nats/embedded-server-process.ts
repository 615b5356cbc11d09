import { readdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Effect } from "effect";
import { makeDirectory } from "../make-directory.ts";
import {
  type EmbeddedServerError,
  failureOf,
  ServerFailed,
  StoreInUse,
  storeFull,
  storeNotWritable,
} from "./embedded-server-errors.ts";
import { ended, type Guardian, launch } from "./embedded-server-guardian.ts";
import { breakDeadLock, errorCode, readText } from "./embedded-server-lock.ts";

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

const prepare = (options: ServerOptions, store: string, run: string) =>
  Effect.tryPromise({
    try: async () => {
      await makeDirectory(run);
      await writeFile(join(run, "nats-server.conf"), configuration(options, store, run));
    },
    catch: (error) => {
      const code = errorCode(error);
      return code === "ENOSPC" || code === "EDQUOT" ? storeFull(store) : storeNotWritable(store, code);
    },
  });

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
    const [child, result] = yield* launch(options.binary, run);
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
