import { Network, type StartedNetwork, Wait } from "testcontainers";
import { type Cluster, type ClusterServer, clusterOf, freePorts, size } from "../../../benchmarks/support/cluster.ts";
import { type Container, containerOf } from "./container.ts";
import { startNatsContainer } from "./nats.ts";
import { programContainer } from "./program.ts";

/** A machine of an installation, to which what happens to machines can happen. */
export interface Machine {
  readonly name: string;
  readonly kill: () => Promise<void>;
  readonly start: () => Promise<void>;
  readonly freeze: () => Promise<void>;
  readonly thaw: () => Promise<void>;
  /** Cuts it off: packets go nowhere, and nobody is told. A server keeps its clients, and loses the other servers. */
  readonly cut: () => Promise<void>;
  /** Makes everything that goes to it or comes from it take this many milliseconds more. */
  readonly slow: (milliseconds: number) => Promise<void>;
  /** Takes back `cut` and `slow`. */
  readonly mend: () => Promise<void>;
}

/** A nats-server in a container of its own. */
export type ContainerServer = ClusterServer & Machine;

/** A cluster in containers, and backends beside it. */
export interface ContainerInstallation {
  readonly cluster: Cluster<ContainerServer>;
  readonly backends: ReadonlyArray<Machine>;
  readonly dispose: () => Promise<void>;
}

const backendCount = 2;
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);
const [servers, backends] = [numbers(size), numbers(backendCount)];

/** The ports of the ways: from a server to the route of another one, and from a backend to a server. */
const routePort = (from: number, to: number) => 6_000 + 10 * from + to;
const clientPort = (backend: number, server: number) => 4_000 + 10 * backend + server;
const routesOf = (server: number) =>
  servers.flatMap((other) => (other === server ? [] : [routePort(server, other), routePort(other, server)]));
const portsOfServer = (server: number) => [...routesOf(server), ...backends.map((one) => clientPort(one, server))];
const portsOfBackend = (backend: number) => servers.map((server) => clientPort(backend, server));

/** Starts what all of them reach each other through. Returns how to slow some of its ports. */
const startWays = async (
  control: number,
  among: StartedNetwork,
  clients: StartedNetwork,
  disposals: Array<() => Promise<unknown>>,
) => {
  const routes = servers.flatMap((from) =>
    servers.flatMap((to) => (from === to ? [] : [[routePort(from, to), `n${to}:6222`] as const])),
  );
  const others = backends.flatMap((one) => servers.map((to) => [clientPort(one, to), `c${to}:4222`] as const));
  const program = await programContainer(
    "bin/node",
    `${import.meta.dirname}/ways.ts`,
    JSON.stringify(Object.fromEntries([...routes, ...others])),
  );
  const started = await program
    .withNetwork(clients)
    .withNetworkAliases("ways")
    .withExposedPorts({ container: 80, host: control })
    .withWaitStrategy(Wait.forLogMessage("ways are open"))
    .start();
  const container = await containerOf(started);
  disposals.push(container.dispose);
  await container.join(among, "ways");
  return async (ports: ReadonlyArray<number>, milliseconds: number) => {
    await fetch(`http://127.0.0.1:${control}/${milliseconds}`, { method: "PUT", body: JSON.stringify(ports) });
  };
};

/** What can happen to a container that is on a network under a name. */
const machineOf = (
  name: string,
  container: Container,
  network: StartedNetwork,
  slow: (milliseconds: number) => Promise<void>,
): Machine => {
  let isCut = false;
  return {
    name,
    kill: container.kill,
    start: container.start,
    freeze: container.pause,
    thaw: container.unpause,
    cut: async () => {
      await container.leave(network);
      isCut = true;
    },
    slow,
    mend: async () => {
      if (isCut) await container.join(network, name);
      isCut = false;
      await slow(0);
    },
  };
};

const startBackend = async (backend: number, clients: StartedNetwork): Promise<Container> => {
  const urls = portsOfBackend(backend).map((port) => `nats://ways:${port}`);
  const up = ["up", "--json", "--no-agents", "--no-console", "--nats", urls.join(","), "--replicas", `${size}`];
  const program = await programContainer("bin/cim", ...up);
  const started = await program
    .withNetwork(clients)
    .withNetworkAliases(`b${backend}`)
    .withWaitStrategy(Wait.forLogMessage(/"type":"ready"/))
    .start();
  return containerOf(started);
};

/**
 * Starts three nats-servers and two backends, each in a container. The servers reach each other on one network, and have
 * their clients on another one. What is between them goes through `ways.ts`, which can be slow.
 */
export const startContainers = async (): Promise<ContainerInstallation> => {
  const among = await new Network().start();
  // Not docker's own network, on which no names are known.
  const clients = await new Network().start();
  const disposals: Array<() => Promise<unknown>> = [];
  const [control = 0, ...ports] = await freePorts(1 + size);
  const ways = startWays(control, among, clients, disposals);
  const started = servers.map(async (server): Promise<ContainerServer> => {
    const name = `n${server}`;
    const routes = servers.flatMap((to) => (to === server ? [] : [`"nats://ways:${routePort(server, to)}"`]));
    // Without these two, servers would tell each other and their clients of ways around the slow ones.
    const own = 'advertise: "127.0.0.1:1", no_advertise: true';
    const configuration = `server_name: ${name}
cluster { name: test, listen: "0.0.0.0:6222", routes: [${routes.join(", ")}], ${own}, pool_size: 1, ping_interval: "3s" }`;
    const container = await startNatsContainer(ports[server] ?? 0, {
      network: clients,
      name: `c${server}`,
      configuration,
    });
    disposals.push(container.dispose);
    await container.join(among, name);
    const slowOwn = async (milliseconds: number) => (await ways)(portsOfServer(server), milliseconds);
    return { ...machineOf(name, container, among, slowOwn), url: container.url };
  });
  const dispose = async () => {
    await Promise.all(disposals.map((one) => one()));
    for (const network of [among, clients]) await network.stop();
  };
  const [slow, ...all] = await Promise.all([ways, ...started]);
  const cluster = await clusterOf(all, dispose);
  const starting = backends.map(async (backend): Promise<Machine> => {
    const container = await startBackend(backend, clients);
    disposals.push(container.dispose);
    return machineOf(`b${backend}`, container, clients, (milliseconds) => slow(portsOfBackend(backend), milliseconds));
  });
  return { cluster, backends: await Promise.all(starting), dispose };
};
