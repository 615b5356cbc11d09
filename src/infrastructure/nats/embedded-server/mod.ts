import { readdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Effect, Latch, Schedule, type Scope } from "effect";
import { defined } from "../../../domain/kernel/mod.ts";
import { makeDirectory } from "../../make-directory.ts";
import { findServerBinary } from "./binary.ts";
import {
  type EmbeddedServerError,
  failureOf,
  ServerFailed,
  StoreInUse,
  storeFull,
  storeNotWritable,
} from "./errors.ts";
import { breakDeadLock, ended, errorCode, type Guardian, hasEnded, launch, readText } from "./guardian.ts";

/** The embedded nats-server. It lives as long as its scope, and never longer than our process. */
export interface EmbeddedServer {
  readonly url: string;
  /** Returns the process id of the current server. It changes after a crash. */
  readonly pid: () => number;
  /** Absolute path of the directory that holds all its data. */
  readonly store: string;
  /** Ends the server in order, and waits until it has been started again. */
  readonly restart: Effect.Effect<void>;
}

/**
 * Starts the embedded nats-server and ends it with the scope. Succeeds when the server takes connections. A server that
 * dies is started again on the same port and store.
 */
export const embeddedServer = Effect.fn("embeddedServer")(function* (options: {
  readonly store: string;
  /** The default is -1: any free port. */
  readonly port?: number;
  readonly name?: string;
  readonly closed?: ServerOptions["closed"];
}): Effect.fn.Return<EmbeddedServer, EmbeddedServerError, Scope.Scope> {
  const binary = yield* findServerBinary(process.env);
  const { store: folder, port: wanted = -1, name = "cim-leaf", closed } = options;
  const settings = { binary, store: folder, port: wanted, name, ...defined({ closed }) };
  let running: ServerProcess = yield* Effect.acquireRelease(startServer(settings), () =>
    Effect.suspend(() => running.stop),
  );
  const { url, port, store } = running;
  let started = Latch.makeUnsafe(true);
  const restart = Effect.gen(function* () {
    yield* running.ended;
    yield* Effect.logWarning(`nats-server ${running.pid} has ended: it is started again`);
    running = yield* Effect.uninterruptible(startServer({ ...settings, port })).pipe(
      Effect.tapError((error) => Effect.logError(error.message)),
      Effect.retry(Schedule.spaced("1 second")),
    );
    started.openUnsafe();
  });
  yield* Effect.forkScoped(Effect.forever(restart));
  return {
    url,
    pid: () => running.pid,
    store,
    restart: Effect.suspend(() => {
      started = Latch.makeUnsafe(false);
      return Effect.andThen(running.stop, started.await);
    }),
  };
});

export interface ServerOptions {
  readonly binary: string;
  /** Directory of all its data. It is made if it is missing. */
  readonly store: string;
  /** -1 is any free port. */
  readonly port: number;
  readonly name: string;
  /**
   * Returns the part of the configuration that closes the server, at each start. Without it, any client may do
   * anything.
   */
  readonly closed?: () => Promise<string>;
}

/** A running server. */
export interface ServerProcess {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Absolute. */
  readonly store: string;
  /** Waits until the server has ended, for any reason. */
  readonly ended: Effect.Effect<void>;
  /** Ends the server in order, or by force after 10 s. */
  readonly stop: Effect.Effect<void>;
}

/** The settings of every nats-server of an installation, embedded or not. */
export const commonSettings = `max_payload: 8MB
# A client that is silent, such as a frozen backend, gets no requests any more after 9 s, not after 6 minutes.
ping_interval: "3s"
ping_max: 2
# What a client does not read is dropped for it. Otherwise the server reads less from the backend for ten seconds.
no_fast_producer_stall: true`;

const configuration = (options: ServerOptions, store: string, run: string, closed: string): string =>
  `server_name: ${JSON.stringify(options.name)}
listen: "127.0.0.1:${options.port}"
${commonSettings}
jetstream {
  store_dir: ${JSON.stringify(store)}
  # The disk is the limit. The default, 75 % of what was free at the start, stops a server that has room.
  max_file: 100TB
  # Acknowledged means on disk: the default two minutes lose acknowledged writes on power failure (Jepsen, nats-2.12.1).
  sync_interval: always
}
pid_file: ${JSON.stringify(join(run, "nats-server.pid"))}
ports_file_dir: ${JSON.stringify(run)}
log_file: ${JSON.stringify(join(run, "nats-server.log"))}
logfile_size_limit: 1MB
logfile_max_num: 3
${closed}`;

const prepare = (options: ServerOptions, store: string, run: string) =>
  Effect.tryPromise({
    try: async () => {
      await makeDirectory(run);
      const text = configuration(options, store, run, (await options.closed?.()) ?? "");
      await writeFile(join(run, "nats-server.conf"), text, { mode: 0o600 });
    },
    catch: (error) => {
      const code = errorCode(error);
      return code === "ENOSPC" || code === "EDQUOT" ? storeFull(store) : storeNotWritable(store, code);
    },
  });

/** Returns the last line about a failure, or else the last line, without its process id and time. */
const lastLine = (log: string): string => {
  const lines = log.split("\n").filter((line) => line.trim() !== "");
  const telling = lines.findLast((line) => /\[(?:FTL|ERR)\]/.test(line)) ?? lines.at(-1) ?? "";
  return telling.replace(/^\[\d+\] \S+ \S+ \[\w+\] /, "").trim();
};

const failure = Effect.fnUntraced(function* (run: string, store: string, port: number) {
  const log = yield* readText(join(run, "nats-server.log"));
  const output = yield* readText(join(run, "nats-server.out"));
  return yield* failureOf(lastLine(`${output}\n${log}`), store, port);
});

/** Returns the client port, from the file that the server writes when it listens. */
const readPort = Effect.fnUntraced(function* (run: string, pid: number) {
  const files = yield* Effect.promise(() => readdir(run).catch(() => []));
  const file = files.find((name) => name.endsWith(`_${pid}.ports`));
  if (file === undefined) return undefined;
  const port = /"nats":\s*\[\s*"[^"]*:(\d+)"/.exec(yield* readText(join(run, file)))?.[1];
  return port === undefined ? undefined : Number(port);
});

/** How long a start waits for an earlier server that is still leaving the same store. */
const untilStoreIsFree = Schedule.spaced("100 millis").pipe(Schedule.upTo({ duration: "5 seconds" }));

/** Starts a server and waits until it takes connections. */
export const startServer = Effect.fnUntraced(function* (
  options: ServerOptions,
): Effect.fn.Return<ServerProcess, EmbeddedServerError> {
  const store = resolve(options.store);
  const run = join(store, "server");
  const attempt: Effect.Effect<ServerProcess, EmbeddedServerError> = Effect.gen(function* () {
    yield* prepare(options, store, run);
    const [child, result] = yield* launch(options.binary, run);
    if (result.kind === "started") return yield* whenReady(options, store, run, child, result.pid);
    if (result.kind === "ended") return yield* failure(run, store, options.port);
    if (yield* breakDeadLock(run)) return yield* attempt;
    const pid = (yield* readText(join(run, "nats-server.pid"))).trim();
    return yield* new StoreInUse({
      store,
      message: `the store ${store} is in use by another nats-server (process ${pid}): stop it, or choose another directory with --store`,
    });
  });
  return yield* Effect.retry(attempt, { while: ({ _tag }) => _tag === "StoreInUse", schedule: untilStoreIsFree });
});

/** How long a server may take until it listens. It reads its whole store first. */
const startupSeconds = 120;
const untilReady = Schedule.spaced("20 millis").pipe(Schedule.upTo({ duration: `${startupSeconds} seconds` }));

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
    const look = Effect.gen(function* () {
      const listening = yield* readPort(run, pid);
      return listening === undefined && hasEnded(child) ? yield* failure(run, store, options.port) : listening;
    });
    const port = yield* Effect.repeat(look, { until: (found) => found !== undefined, schedule: untilReady });
    if (port !== undefined) return { url: `nats://127.0.0.1:${port}`, port, pid, store, ended: gone, stop };
    yield* stop;
    return yield* new ServerFailed({
      message: `nats-server was not ready after ${startupSeconds} s: see ${run}/nats-server.log`,
    });
  },
  (effect, _options, _store, _run, child) => Effect.onInterrupt(effect, () => Effect.sync(() => child.stdin.destroy())),
);
