import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Effect } from "effect";
import { type Cluster, type ClusterServer, startCluster } from "../../benchmarks/support/cluster.ts";
import { type Faults, faultsUnderLoad } from "../../benchmarks/support/faults-under-load.ts";
import { connect } from "../../src/agents/kit/mod.ts";
import { NatsConnection } from "../../src/infrastructure/nats/connection.ts";
import { type BackendProcess, launchBackend, startBackend } from "../support/backend-process.ts";
import { type TcpCut, tcpCut } from "../support/tcp-cut.ts";

/** Three nats-servers, whose routes can be cut and slowed, and two backends, each on a server of its own. */
const prefix = "cim";
const run = promisify(execFile);
let cluster: Cluster;
const routes: Array<{ readonly ends: readonly [number, number]; readonly way: TcpCut }> = [];
const backends: Array<BackendProcess> = [];

const up = async (index: number, ...args: ReadonlyArray<string>) => {
  const nats = index === 0 ? (cluster.servers[0]?.url ?? "") : cluster.urls;
  const own = ["--nats", nats, "--prefix", prefix, "--no-agents", "--no-console", ...args];
  const backend = await startBackend(...own);
  backends[index] = backend;
  return backend;
};

beforeAll(async () => {
  cluster = await startCluster(async (port, from, to) => {
    const way = await tcpCut(`nats://127.0.0.1:${port}`);
    routes.push({ ends: [from, to], way });
    return way.port;
  });
  await up(0, "--replicas", "3");
  await up(1);
});

afterAll(async () => {
  await Promise.all(backends.map((backend) => backend?.kill()));
  await cluster?.dispose();
  for (const { way } of routes) await way.close();
});

const routesOf = (server: ClusterServer): ReadonlyArray<TcpCut> =>
  routes.flatMap(({ ends, way }) => (ends.some((end) => cluster.servers[end] === server) ? [way] : []));

const onCluster = <A, E>(
  body: (connection: NatsConnection["Service"]) => Effect.Effect<A, E>,
  more: { readonly prefix?: string; readonly replicas?: number } = {},
) => {
  const layer = NatsConnection.layer({ servers: cluster.servers.map(({ url }) => url), prefix, ...more });
  return Effect.runPromise(Effect.result(Effect.provide(Effect.flatMap(NatsConnection, body), layer)));
};

test("streams are made with their replicas, and never scaled", async () => {
  const found = await onCluster(({ jsm, replicas }) =>
    Effect.promise(async () => {
      const of: Record<string, number> = {};
      for await (const { config } of jsm.streams.list()) of[config.name] = config.num_replicas;
      await jsm.streams.add({ name: "ONE_EVENTS", subjects: ["one.evt.>"], num_replicas: 1 });
      return { replicas, fewer: Object.entries(of).filter(([, count]) => count !== 3), streams: Object.keys(of) };
    }),
  );
  expect(found).toMatchObject({ success: { replicas: 3, fewer: [] } });
  expect(found).toMatchObject({ success: { streams: expect.arrayContaining(["CIM_EVENTS", "OBJ_cim_artifacts"]) } });
  const scaled = await onCluster(() => Effect.void, { prefix: "one", replicas: 3 });
  expect(scaled).toMatchObject({ failure: { message: expect.stringContaining("more cannot be added in place") } });
  const weakened = await onCluster(() => Effect.void, { replicas: 1 });
  expect(weakened).toMatchObject({ failure: { message: expect.stringContaining("leave out --replicas") } });
});

/** Runs a command of the command line; fails if its exit code is not 0. */
const cim = async (...given: ReadonlyArray<string>): Promise<string> => {
  const { stdout } = await run(resolve(import.meta.dirname, "../../bin/cim"), given);
  return stdout;
};

test("an installation on one server moves to three by the commands of docs/cluster.md", async () => {
  const folder = await mkdtemp(join(tmpdir(), "cim-moves-"));
  try {
    const [store, backup, moved] = [join(folder, "store"), join(folder, "backup"), "moved"];
    const old = await startBackend("--store", store, "--port", "0", "--no-agents", "--no-console");
    const client = await connect({ servers: old.url, principal: "ada", timeoutMs: 60_000 });
    const { version } = await client.command("graph", "g", "import", { id: "g", nodes: [], edges: [] });
    const { position } = await client.command("task", "t", "submit", { type: "work", requiredCapabilities: ["none"] });
    await client.close();
    await cim("audit", "verify", "--nats", old.url);
    await old.stop();
    await cim("backup", backup, "--store", store);
    const there = ["--nats", cluster.urls, "--prefix", moved];
    await cim("restore", backup, ...there, "--replicas", "3");
    backends.push(await startBackend(...there, "--no-agents", "--no-console"));
    await cim("audit", "verify", ...there);
    const onThree = await connect({ servers: cluster.urls, prefix: moved, principal: "ada", timeoutMs: 60_000 });
    const { data } = await onThree.query("graphs", "get", { id: "g" });
    const next = await onThree.command("graph", "g", "add-node", {
      node: { id: "n", type: "host", system: "x86_64-linux", address: "10.0.0.1" },
    });
    const manager = await onThree.jetstream.jetstreamManager();
    const { config } = await manager.streams.info(onThree.names.streams.events);
    await onThree.close();
    expect([data.id, data.version, config.num_replicas]).toEqual(["g", version, 3]);
    expect(next.position).toBeGreaterThan(position);
    await backends.pop()?.kill();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

const follower = async (): Promise<ClusterServer> => {
  const leader = await cluster.leaderOf("CIM_EVENTS");
  // A backend is on the first server, and one perhaps on another.
  const found = cluster.servers.find((server) => server !== leader);
  return found ?? leader;
};

/** What goes wrong, and is mended again. */
const faults: Faults = {
  "the log's leader is killed": async () => {
    const leader = await cluster.leaderOf("CIM_EVENTS");
    await leader.kill();
    await sleep(1_000);
    await leader.start();
  },
  "the log's leader freezes": async () => {
    const leader = await cluster.leaderOf("CIM_EVENTS");
    await leader.freeze();
    await sleep(6_000);
    await leader.thaw();
  },
  "a server is cut off": async () => {
    const ways = routesOf(await follower());
    for (const way of ways) way.cut();
    await sleep(3_000);
    for (const way of ways) way.mend();
  },
  "the routes of a server are slow": async () => {
    const ways = routesOf(await follower());
    for (const way of ways) way.slow(40);
    await sleep(3_000);
    for (const way of ways) way.mend();
  },
  "all servers are killed at once": async () => {
    await Promise.all(cluster.servers.map(({ kill }) => kill()));
    await Promise.all(cluster.servers.map(({ start }) => start()));
  },
  "a backend freezes": async () => {
    const { pid = 0 } = backends[1] ?? {};
    process.kill(pid, "SIGSTOP");
    await sleep(3_000);
    process.kill(pid, "SIGCONT");
  },
  "a backend is killed": async () => {
    await backends[1]?.kill();
    await up(1);
  },
};

test("whatever happens to a server, a route or a backend: nothing acknowledged is lost or doubled, and each reads what it wrote", async () => {
  const { seed, findings, unanswered } = await faultsUnderLoad(cluster, prefix, faults);
  expect({ seed, findings, unanswered }).toEqual({ seed, findings: [], unanswered: [] });
  // Nothing is taken for lost that was only away.
  expect(backends.map((backend) => backend.errors()).join("\n")).not.toContain("was gone");
});

test("a backend that starts while there is no leader says so, and waits", async () => {
  await backends[0]?.kill();
  const [, second, third] = cluster.servers;
  await second?.kill();
  await third?.kill();
  const nats = cluster.servers[0]?.url ?? "";
  const own = ["--nats", nats, "--prefix", prefix, "--no-agents", "--no-console"];
  const starting = launchBackend(process.env, ...own);
  while (!starting.errors().includes("the nats-servers are not ready")) await sleep(50);
  await second?.start();
  await third?.start();
  backends[0] = await starting.ready;
});
