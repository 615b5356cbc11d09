import type { HostNode, MessageBusNode } from "../../../graph/node.ts";
import { kafkaBrokersPort, kafkaControllersPort } from "../../../graph/node-types/message-bus-engines.ts";
import { portOf } from "../../../graph/ports.ts";
import { hashOf } from "../../hash.ts";
import { everywhere, hostInUrl, loopback } from "../../host/addresses.ts";
import { pathsFrom, tcp } from "../../host/network.ts";
import type { NodeKind, Place } from "../../node-kind.ts";
import { certificateUnit, subjectsOf } from "../../unit/certificate.ts";
import type { UnitRequirements } from "../../unit/systemd.ts";
import { encryptionOf, type Permission, passwordSecret, permissionsOf } from "../clients.ts";
import { kafkaOptions, serverName, topicsUnit } from "./options.ts";
import { brokerUser } from "./settings.ts";
import { isTopic, type KafkaRight, type KafkaTopic, rightsOf, topicsOf } from "./topics.ts";

/** The Kafka server of a host: broker and controller (KRaft) at once. */
export interface KafkaSpecification {
  readonly type: "message-bus";
  readonly engine: "kafka";
  readonly id: string;
  readonly unit: UnitRequirements;
  readonly clusterId: string;
  /** Its number among the servers of the bus, from 1. */
  readonly number: number;
  /** `number@address` of each server. */
  readonly voters: ReadonlyArray<string>;
  readonly port: number;
  /** The address it listens on for clients: the loopback unless one is on another host. */
  readonly listen: string;
  /** The address it listens on for other servers. */
  readonly listenForPeers: string;
  /** The address that clients are told to use. */
  readonly address: string;
  /** TLS for all clients, with the names that the certificate is good for: a port speaks TLS or does not. */
  readonly tls?: { readonly subjects: ReadonlyArray<string> };
  /** The age in hours at which messages of topics that say nothing are dropped; kept for ever without one. */
  readonly retentionHours?: number;
  /** As much as a partition may keep, in bytes. */
  readonly partitionBytes?: number;
  /** All topics of the bus. */
  readonly topics: ReadonlyArray<KafkaTopic>;
  /** Whether this host makes the topics and sets the rights: one host does for all of a cluster. */
  readonly makesTopics: boolean;
  /** What the graph lets each node do. */
  readonly permissions: ReadonlyArray<Permission>;
  /** The same as Kafka says it; without any, whoever reaches the port may do anything. */
  readonly rights: ReadonlyArray<KafkaRight>;
}

/** Kafka's own default for how long it keeps messages. */
const usualRetentionHours = 168;

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** A UUID as Kafka writes it, 22 characters of base64url, made of a text. Kafka's tools take none that begins with `-`. */
const uuidOf = (text: string): string => {
  const bits = hashOf(text) << 4n;
  const digits = Array.from({ length: 22 }, (_, index) => alphabet[Number((bits >> BigInt(126 - 6 * index)) & 63n)]);
  return digits.join("").replace(/^-/, "A");
};

/** How much of the disk each partition may fill, where the graph says how much all of them may. */
const partitionBytesOf = (
  node: MessageBusNode,
  topics: ReadonlyArray<KafkaTopic>,
  servers: number,
): Pick<KafkaSpecification, "partitionBytes"> => {
  const disk = node.resources?.diskGb;
  const copies = topics.reduce((sum, { partitions, replicas }) => sum + partitions * replicas, 0);
  return disk === undefined || copies === 0
    ? {}
    : { partitionBytes: Math.floor((disk * 1024 ** 3) / Math.ceil(copies / servers)) };
};

const serverOf = (host: HostNode, alone: boolean): string => hostInUrl(alone ? loopback : host.address);

export const kafka: NodeKind<MessageBusNode, KafkaSpecification> = {
  unit: () => "apache-kafka.service",
  units: (node, place) => [
    "apache-kafka.service",
    ...(makesTopics(node, place) ? [`${topicsUnit}.service`] : []),
    ...(encryptionOf(place.topology, node.id).encrypted ? [certificateUnit(serverName)] : []),
  ],
  specify: (node, site) => {
    const { host, topology, clients } = site;
    const servers = topology.hostsOf(node.id);
    const alone = servers.length === 1;
    const topics = topicsOf(node, servers.length);
    const permissions = permissionsOf(topology, node.id);
    return {
      type: "message-bus",
      engine: "kafka",
      id: node.id,
      unit: site.unit,
      clusterId: uuidOf(node.id),
      number: servers.findIndex(({ id }) => id === host.id) + 1,
      voters: servers.map((server, index) => `${index + 1}@${serverOf(server, alone)}`),
      port: portOf(node) ?? 9092,
      listen: clients.length === 0 ? loopback : everywhere([host, ...clients]),
      listenForPeers: alone ? loopback : everywhere(servers),
      address: alone && clients.length === 0 ? loopback : host.address,
      topics,
      makesTopics: makesTopics(node, site),
      permissions,
      rights: rightsOf(permissions),
      ...(node.persistence === true ? {} : { retentionHours: usualRetentionHours }),
      ...partitionBytesOf(node, topics, servers.length),
      ...(encryptionOf(topology, node.id).encrypted ? { tls: { subjects: subjectsOf(node.id, host) } } : {}),
    };
  },
  ownPaths: (node, { topology, host }) => {
    const port = portOf(node) ?? 9092;
    return [kafkaControllersPort(port), kafkaBrokersPort(port)].flatMap((own) =>
      pathsFrom(topology, host, tcp(node.id, node.id, own)),
    );
  },
  secrets: ({ id, permissions, voters }) =>
    permissions.length === 0
      ? []
      : [
          ...permissions.map(({ node }) => passwordSecret(id, node, id)),
          ...(voters.length === 1 ? [] : [passwordSecret(id, brokerUser, id)]),
        ],
  options: kafkaOptions,
};

const makesTopics = (node: MessageBusNode, { topology, host }: Place): boolean =>
  topology.hostsOf(node.id)[0]?.id === host.id &&
  ((node.topics ?? []).some(({ name }) => isTopic(name)) || permissionsOf(topology, node.id).length > 0);
