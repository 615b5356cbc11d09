import { Effect, type Scope } from "effect";
import { findServerBinary } from "./embedded-server-binary.ts";
import type { EmbeddedServerError } from "./embedded-server-errors.ts";
import { type ServerProcess, startServer } from "./embedded-server-process.ts";

/** A nats-server of our own: lives as long as its scope, never longer than our process. */
export interface EmbeddedServer {
  readonly url: string;
  /** Process id of the server that runs now: another one after a crash. */
  readonly pid: () => number;
  /** Absolute path of the directory that holds all its data. */
  readonly store: string;
}

/**
 * Starts the embedded nats-server, ready when this succeeds, and ends it with the scope. A server that dies is started
 * again on the same port and store.
 */
export const embeddedServer = Effect.fn("embeddedServer")(function* (options: {
  readonly store: string;
  /** -1: any free one. */
  readonly port?: number;
  readonly name?: string;
}): Effect.fn.Return<EmbeddedServer, EmbeddedServerError, Scope.Scope> {
  const binary = yield* findServerBinary(process.env);
  const settings = { binary, store: options.store, port: options.port ?? -1, name: options.name ?? "cim-leaf" };
  let running: ServerProcess = yield* Effect.acquireRelease(startServer(settings), () =>
    Effect.suspend(() => running.stop),
  );
  const { url, port, store } = running;
  const restart = Effect.gen(function* () {
    yield* running.ended;
    yield* Effect.logWarning(`nats-server ${running.pid} has ended: starting it again`);
    running = yield* Effect.uninterruptible(startServer({ ...settings, port }));
  }).pipe(Effect.catch((error) => Effect.logError(error.message).pipe(Effect.andThen(Effect.sleep("1 second")))));
  yield* Effect.forkScoped(Effect.forever(restart));
  return { url, pid: () => running.pid, store };
});
