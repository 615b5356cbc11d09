import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { Effect } from "effect";
import { findServerBinary } from "../../src/infrastructure/nats/embedded-server/binary.ts";

/** One nats-server of a cluster, which can be killed and frozen. */
export interface ClusterServer {
  readonly name: string;
  readonly url: string;
  readonly kill: () => Promise<void>;
  /** Starts it again on the same store. */
  readonly start: () => Promise<void>;
  /** Freezes it: its connections stay, and it says nothing. */
  readonly freeze: () => Promise<void>;
  readonly thaw: () => Promise<void>;
}

/** A cluster of three nats-servers. */
export interface Cluster<Server extends ClusterServer = ClusterServer> {
  readonly servers: ReadonlyArray<Server>;
  /** Their URLs, with commas between them. */
  readonly urls: string;
  /** The server that leads a stream now. */
  readonly leaderOf: (stream: string) => Promise<Server>;
  /** Waits until every stream has its leader and all of its replicas. */
  readonly whole: () => Promise<void>;
  readonly dispose: () => Promise<void>;
}

const freePort = async (): Promise<number> => {
  const probe = createServer();
  await new Promise<void>((listening) => probe.listen(0, "127.0.0.1", listening));
  const address = probe.address();
  await new Promise((closed) => probe.close(closed));
  return typeof address === "object" && address !== null ? address.port : 0;
};

/** Ports of loopback that are free now, each another one. */
export const freePorts = async (count: number): Promise<ReadonlyArray<number>> => {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
};

/** Of how many servers a cluster is. */
export const size = 3;

/** A server as a process. It never outlives ours. */
const processOf = (binary: string, configuration: string, log: string) => {
  let child: ChildProcess | undefined;
  const isRunning = () => child !== undefined && child.exitCode === null && child.signalCode === null;
  const end = () => void child?.kill("SIGKILL");
  process.once("exit", end);
  return {
    start: async () => {
      child = spawn(binary, ["-c", configuration, "-l", log], { stdio: "ignore" });
    },
    kill: async () => {
      if (!isRunning() || child === undefined) return;
      const gone = once(child, "exit");
      end();
      await gone;
    },
    freeze: async () => void child?.kill("SIGSTOP"),
    thaw: async () => void child?.kill("SIGCONT"),
  };
};

/** A cluster of servers that have been started, when a stream can be made on all of them. */
export const clusterOf = async <Server extends ClusterServer>(
  servers: ReadonlyArray<Server>,
  dispose: () => Promise<void>,
): Promise<Cluster<Server>> => {
  const urls = servers.map(({ url }) => url);

  /** Asks JetStream, for as long as it takes, on a connection that any of the servers may have. */
  const asked = async <A>(question: (jsm: JetStreamManager) => Promise<A | undefined>): Promise<A> => {
    for (;;) {
      const nc = await connect({ servers: urls, timeout: 2_000 }).catch(() => undefined);
      try {
        const jsm = nc === undefined ? undefined : await jetstreamManager(nc, { checkAPI: false, timeout: 2_000 });
        const answer = jsm === undefined ? undefined : await question(jsm).catch(() => undefined);
        if (answer !== undefined) return answer;
      } finally {
        await nc?.close();
      }
      await sleep(200);
    }
  };
  const isWhole = async (jsm: JetStreamManager) => {
    for await (const { cluster, config } of jsm.streams.list()) {
      const replicas = cluster?.replicas ?? [];
      if (cluster?.leader === undefined || replicas.length < config.num_replicas - 1) return undefined;
      if (replicas.some(({ current, offline }) => !current || offline === true)) return undefined;
    }
    return true;
  };
  // A stream on all three is made when all three are there.
  await asked(async (jsm) => {
    await jsm.streams.add({ name: "READY", subjects: ["ready"], num_replicas: size });
    return jsm.streams.delete("READY");
  });
  return {
    servers,
    urls: urls.join(","),
    leaderOf: (stream) =>
      asked(async (jsm) => {
        const { cluster } = await jsm.streams.info(stream);
        return servers.find(({ name }) => name === cluster?.leader);
      }),
    whole: async () => void (await asked(isWhole)),
    dispose,
  };
};

/**
 * Starts a cluster on loopback. `wayTo` returns the port by which server `from` reaches the route port of server `to`, for what lies
 * between them; by default that port itself.
 */
export const startCluster = async (
  wayTo: (port: number, from: number, to: number) => Promise<number> = async (port) => port,
): Promise<Cluster> => {
  const folder = await mkdtemp(join(tmpdir(), "cim-cluster-"));
  const binary = await Effect.runPromise(findServerBinary(process.env));
  const clientPorts = await freePorts(size);
  const routePorts = await freePorts(size);
  const servers: Array<ClusterServer> = [];
  for (const [index, port] of clientPorts.entries()) {
    const name = `n${index}`;
    const routes: Array<string> = [];
    for (const [other, route] of routePorts.entries())
      if (other !== index) routes.push(`"nats://127.0.0.1:${await wayTo(route, index, other)}"`);
    const configuration = join(folder, `${name}.conf`);
    await writeFile(
      configuration,
      `server_name: ${name}
listen: "127.0.0.1:${port}"
max_payload: 8MB
ping_interval: "3s"
ping_max: 2
no_fast_producer_stall: true
jetstream { store_dir: "${join(folder, name)}", sync_interval: always }
# Without this, servers would tell each other of direct routes, and go around the slow ones.
cluster { name: test, listen: "127.0.0.1:${routePorts[index]}", advertise: "127.0.0.1:1", routes: [${routes.join(", ")}], pool_size: 1, ping_interval: "3s" }
`,
    );
    const running = processOf(binary, configuration, join(folder, `${name}.log`));
    servers.push({ ...running, name, url: `nats://127.0.0.1:${port}` });
  }
  // After the servers have ended, see above.
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  for (const server of servers) await server.start();
  return clusterOf(servers, async () => {
    for (const server of servers) await server.kill();
    await rm(folder, { recursive: true, force: true });
  });
};
