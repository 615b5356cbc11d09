import { addressFamily } from "../../../graph/addresses.ts";
import type { HostNode, MessageBusNode } from "../../../graph/node.ts";
import { portOf } from "../../../graph/ports.ts";
import { defined } from "../../../kernel/mod.ts";
import { everywhere, loopback } from "../../host/network.ts";
import { observersOf } from "../../monitoring/monitored.ts";
import type { Place, Site } from "../../node-kind.ts";
import { subjectsOf, type Tls } from "../../unit/certificate.ts";
import type { UnitRequirements } from "../../unit/systemd.ts";
import { encryptionOf, type Permission, permissionsOf } from "../clients.ts";

/** The RabbitMQ server of a host. */
export interface RabbitmqSpecification {
  readonly type: "message-bus";
  readonly engine: "rabbitmq";
  readonly id: string;
  readonly unit: UnitRequirements;
  readonly port: number;
  /** The address that it listens on. It is the loopback unless a client is on another host. */
  readonly listen: string;
  /** The address on which its metrics are read. It is the loopback unless something on another host monitors it. */
  readonly figures: string;
  /** TLS for all clients. A port of RabbitMQ accepts either TLS or plain text. */
  readonly tls?: Tls;
  /** The servers of the bus, including this one, if there are several. */
  readonly cluster?: {
    readonly self: string;
    readonly members: ReadonlyArray<{ readonly name: string; readonly address: string }>;
  };
  readonly topics: ReadonlyArray<RabbitmqTopic>;
  /** Whether this host makes topics and users. One host does so for the whole cluster. */
  readonly setsUp: boolean;
  /** The rights that the graph gives to each node. */
  readonly permissions: ReadonlyArray<Permission>;
  /**
   * The same rights in RabbitMQ's terms. If there are none, everyone who reaches the port is the guest, who may do
   * anything.
   */
  readonly users: ReadonlyArray<RabbitmqUser>;
}

/** An exchange that receives the messages of a topic, and the streams behind it that keep them. */
export interface RabbitmqTopic {
  readonly name: string;
  readonly streams: ReadonlyArray<string>;
  readonly replicas: number;
  /** If it is absent, messages are kept for ever. */
  readonly maxAgeSeconds?: number;
  readonly maxBytes?: number;
}

/** A client that logs in with a password, and the names of queues and exchanges on which it has rights. */
export interface RabbitmqUser {
  readonly name: string;
  readonly configure: ReadonlyArray<string>;
  readonly write: ReadonlyArray<string>;
  readonly read: ReadonlyArray<string>;
}

/** Returns the port for clients of a node's servers. */
export const rabbitmqPort = (node: MessageBusNode): number => portOf(node) ?? 5672;

/** Returns the server of a node on a host. */
export const specifyRabbitmq = (node: MessageBusNode, site: Site): RabbitmqSpecification => {
  const { host, topology, clients } = site;
  const observers = observersOf(topology, node).filter(({ id }) => id !== host.id);
  const topics = topicsOf(node, topology.hostsOf(node.id).length);
  const permissions = permissionsOf(topology, node.id);
  return defined({
    type: "message-bus",
    engine: "rabbitmq",
    id: node.id,
    unit: site.unit,
    port: rabbitmqPort(node),
    listen: clients.length === 0 ? loopback : everywhere([host, ...clients]),
    figures: observers.length === 0 ? loopback : everywhere([host, ...observers]),
    tls: encryptionOf(topology, node.id).encrypted ? { subjects: subjectsOf(node.id, host) } : undefined,
    cluster: clusterOf(node, site),
    topics,
    setsUp: setsUp(node, site),
    permissions,
    users: usersOf(permissions, topics),
  });
};

/**
 * Returns a host's name for Erlang, which needs a dot in it. A host without a DNS name gets one that exists only in
 * `networking.extraHosts`.
 */
const nameOf = ({ id, address }: HostNode): string =>
  addressFamily(address) === undefined ? address : `${id}.cim.internal`;

const clusterOf = (node: MessageBusNode, { topology, host }: Place): RabbitmqSpecification["cluster"] => {
  const servers = topology.hostsOf(node.id);
  return servers.length === 1
    ? undefined
    : {
        self: nameOf(host),
        members: servers.map((server) => ({ name: nameOf(server), address: server.address })),
      };
};

/** Whether a host makes the topics and users of a bus. */
export const setsUp = (node: MessageBusNode, { topology, host }: Place): boolean => {
  const [first, ...others] = topology.hostsOf(node.id);
  return (
    first?.id === host.id &&
    (topicsOf(node, others.length + 1).length > 0 || permissionsOf(topology, node.id).length > 0)
  );
};

/** Whether AMQP accepts a name: it has at most 255 bytes. Names that begin with `amq.` belong to the server. */
const isName = (name: string): boolean => new TextEncoder().encode(name).length <= 255 && !name.startsWith("amq.");

/**
 * Returns the streams of a topic, one for each partition, for a bus that keeps messages. Any number of readers share a
 * stream.
 */
const streamsOf = (name: string, partitions: number): ReadonlyArray<string> =>
  partitions === 1 ? [name] : Array.from({ length: partitions }, (_, index) => `${name}-${index}`);

/** Returns the topics of a bus, each once. Names that AMQP refuses are left out. */
const topicsOf = (
  { topics = [], persistence, resources }: MessageBusNode,
  servers: number,
): ReadonlyArray<RabbitmqTopic> => {
  const known = [...new Map(topics.map((topic) => [topic.name, topic])).values()].filter(({ name }) => isName(name));
  const partitions = known.reduce((sum, { partitions: own = 1 }) => sum + own, 0);
  const diskGb = resources?.diskGb;
  return known.map(({ name, partitions: own = 1, replicationFactor = 1, retentionHours }) =>
    defined({
      name,
      streams: persistence === true ? streamsOf(name, own) : [],
      replicas: Math.min(replicationFactor, servers),
      maxAgeSeconds: retentionHours === undefined ? undefined : Math.ceil(retentionHours * 3600),
      maxBytes: diskGb === undefined ? undefined : Math.ceil((diskGb * 1024 ** 3) / Math.max(1, partitions)),
    }),
  );
};

/**
 * Returns the queue that a subscriber may make for itself and bind to the topic. The members of a consumer group share
 * one.
 */
const queueOf = (reader: string, topic: string): string => `${reader}@${topic}`;

/**
 * Returns the users of a server. A publisher may write to the exchange of its topic. A subscriber may read the topic's
 * streams, or its own queue behind the exchange.
 */
const usersOf = (
  permissions: ReadonlyArray<Permission>,
  topics: ReadonlyArray<RabbitmqTopic>,
): ReadonlyArray<RabbitmqUser> => {
  const streams = new Map(topics.map((topic) => [topic.name, topic.streams]));
  return permissions.map(({ node, publish, subscribe }) => {
    const queues = subscribe.map(({ topic, consumerGroup = node }) => queueOf(consumerGroup, topic));
    const read = subscribe.flatMap(({ topic }) => [topic, ...(streams.get(topic) ?? [])]);
    return {
      name: node,
      configure: distinct(queues),
      write: distinct([...publish.map(({ topic }) => topic), ...queues]),
      read: distinct([...read, ...queues]),
    };
  });
};

const distinct = (names: ReadonlyArray<string>): ReadonlyArray<string> => [...new Set(names)].sort();
