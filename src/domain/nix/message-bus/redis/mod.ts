import type { GraphIndex } from "../../../graph/graph-index.ts";
import type { HostNode, MessageBusNode } from "../../../graph/node.ts";
import { redisServersPort } from "../../../graph/node-types/database.ts";
import { portOf } from "../../../graph/ports.ts";
import { pathsFrom, tcp } from "../../host/network.ts";
import { monitorPasswordUnit } from "../../monitoring/monitor-password.ts";
import { isMonitored } from "../../monitoring/monitored.ts";
import type { NodeKind, Place } from "../../node-kind.ts";
import { certificateUnit, subjectsOf } from "../../unit/certificate.ts";
import { redisUnit } from "../../unit/redis-server.ts";
import type { UnitRequirements } from "../../unit/systemd.ts";
import { encryptionOf, type Permission, passwordSecret, permissionsOf } from "../clients.ts";
import { redisBusOptions, trimUnit } from "./options.ts";
import { type RedisUser, replicaUser, usersOf } from "./users.ts";

/** A Redis server of a host that passes messages on: by channels, and by streams, which keep them. */
export interface RedisBusSpecification {
  readonly type: "message-bus";
  readonly engine: "redis";
  readonly id: string;
  readonly unit: UnitRequirements;
  readonly port: number;
  /** It has clients or replicas on other hosts. Without any it listens on the loopback only. */
  readonly reachable: boolean;
  /** TLS on the clients' port, with the names that the certificate is good for. */
  readonly tls?: { readonly subjects: ReadonlyArray<string> };
  /** Every change is written to disk; otherwise nothing is. */
  readonly persistent: boolean;
  /** As much memory as messages may take; the server refuses more. */
  readonly maxMemoryBytes?: number;
  /** The port without TLS for the servers of the bus, where it is not that of clients. */
  readonly serverPort?: number;
  /** The address of the server that this one follows; the first host of the bus has the leading one. */
  readonly leader?: string;
  /** How many followers have to be there for the leader to take messages. */
  readonly followers: number;
  /** How long the entries of topics are kept. */
  readonly retention: ReadonlyArray<{ readonly topic: string; readonly seconds: number }>;
  /** What the graph lets each node do. */
  readonly permissions: ReadonlyArray<Permission>;
  /** The same as Redis says it; without any, whoever reaches the port may do anything. */
  readonly users: ReadonlyArray<RedisUser>;
}

const leads = (node: MessageBusNode, { topology, host }: Place): boolean =>
  topology.hostsOf(node.id)[0]?.id === host.id;

/** What the leader trims: followers do as it does. */
const retentionOf = (node: MessageBusNode, place: Place): RedisBusSpecification["retention"] =>
  leads(node, place)
    ? (node.topics ?? []).flatMap(({ name, retentionHours }) =>
        retentionHours === undefined ? [] : [{ topic: name, seconds: Math.ceil(Math.min(retentionHours, 1e9) * 3600) }],
      )
    : [];

const portsOf = (
  topology: GraphIndex,
  node: MessageBusNode,
): { readonly port: number; readonly serverPort?: number } => {
  const port = portOf(node) ?? 6379;
  return encryptionOf(topology, node.id).encrypted && topology.hostsOf(node.id).length > 1
    ? { port, serverPort: redisServersPort(port) }
    : { port };
};

const followersOf = ({ topics = [] }: MessageBusNode, servers: ReadonlyArray<HostNode>): number =>
  Math.min(servers.length, Math.max(1, ...topics.map(({ replicationFactor = 1 }) => replicationFactor))) - 1;

/** Whether the exporter of a bus has a user of its own there. */
const hasMonitor = (node: MessageBusNode, { topology }: Place): boolean =>
  isMonitored(topology, node) && permissionsOf(topology, node.id).length > 0;

export const redisBus: NodeKind<MessageBusNode, RedisBusSpecification> = {
  unit: ({ id }) => `${redisUnit(id)}.service`,
  units: (node, place) => [
    `${redisUnit(node.id)}.service`,
    ...(retentionOf(node, place).length === 0 ? [] : [`${trimUnit(node.id)}.service`, `${trimUnit(node.id)}.timer`]),
    ...(hasMonitor(node, place) ? [monitorPasswordUnit(redisUnit(node.id))] : []),
    ...(encryptionOf(place.topology, node.id).encrypted ? [certificateUnit(redisUnit(node.id))] : []),
  ],
  specify: (node, site) => {
    const { host, topology, clients } = site;
    const servers = topology.hostsOf(node.id);
    const permissions = permissionsOf(topology, node.id);
    const memoryMb = node.resources?.memoryMb;
    const [leader] = servers;
    return {
      type: "message-bus",
      engine: "redis",
      id: node.id,
      unit: site.unit,
      ...portsOf(topology, node),
      reachable: clients.length > 0 || (servers.length > 1 && leads(node, site)),
      persistent: node.persistence === true,
      // The rest is for what it is writing, and to its clients.
      ...(memoryMb === undefined ? {} : { maxMemoryBytes: Math.round(memoryMb * 1024 ** 2 * 0.75) }),
      ...(leader === undefined || leads(node, site) ? {} : { leader: leader.address }),
      followers: leads(node, site) ? followersOf(node, servers) : 0,
      retention: retentionOf(node, site),
      permissions,
      users: usersOf(node.id, permissions, {
        replicated: servers.length > 1,
        trimmed: retentionOf(node, site).length > 0,
        monitored: isMonitored(topology, node),
      }),
      ...(encryptionOf(topology, node.id).encrypted ? { tls: { subjects: subjectsOf(node.id, host) } } : {}),
    };
  },
  ownPaths: (node, place) => {
    const { port, serverPort = port } = portsOf(place.topology, node);
    return leads(node, place) ? pathsFrom(place.topology, place.host, tcp(node.id, node.id, serverPort)) : [];
  },
  secrets: ({ id, permissions, users }) => [
    ...permissions.map(({ node }) => passwordSecret(id, node, id)),
    ...(users.some(({ name }) => name === replicaUser) ? [passwordSecret(id, replicaUser, id)] : []),
  ],
  options: redisBusOptions,
};
