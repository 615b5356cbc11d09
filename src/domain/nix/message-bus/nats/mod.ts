import type { GraphIndex } from "../../../graph/graph-index.ts";
import type { HostNode, MessageBusNode } from "../../../graph/node.ts";
import { natsClusterPort } from "../../../graph/node-types/message-bus-engines.ts";
import { portOf } from "../../../graph/ports.ts";
import { everywhere, hostInUrl, loopback } from "../../host/addresses.ts";
import { pathsFrom, tcp } from "../../host/network.ts";
import type { NodeKind, Place } from "../../node-kind.ts";
import { certificateUnit, subjectsOf } from "../../unit/certificate.ts";
import type { UnitRequirements } from "../../unit/systemd.ts";
import { encryptionOf, type Permission, passwordSecret, permissionsOf } from "../clients.ts";
import { type LeafRemote, remotesOf } from "./leaves.ts";
import { natsOptions } from "./options.ts";
import { type NatsStream, streamsOf, streamUnit } from "./streams.ts";
import { type NatsUser, usersOf } from "./users.ts";

/** The NATS server of a host. */
export interface NatsSpecification {
  readonly type: "message-bus";
  readonly engine: "nats";
  readonly id: string;
  readonly unit: UnitRequirements;
  readonly serverName: string;
  readonly port: number;
  /** The address it listens on: the loopback unless a client is on another host. */
  readonly listen: string;
  /** TLS, with the names that the certificate is good for; clients without it are let in where the graph has such. */
  readonly tls?: { readonly subjects: ReadonlyArray<string>; readonly plain: boolean };
  readonly jetstream?: {
    readonly domain?: string;
    readonly maxFileBytes?: number;
    readonly maxMemoryBytes?: number;
  };
  /** The other servers of the same bus. */
  readonly cluster?: { readonly listen: string; readonly routes: ReadonlyArray<string> };
  /** Where leaf nodes dial in, and which of them have to prove themselves. */
  readonly leaves?: { readonly listen: string; readonly port: number; readonly users: ReadonlyArray<string> };
  readonly leafRemotes: ReadonlyArray<LeafRemote>;
  readonly streams: ReadonlyArray<NatsStream>;
  /** Whether this host makes sure of the streams: one host does for all of a cluster. */
  readonly makesStreams: boolean;
  /** What the graph lets each node do. */
  readonly permissions: ReadonlyArray<Permission>;
  /** Who may do what; without any, whoever reaches the port may do anything. */
  readonly users: ReadonlyArray<NatsUser>;
}

const peersOf = (topology: GraphIndex, node: MessageBusNode, host: HostNode): ReadonlyArray<HostNode> =>
  topology.hostsOf(node.id).filter(({ id }) => id !== host.id);

/** Leaf nodes and what they dial into each have a JetStream of their own, told apart by its domain. */
const needsDomain = (topology: GraphIndex, node: MessageBusNode): boolean =>
  (node.leafRemotes ?? []).length > 0 ||
  topology.hostsOf(node.id).some((host) => topology.leavesOf(node.id, host.id).length > 0);

const jetstreamOf = (topology: GraphIndex, node: MessageBusNode): Pick<NatsSpecification, "jetstream"> => {
  if (node.persistence !== true) return {};
  const { diskGb, memoryMb } = node.resources ?? {};
  return {
    jetstream: {
      ...(needsDomain(topology, node) ? { domain: node.id } : {}),
      ...(diskGb === undefined ? {} : { maxFileBytes: Math.round(diskGb * 1024 ** 3) }),
      // The other half is for the server itself.
      ...(memoryMb === undefined ? {} : { maxMemoryBytes: Math.round((memoryMb * 1024 ** 2) / 2) }),
    },
  };
};

/** Leaf nodes have to prove themselves where clients have to: such a server takes nobody else. */
const leavesOf = (node: MessageBusNode, { topology, host }: Place): Pick<NatsSpecification, "leaves"> => {
  const dials = topology.leavesOf(node.id, host.id);
  const [first] = dials;
  if (first === undefined) return {};
  const buses = [...new Set(dials.map(({ bus }) => bus))].sort();
  return {
    leaves: {
      listen: everywhere([host, ...buses.flatMap((bus) => topology.hostsOf(bus))]),
      port: first.port,
      users: permissionsOf(topology, node.id).length === 0 ? [] : buses,
    },
  };
};

const clusterOf = (node: MessageBusNode, { topology, host }: Place): Pick<NatsSpecification, "cluster"> => {
  const peers = peersOf(topology, node, host);
  return peers.length === 0
    ? {}
    : {
        cluster: {
          listen: everywhere([host, ...peers]),
          routes: peers.map(({ address }) => `nats://${hostInUrl(address)}:${natsClusterPort}`),
        },
      };
};

/** The streams of a bus, and whether a host makes sure of them. */
const keptAt = (
  node: MessageBusNode,
  { topology, host }: Place,
): Pick<NatsSpecification, "streams" | "makesStreams"> => {
  const servers = topology.hostsOf(node.id);
  const streams = streamsOf(node, servers.length);
  return { streams, makesStreams: streams.length > 0 && servers[0]?.id === host.id };
};

export const nats: NodeKind<MessageBusNode, NatsSpecification> = {
  unit: () => "nats.service",
  units: (node, place) => [
    "nats.service",
    ...(keptAt(node, place).makesStreams ? [`${streamUnit}.service`] : []),
    ...(encryptionOf(place.topology, node.id).encrypted ? [certificateUnit("nats")] : []),
  ],
  specify: (node, site) => {
    const { host, topology, clients } = site;
    const encryption = encryptionOf(topology, node.id);
    const permissions = permissionsOf(topology, node.id);
    const kept = keptAt(node, site);
    return {
      type: "message-bus",
      engine: "nats",
      id: node.id,
      unit: site.unit,
      serverName: `${node.id}-${host.id}`,
      port: portOf(node) ?? 4222,
      listen: clients.length === 0 ? loopback : everywhere([host, ...clients]),
      leafRemotes: remotesOf(topology, node),
      ...kept,
      permissions,
      users: usersOf(permissions, node.topics ?? [], kept),
      ...jetstreamOf(topology, node),
      ...clusterOf(node, site),
      ...leavesOf(node, site),
      ...(encryption.encrypted ? { tls: { subjects: subjectsOf(node.id, host), plain: encryption.plain } } : {}),
    };
  },
  ownPaths: (node, { topology, host }) => [
    ...pathsFrom(topology, host, tcp(node.id, node.id, natsClusterPort)),
    ...topology
      .leavesOf(node.id, host.id)
      .flatMap(({ bus, port }) => pathsFrom(topology, host, tcp(bus, node.id, port))),
  ],
  secrets: ({ id, permissions, leaves, leafRemotes }) => [
    ...[...permissions.map(({ node }) => node), ...(leaves?.users ?? [])].map((user) => passwordSecret(id, user, id)),
    ...leafRemotes.flatMap(({ hub }) => (hub === undefined ? [] : [passwordSecret(hub, id, id)])),
    ...leafRemotes.flatMap(({ credentialsFile }) =>
      credentialsFile === undefined
        ? []
        : [
            {
              path: credentialsFile,
              node: id,
              content: `what ${id} proves itself with as a leaf node (a .creds file)`,
            },
          ],
    ),
  ],
  options: natsOptions,
};
