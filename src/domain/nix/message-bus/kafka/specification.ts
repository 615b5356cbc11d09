import type { HostNode, MessageBusNode } from "../../../graph/node.ts";
import { portOf } from "../../../graph/ports.ts";
import { defined } from "../../../kernel/mod.ts";
import { everywhere, hostInUrl, loopback } from "../../host/network.ts";
import type { Place, Site } from "../../node-kind.ts";
import { subjectsOf, type Tls } from "../../unit/certificate.ts";
import { hashOf } from "../../unit/names.ts";
import type { UnitRequirements } from "../../unit/systemd.ts";
import { encryptionOf, type Permission, permissionsOf } from "../clients.ts";

/** The Kafka server of a host. It is both broker and controller (KRaft). */
export interface KafkaSpecification {
  readonly type: "message-bus";
  readonly engine: "kafka";
  readonly id: string;
  readonly unit: UnitRequirements;
  readonly clusterId: string;
  /** The server's number among the servers of the bus, from 1. */
  readonly number: number;
  /** `number@address` of each server. */
  readonly voters: ReadonlyArray<string>;
  readonly port: number;
  /** The address on which it listens for clients. It is the loopback unless a client is on another host. */
  readonly listen: string;
  /** The address on which it listens for other servers. */
  readonly listenForPeers: string;
  /** The address that it gives to clients. */
  readonly address: string;
  /** TLS for all clients. A port of Kafka accepts either TLS or plain text. */
  readonly tls?: Tls;
  /**
   * The age in hours at which a message is dropped if its topic does not set one. If it is absent, messages are kept
   * for ever.
   */
  readonly retentionHours?: number;
  /** The most that a partition may keep, in bytes. */
  readonly partitionBytes?: number;
  /** All topics of the bus. */
  readonly topics: ReadonlyArray<KafkaTopic>;
  /** Whether this host makes the topics and sets the rights. One host does so for the whole cluster. */
  readonly makesTopics: boolean;
  /** The rights that the graph gives to each node. */
  readonly permissions: ReadonlyArray<Permission>;
  /** The same rights as entries of Kafka. If there are none, everyone who reaches the port may do anything. */
  readonly rights: ReadonlyArray<KafkaRight>;
}

export interface KafkaTopic {
  readonly name: string;
  readonly partitions: number;
  readonly replicas: number;
  /** If it is absent, the server's own setting decides how long messages are kept. */
  readonly retentionHours?: number;
}

/** An access control entry. */
export interface KafkaRight {
  readonly user: string;
  readonly operation: "WRITE" | "READ" | "DESCRIBE";
  readonly resource: "TOPIC" | "GROUP";
  readonly name: string;
}

/** Kafka's own default for how long it keeps messages. */
const usualRetentionHours = 168;

/** Returns the port for clients of a node's servers. */
export const kafkaPort = (node: MessageBusNode): number => portOf(node) ?? 9092;

/** Returns the server of a node on a host. */
export const specifyKafka = (node: MessageBusNode, site: Site): KafkaSpecification => {
  const { host, topology, clients } = site;
  const servers = topology.hostsOf(node.id);
  const alone = servers.length === 1;
  const topics = topicsOf(node, servers.length);
  const permissions = permissionsOf(topology, node.id);
  return defined({
    type: "message-bus",
    engine: "kafka",
    id: node.id,
    unit: site.unit,
    clusterId: uuidOf(node.id),
    number: servers.findIndex(({ id }) => id === host.id) + 1,
    voters: servers.map((server, index) => `${index + 1}@${serverOf(server, alone)}`),
    port: kafkaPort(node),
    listen: clients.length === 0 ? loopback : everywhere([host, ...clients]),
    listenForPeers: alone ? loopback : everywhere(servers),
    address: alone && clients.length === 0 ? loopback : host.address,
    tls: encryptionOf(topology, node.id).encrypted ? { subjects: subjectsOf(node.id, host) } : undefined,
    retentionHours: node.persistence === true ? undefined : usualRetentionHours,
    partitionBytes: partitionBytesOf(node, topics, servers.length),
    topics,
    makesTopics: makesTopics(node, site),
    permissions,
    rights: rightsOf(permissions),
  });
};

const serverOf = (host: HostNode, alone: boolean): string => hostInUrl(alone ? loopback : host.address);

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/**
 * Returns a UUID in Kafka's form, 22 characters of base64url, made from a text. Kafka's tools refuse one that begins
 * with `-`.
 */
const uuidOf = (text: string): string => {
  const bits = hashOf(text) << 4n;
  const digits = Array.from({ length: 22 }, (_, index) => alphabet[Number((bits >> BigInt(126 - 6 * index)) & 63n)]);
  return digits.join("").replace(/^-/, "A");
};

/**
 * Returns the part of the disk that each partition may fill, if the graph limits what all of them may fill together.
 */
const partitionBytesOf = (
  node: MessageBusNode,
  topics: ReadonlyArray<KafkaTopic>,
  servers: number,
): number | undefined => {
  const disk = node.resources?.diskGb;
  const copies = topics.reduce((sum, { partitions, replicas }) => sum + partitions * replicas, 0);
  return disk === undefined || copies === 0 ? undefined : Math.floor((disk * 1024 ** 3) / Math.ceil(copies / servers));
};

/** Whether a host makes the topics and sets the rights of a bus. */
export const makesTopics = (node: MessageBusNode, { topology, host }: Place): boolean =>
  topology.hostsOf(node.id)[0]?.id === host.id &&
  ((node.topics ?? []).some(({ name }) => isTopic(name)) || permissionsOf(topology, node.id).length > 0);

/** Whether Kafka accepts the name of a topic. */
const isTopic = (name: string): boolean => /^[A-Za-z0-9._-]{1,249}$/.test(name) && !/^\.{1,2}$/.test(name);

/** Returns the topics of a bus, each once. Names that Kafka refuses are left out. */
const topicsOf = ({ topics = [] }: MessageBusNode, servers: number): ReadonlyArray<KafkaTopic> =>
  [...new Map(topics.map((topic) => [topic.name, topic])).values()]
    .filter(({ name }) => isTopic(name))
    .map(({ name, partitions = 1, replicationFactor = 1, retentionHours }) =>
      defined({ name, partitions, replicas: Math.min(replicationFactor, servers), retentionHours }),
    );

/** Whether a name can be the name of a group. In Kafka, `*` would mean every group. */
const isGroup = (name: string): boolean => name !== "*";

/** Returns the entries for each node. A subscriber without a consumer group gets a group of its own name. */
const rightsOf = (permissions: ReadonlyArray<Permission>): ReadonlyArray<KafkaRight> => {
  const rights = permissions.flatMap(({ node, publish, subscribe }) => [
    ...publish
      .filter(({ topic }) => isTopic(topic))
      .flatMap(({ topic }) => [right(node, "WRITE", topic), right(node, "DESCRIBE", topic)]),
    ...subscribe
      .filter(({ topic, consumerGroup = node }) => isTopic(topic) && isGroup(consumerGroup))
      .flatMap(
        ({ topic, consumerGroup = node }): ReadonlyArray<KafkaRight> => [
          right(node, "READ", topic),
          right(node, "DESCRIBE", topic),
          { user: node, operation: "READ", resource: "GROUP", name: consumerGroup },
        ],
      ),
  ]);
  return [...new Map(rights.map((one) => [Object.values(one).join(" "), one])).values()];
};

const right = (user: string, operation: KafkaRight["operation"], name: string): KafkaRight => ({
  user,
  operation,
  resource: "TOPIC",
  name,
});

/**
 * The user of the servers and of the unit that makes topics. No node's id contains an underscore, so no node has this
 * name.
 */
export const brokerUser = "cim_broker";

/** Whether the server asks its clients for passwords. */
export const isGuarded = ({ permissions }: Pick<KafkaSpecification, "permissions">): boolean => permissions.length > 0;
