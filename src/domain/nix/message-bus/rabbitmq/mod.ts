import { addressFamily } from "../../../graph/addresses.ts";
import type { HostNode, MessageBusNode } from "../../../graph/node.ts";
import { erlangPort, rabbitmqServersPort } from "../../../graph/node-types/message-bus-engines.ts";
import { portOf } from "../../../graph/ports.ts";
import { everywhere, loopback } from "../../host/addresses.ts";
import { pathsFrom, tcp } from "../../host/network.ts";
import { observersOf } from "../../monitoring/monitored.ts";
import type { NodeKind, Place } from "../../node-kind.ts";
import { certificateUnit, subjectsOf } from "../../unit/certificate.ts";
import type { UnitRequirements } from "../../unit/systemd.ts";
import { encryptionOf, type Permission, passwordSecret, permissionsOf } from "../clients.ts";
import { cookieFile, rabbitmqOptions, setupUnit } from "./options.ts";
import { type RabbitmqTopic, type RabbitmqUser, topicsOf, usersOf } from "./topics.ts";

/** The RabbitMQ server of a host. */
export interface RabbitmqSpecification {
  readonly type: "message-bus";
  readonly engine: "rabbitmq";
  readonly id: string;
  readonly unit: UnitRequirements;
  readonly port: number;
  /** The address it listens on: the loopback unless a client is on another host. */
  readonly listen: string;
  /** The address on which its figures are read: the loopback unless something on another host monitors it. */
  readonly figures: string;
  /** TLS for all clients, with the names that the certificate is good for: a port speaks TLS or does not. */
  readonly tls?: { readonly subjects: ReadonlyArray<string> };
  /** The servers of the bus, this one among them, where there are several. */
  readonly cluster?: {
    readonly self: string;
    readonly members: ReadonlyArray<{ readonly name: string; readonly address: string }>;
  };
  readonly topics: ReadonlyArray<RabbitmqTopic>;
  /** Whether this host makes topics and users: one host does for all of a cluster. */
  readonly setsUp: boolean;
  /** What the graph lets each node do. */
  readonly permissions: ReadonlyArray<Permission>;
  /** The same as RabbitMQ says it; without any, whoever reaches the port is the guest, who may do anything. */
  readonly users: ReadonlyArray<RabbitmqUser>;
}

/** Erlang's names of hosts need a dot. Those of hosts without a DNS name exist in `networking.extraHosts` only. */
const nameOf = ({ id, address }: HostNode): string =>
  addressFamily(address) === undefined ? address : `${id}.cim.internal`;

const clusterOf = (node: MessageBusNode, { topology, host }: Place): Pick<RabbitmqSpecification, "cluster"> => {
  const servers = topology.hostsOf(node.id);
  return servers.length === 1
    ? {}
    : {
        cluster: {
          self: nameOf(host),
          members: servers.map((server) => ({ name: nameOf(server), address: server.address })),
        },
      };
};

const setsUp = (node: MessageBusNode, { topology, host }: Place): boolean => {
  const [first, ...others] = topology.hostsOf(node.id);
  return (
    first?.id === host.id &&
    (topicsOf(node, others.length + 1).length > 0 || permissionsOf(topology, node.id).length > 0)
  );
};

export const rabbitmq: NodeKind<MessageBusNode, RabbitmqSpecification> = {
  unit: () => "rabbitmq.service",
  units: (node, place) => [
    "rabbitmq.service",
    ...(setsUp(node, place) ? [`${setupUnit}.service`] : []),
    ...(encryptionOf(place.topology, node.id).encrypted ? [certificateUnit("rabbitmq")] : []),
  ],
  specify: (node, site) => {
    const { host, topology, clients } = site;
    const observers = observersOf(topology, node).filter(({ id }) => id !== host.id);
    const topics = topicsOf(node, topology.hostsOf(node.id).length);
    const permissions = permissionsOf(topology, node.id);
    return {
      type: "message-bus",
      engine: "rabbitmq",
      id: node.id,
      unit: site.unit,
      port: portOf(node) ?? 5672,
      listen: clients.length === 0 ? loopback : everywhere([host, ...clients]),
      figures: observers.length === 0 ? loopback : everywhere([host, ...observers]),
      topics,
      setsUp: setsUp(node, site),
      permissions,
      users: usersOf(permissions, topics),
      ...clusterOf(node, site),
      ...(encryptionOf(topology, node.id).encrypted ? { tls: { subjects: subjectsOf(node.id, host) } } : {}),
    };
  },
  ownPaths: (node, { topology, host }) =>
    [erlangPort, rabbitmqServersPort(portOf(node) ?? 5672)].flatMap((port) =>
      pathsFrom(topology, host, tcp(node.id, node.id, port)),
    ),
  secrets: ({ id, cluster, setsUp: first, permissions }) => [
    ...(cluster === undefined
      ? []
      : [
          {
            path: cookieFile(id),
            node: id,
            content: `the Erlang cookie of ${id}: up to 255 letters and digits, the same on all its hosts`,
          },
        ]),
    ...(first ? permissions.map(({ node }) => passwordSecret(id, node, id)) : []),
  ],
  options: rabbitmqOptions,
};
