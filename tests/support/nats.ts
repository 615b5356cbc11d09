import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Effect, type Layer, Schedule } from "effect";
import { type ConnectionFailed, NatsConnection } from "../../src/infrastructure/nats/connection.ts";
import { findServerBinary } from "../../src/infrastructure/nats/embedded-server/binary.ts";
import { type ServerProcess, startServer } from "../../src/infrastructure/nats/embedded-server/mod.ts";

/**
 * A real nats-server for a suite. `CIM_TEST_NATS` chooses which: unset, the embedded binary; `container`, the same
 * binary in a container; a URL, a running server, of which the suite gets a prefix of its own.
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

export const freePort = () =>
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

/** Connections of a suite, and the removal of what was made under the prefixes they had. */
const connections = (url: string) => {
  const prefix = freshPrefix();
  const used = new Set<string>();
  const connection = (other = prefix) => {
    used.add(other);
    return NatsConnection.layer({ servers: url, prefix: other });
  };
  const isOurs = (stream: string) =>
    [...used].some((ours) =>
      [`${ours.toUpperCase()}_`, `KV_${ours}_`, `OBJ_${ours}_`].some((start) => stream.startsWith(start)),
    );
  const removeStreams = Effect.gen(function* () {
    const { jsm } = yield* NatsConnection;
    yield* Effect.promise(async () => {
      const names: Array<string> = [];
      for await (const name of jsm.streams.names()) if (isOurs(name)) names.push(name);
      for (const name of names) await jsm.streams.delete(name);
    });
  });
  return {
    url,
    prefix,
    connection,
    removeStreams: () => Effect.runPromise(Effect.provide(removeStreams, NatsConnection.layer({ servers: url }))),
  };
};

const foreign = (url: string): TestNats => {
  const { removeStreams, ...suite } = connections(url);
  return { ...suite, controllable: false, stop: nothing, kill: nothing, start: nothing, dispose: removeStreams };
};

/** A server in a container, for a suite that is about containers. Others call `testNats`. */
export const containerNats = async (): Promise<TestNats> => {
  const { startNatsContainer } = await import("./containers/nats.ts");
  const server = await startNatsContainer(await freePort());
  const { removeStreams: _, ...suite } = connections(server.url);
  const answers = Effect.provide(Effect.asVoid(NatsConnection), NatsConnection.layer({ servers: server.url }));
  return {
    ...suite,
    controllable: true,
    stop: server.stop,
    kill: server.kill,
    start: async () => {
      await server.start();
      await Effect.runPromise(Effect.retry(answers, { times: 100, schedule: Schedule.spaced("100 millis") }));
    },
    dispose: server.dispose,
  };
};

const embedded = async (): Promise<TestNats> => {
  const store = await mkdtemp(join(tmpdir(), "cim-test-nats-"));
  const binary = await Effect.runPromise(findServerBinary(process.env));
  const port = await freePort();
  const start = () => Effect.runPromise(startServer({ binary, store, port, name: "cim-test" }));
  let server: ServerProcess = await start();
  const stop = () => Effect.runPromise(server.stop);
  const { removeStreams: _, ...suite } = connections(server.url);
  return {
    ...suite,
    controllable: true,
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
  if (choice === "container") return containerNats();
  return choice === "" ? embedded() : Promise.resolve(foreign(choice));
};
