import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Effect, type Layer } from "effect";
import { type ConnectionFailed, NatsConnection } from "../../src/infrastructure/nats/connection.ts";
import { findServerBinary } from "../../src/infrastructure/nats/embedded-server-binary.ts";
import { type ServerProcess, startServer } from "../../src/infrastructure/nats/embedded-server-process.ts";

/**
 * A real nats-server for a suite. `CIM_TEST_NATS` chooses which: unset, the embedded binary; a URL, a running server,
 * of which the suite gets a prefix of its own.
 */
export interface TestNats {
  readonly url: string;
  /** Unique to the suite. */
  readonly prefix: string;
  /** False on a server that is not ours: chaos tests are left out there. */
  readonly controllable: boolean;
  readonly connection: (prefix?: string) => Layer.Layer<NatsConnection, ConnectionFailed>;
  /** Ends the server in order. */
  readonly stop: () => Promise<void>;
  /** Kills the server with SIGKILL. */
  readonly kill: () => Promise<void>;
  /** Starts it again on the same port and store. */
  readonly start: () => Promise<void>;
  /** Ends the server and removes its store. */
  readonly dispose: () => Promise<void>;
}

const freshPrefix = () => `t${crypto.randomUUID().slice(0, 8)}`;

const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });

const nothing = () => Promise.resolve();

const foreign = (url: string): TestNats => {
  const prefix = freshPrefix();
  return {
    url,
    prefix,
    controllable: false,
    connection: (other = prefix) => NatsConnection.layer({ servers: url, prefix: other }),
    stop: nothing,
    kill: nothing,
    start: nothing,
    dispose: nothing,
  };
};

const embedded = async (): Promise<TestNats> => {
  const store = await mkdtemp(join(tmpdir(), "cim-test-nats-"));
  const binary = await Effect.runPromise(findServerBinary(process.env));
  const port = await freePort();
  const start = () => Effect.runPromise(startServer({ binary, store, port, name: "cim-test" }));
  let server: ServerProcess = await start();
  const prefix = freshPrefix();
  const stop = () => Effect.runPromise(server.stop);
  return {
    url: server.url,
    prefix,
    controllable: true,
    connection: (other = prefix) => NatsConnection.layer({ servers: server.url, prefix: other }),
    stop,
    kill: async () => {
      process.kill(server.pid, "SIGKILL");
      await Effect.runPromise(server.ended);
    },
    start: async () => {
      server = await start();
    },
    dispose: async () => {
      await stop();
      await rm(store, { recursive: true, force: true });
    },
  };
};

/** Starts, or finds, the server for a suite: call it in `beforeAll` and `dispose` in `afterAll`. */
export const testNats = (): Promise<TestNats> => {
  const choice = process.env.CIM_TEST_NATS ?? "";
  return choice === "" ? embedded() : Promise.resolve(foreign(choice));
};
