import { serverOfUrl } from "../../../graph/addresses.ts";
import type { GraphIndex } from "../../../graph/graph-index.ts";
import type { HostNode, MessageBusNode } from "../../../graph/node.ts";
import { natsClusterPort } from "../../../graph/node-types/message-bus-engines.ts";
import { byText } from "../../../graph/order.ts";
import { portOf } from "../../../graph/ports.ts";
import { defined } from "../../../kernel/mod.ts";
import { everywhere, hostInUrl, loopback } from "../../host/network.ts";
import type { Place, Site } from "../../node-kind.ts";
import { subjectsOf, type Tls } from "../../unit/certificate.ts";
import type { UnitRequirements } from "../../unit/systemd.ts";
import { encryptionOf, type Permission, permissionsOf } from "../clients.ts";
import { type KeptStreams, type NatsUser, streamsOf, usersOf } from "./topics.ts";

/** The NATS server of a host. `makesStreams` is true on the one host of a cluster that makes the streams. */
export interface NatsSpecification extends KeptStreams {
  readonly type: "message-bus";
  readonly engine: "nats";
  readonly id: string;
  readonly unit: UnitRequirements;
  readonly serverName: string;
  readonly port: number;
  /** The address that it listens on. It is the loopback unless a client is on another host. */
  readonly listen: string;
  /** TLS. If the graph has clients without TLS, `plain` is true and the server accepts them. */
  readonly tls?: Tls & { readonly plain: boolean };
  readonly jetstream?: {
    readonly domain?: string;
    readonly maxFileBytes?: number;
    readonly maxMemoryBytes?: number;
  };
  /** The connections to the other servers of the same bus. */
  readonly cluster?: { readonly listen: string; readonly routes: ReadonlyArray<string> };
  /** The address and port for leaf nodes, and the leaf nodes that need a password. */
  readonly leaves?: { readonly listen: string; readonly port: number; readonly users: ReadonlyArray<string> };
  readonly leafRemotes: ReadonlyArray<LeafRemote>;
  /** The rights that the graph gives to each node. */
  readonly permissions: ReadonlyArray<Permission>;
  /** The same rights in NATS's terms. If there are none, everyone who reaches the port may do anything. */
  readonly users: ReadonlyArray<NatsUser>;
}

/** A server that a bus dials as a leaf node. */
export interface LeafRemote {
  readonly url: string;
  readonly credentialsFile?: string;
  /**
   * The bus of the graph that is dialled, if that bus asks its clients for passwords. The leaf node then needs one too.
   */
  readonly hub?: string;
}

/** Returns the server of a node on a host. */
export const specifyNats = (node: MessageBusNode, site: Site): NatsSpecification => {
  const { host, topology, clients } = site;
  const { encrypted, plain } = encryptionOf(topology, node.id);
  const permissions = permissionsOf(topology, node.id);
  const kept = keptAt(node, site);
  return defined({
    type: "message-bus",
    engine: "nats",
    id: node.id,
    unit: site.unit,
    serverName: `${node.id}-${host.id}`,
    port: portOf(node) ?? 4222,
    listen: clients.length === 0 ? loopback : everywhere([host, ...clients]),
    tls: encrypted ? { subjects: subjectsOf(node.id, host), plain } : undefined,
    jetstream: jetstreamOf(topology, node),
    cluster: clusterOf(node, site),
    leaves: leavesOf(node, site),
    leafRemotes: remotesOf(topology, node),
    ...kept,
    permissions,
    users: usersOf(permissions, node.topics ?? [], kept),
  });
};

/** Returns the streams of a bus, and whether a host makes them. */
export const keptAt = (node: MessageBusNode, { topology, host }: Place): KeptStreams => {
  const servers = topology.hostsOf(node.id);
  const streams = streamsOf(node, servers.length);
  return { streams, makesStreams: streams.length > 0 && servers[0]?.id === host.id };
};

/**
 * Whether a bus needs a domain of JetStream. A leaf node and the server that it dials each have their own JetStream,
 * and the domain distinguishes the two.
 */
const needsDomain = (topology: GraphIndex, node: MessageBusNode): boolean =>
  (node.leafRemotes ?? []).length > 0 ||
  topology.hostsOf(node.id).some((host) => topology.leavesOf(node.id, host.id).length > 0);

const jetstreamOf = (topology: GraphIndex, node: MessageBusNode): NatsSpecification["jetstream"] => {
  if (node.persistence !== true) return undefined;
  const { diskGb, memoryMb } = node.resources ?? {};
  return defined({
    domain: needsDomain(topology, node) ? node.id : undefined,
    maxFileBytes: diskGb === undefined ? undefined : Math.round(diskGb * 1024 ** 3),
    // The other half is for the server itself.
    maxMemoryBytes: memoryMb === undefined ? undefined : Math.round((memoryMb * 1024 ** 2) / 2),
  });
};

const clusterOf = (node: MessageBusNode, { topology, host }: Place): NatsSpecification["cluster"] => {
  const peers = topology.hostsOf(node.id).filter(({ id }) => id !== host.id);
  return peers.length === 0
    ? undefined
    : {
        listen: everywhere([host, ...peers]),
        routes: peers.map(({ address }) => `nats://${hostInUrl(address)}:${natsClusterPort}`),
      };
};

/**
 * Returns the listener for leaf nodes. They need a password if clients need one, because such a server accepts no
 * connection without one.
 */
const leavesOf = (node: MessageBusNode, { topology, host }: Place): NatsSpecification["leaves"] => {
  const dials = topology.leavesOf(node.id, host.id);
  const [first] = dials;
  if (first === undefined) return undefined;
  const buses = [...new Set(dials.map(({ bus }) => bus))].sort();
  return {
    listen: everywhere([host, ...buses.flatMap((bus) => topology.hostsOf(bus))]),
    port: first.port,
    users: permissionsOf(topology, node.id).length === 0 ? [] : buses,
  };
};

const hostAt = (topology: GraphIndex, name: string): HostNode | undefined => {
  const node = topology.nodes.get(name);
  return node?.type === "host" ? node : topology.hosts.find(({ address }) => address === name);
};

/**
 * Returns the servers that a bus dials. If a URL names a host of the graph by its id, the bus dials the host's address.
 */
const remotesOf = (topology: GraphIndex, node: MessageBusNode): ReadonlyArray<LeafRemote> =>
  [...(node.leafRemotes ?? [])].sort(byText(({ url }) => url)).map((remote) => {
    const server = serverOfUrl(remote.url);
    const host = server === undefined ? undefined : hostAt(topology, server.host);
    if (server === undefined || host === undefined) return remote;
    const hub = (topology.residents.get(host.id) ?? []).find(
      (other) => other.type === "message-bus" && other.engine === "nats" && other.id !== node.id,
    );
    const [scheme] = remote.url.split("://");
    return defined({
      ...remote,
      url: `${scheme}://${hostInUrl(host.address)}:${server.port}`,
      hub: hub === undefined || permissionsOf(topology, hub.id).length === 0 ? undefined : hub.id,
    });
  });
