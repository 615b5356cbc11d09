import type { GraphIndex } from "../../../graph/graph-index.ts";
import type { HostNode, MessageBusNode } from "../../../graph/node.ts";
import { redisServersPort } from "../../../graph/node-types/database.ts";
import { portOf } from "../../../graph/ports.ts";
import { defined } from "../../../kernel/mod.ts";
import { monitorPasswordFile } from "../../monitoring/monitor-password.ts";
import { isMonitored } from "../../monitoring/monitored.ts";
import type { Place, Site } from "../../node-kind.ts";
import { subjectsOf, type Tls } from "../../unit/certificate.ts";
import { redisUnit } from "../../unit/redis-server.ts";
import type { UnitRequirements } from "../../unit/systemd.ts";
import { encryptionOf, type Permission, passwordFile, permissionsOf } from "../clients.ts";

/** A Redis server of a host that transports messages: through channels, and through streams, which keep them. */
export interface RedisBusSpecification {
  readonly type: "message-bus";
  readonly engine: "redis";
  readonly id: string;
  readonly unit: UnitRequirements;
  readonly port: number;
  /** Whether clients or replicas on other hosts reach the server. Otherwise it listens on the loopback only. */
  readonly reachable: boolean;
  /** TLS for all clients. A port of Redis accepts either TLS or plain text. */
  readonly tls?: Tls;
  /** Whether the server writes every change to disk. Otherwise it writes nothing. */
  readonly persistent: boolean;
  /** The most memory that messages may take. If they take more, the server refuses messages. */
  readonly maxMemoryBytes?: number;
  /** The port without TLS for the servers of the bus, if it differs from the port of clients. */
  readonly serverPort?: number;
  /** The address of the server that this one follows. The first host of the bus has the leader. */
  readonly leader?: string;
  /** The number of followers that the leader needs to accept messages. */
  readonly followers: number;
  /** How long the entries of topics are kept. */
  readonly retention: ReadonlyArray<{ readonly topic: string; readonly seconds: number }>;
  /** The rights that the graph gives to each node. */
  readonly permissions: ReadonlyArray<Permission>;
  /** The same rights in Redis's terms. If there are none, everyone who reaches the port may do anything. */
  readonly users: ReadonlyArray<RedisUser>;
}

/** A client that logs in with a password, and its rights in the form of an ACL file. */
export interface RedisUser {
  readonly name: string;
  readonly rules: string;
  /** The file with the password. If it is absent, the server generates a password each time it starts. */
  readonly password?: string;
}

/** Returns the server of a node on a host. */
export const specifyRedis = (node: MessageBusNode, site: Site): RedisBusSpecification => {
  const { host, topology, clients } = site;
  const servers = topology.hostsOf(node.id);
  const permissions = permissionsOf(topology, node.id);
  const memoryMb = node.resources?.memoryMb;
  const isLeader = leads(node, site);
  const retention = retentionOf(node, site);
  return defined({
    type: "message-bus",
    engine: "redis",
    id: node.id,
    unit: site.unit,
    ...portsOf(topology, node),
    reachable: clients.length > 0 || (servers.length > 1 && isLeader),
    tls: encryptionOf(topology, node.id).encrypted ? { subjects: subjectsOf(node.id, host) } : undefined,
    persistent: node.persistence === true,
    // The other quarter is for what Redis writes to disk and to its clients.
    maxMemoryBytes: memoryMb === undefined ? undefined : Math.round(memoryMb * 1024 ** 2 * 0.75),
    leader: isLeader ? undefined : servers[0]?.address,
    followers: isLeader ? followersOf(node, servers) : 0,
    retention,
    permissions,
    users: usersOf(node.id, permissions, {
      replicated: servers.length > 1,
      trimmed: retention.length > 0,
      monitored: isMonitored(topology, node),
    }),
  });
};

/** Whether a host has the leader of a bus. */
export const leads = (node: MessageBusNode, { topology, host }: Place): boolean =>
  topology.hostsOf(node.id)[0]?.id === host.id;

/** Returns how long the leader keeps the entries of topics. Followers copy what it does. */
export const retentionOf = (node: MessageBusNode, place: Place): RedisBusSpecification["retention"] =>
  leads(node, place)
    ? (node.topics ?? []).flatMap(({ name, retentionHours }) =>
        retentionHours === undefined ? [] : [{ topic: name, seconds: Math.ceil(Math.min(retentionHours, 1e9) * 3600) }],
      )
    : [];

/** Returns the port for clients, and the port for the other servers if it differs. */
export const portsOf = (
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

/** The user of followers at their leader. No node's id contains an underscore, so no node has this name. */
export const replicaUser = "cim_replica";

/** The user of the exporter. */
export const monitorUser = "cim_monitor";

/** The user of the unit that drops old messages. */
export const trimUser = "cim_trim";

/**
 * Returns a pattern for exactly this name. White space separates the rules of an ACL file, which has no quotes. So `?`
 * replaces white space in the name, and matches any character there.
 */
const exactly = (name: string): string => name.replaceAll(/[*?[\]\\^]/g, "\\$&").replaceAll(/[\s\u0000-\u001f]/g, "?");

/** The commands of every client: to log in, to ask about itself, and to stop listening. */
const common =
  "+auth +hello +ping +echo +reset +quit +client|id +client|getname +client|setname +command " +
  "+unsubscribe +punsubscribe +sunsubscribe";

/** The commands of an exporter. They read metrics and settings, but no messages. */
const monitoring =
  "+ping +info +config|get +client|setname +command|info +latency|latest +latency|histogram +slowlog|get +slowlog|len";

/** Returns the channels of a topic: its own name and the names below it. */
const channels = (topic: string): string => `&${exactly(topic)} &${exactly(topic)}.*`;

const publishing = (topic: string): string => `(+publish +spublish +xadd ${channels(topic)} %W~${exactly(topic)})`;

const subscribing = (topic: string): string =>
  `(+subscribe +psubscribe +ssubscribe +xread +xrange +xrevrange +xlen ${channels(topic)} %R~${exactly(topic)})`;

/**
 * Returns the commands of a consumer group. Redis keeps groups in the stream itself, so their members write there too.
 */
const grouped = (topic: string): string =>
  `(+xgroup|create +xgroup|createconsumer +xreadgroup +xack +xpending +xclaim +xautoclaim ~${exactly(topic)})`;

/** Returns the users of a server; none if the graph gives no rights. */
const usersOf = (
  bus: string,
  permissions: ReadonlyArray<Permission>,
  { replicated, trimmed, monitored }: Readonly<Record<"replicated" | "trimmed" | "monitored", boolean>>,
): ReadonlyArray<RedisUser> => {
  if (permissions.length === 0) return [];
  const replica: RedisUser = {
    name: replicaUser,
    password: passwordFile(bus, replicaUser),
    rules: "resetchannels -@all +psync +replconf +ping",
  };
  const trim: RedisUser = { name: trimUser, rules: "resetchannels ~* -@all +xtrim" };
  const monitor: RedisUser = {
    name: monitorUser,
    password: monitorPasswordFile(redisUnit(bus)),
    rules: `resetchannels -@all ${monitoring}`,
  };
  return [
    ...permissions.map(({ node, publish, subscribe }) => ({
      name: node,
      password: passwordFile(bus, node),
      rules: [
        "resetchannels",
        "-@all",
        common,
        ...publish.map(({ topic }) => publishing(topic)),
        ...subscribe.map(({ topic }) => subscribing(topic)),
        ...subscribe.flatMap(({ topic, consumerGroup }) => (consumerGroup === undefined ? [] : [grouped(topic)])),
      ].join(" "),
    })),
    ...(replicated ? [replica] : []),
    ...(trimmed ? [trim] : []),
    ...(monitored ? [monitor] : []),
  ];
};
