import { kafkaBrokersPort, kafkaControllersPort } from "../../../graph/node-types/message-bus-engines.ts";
import { hostInUrl, loopback } from "../../host/addresses.ts";
import { boolean, type Expression, integer, string, strings } from "../../language/expression.ts";
import type { KafkaSpecification } from "./mod.ts";

/** Whom the servers and the unit that makes topics are. No node has an id with an underscore. */
export const brokerUser = "cim_broker";

/** Whether the server knows its clients by a password. */
export const isGuarded = ({ permissions }: KafkaSpecification): boolean => permissions.length > 0;

/**
 * Clients, servers and controllers have a port each: clients may speak TLS with certificates that servers need not trust
 * among themselves. Where the graph gives rights, everybody has a password.
 */
export const kafkaSettings = (
  specification: KafkaSpecification,
  certificateFile: string,
): ReadonlyArray<readonly [string, Expression]> => {
  const { port, listen, listenForPeers, address, voters, topics, tls } = specification;
  const guarded = isGuarded(specification);
  const replicas = Math.min(3, voters.length);
  const plain = guarded ? "SASL_PLAINTEXT" : "PLAINTEXT";
  const forClients = tls === undefined ? plain : guarded ? "SASL_SSL" : "SSL";
  return [
    ["node.id", integer(specification.number)],
    ["process.roles", strings(["broker", "controller"])],
    ["controller.quorum.voters", strings(voters.map((voter) => `${voter}:${kafkaControllersPort(port)}`))],
    ["controller.listener.names", strings(["CONTROLLERS"])],
    ["inter.broker.listener.name", string("SERVERS")],
    [
      "listeners",
      strings([
        `CLIENTS://${hostInUrl(listen)}:${port}`,
        `CONTROLLERS://${hostInUrl(listenForPeers)}:${kafkaControllersPort(port)}`,
        `SERVERS://${hostInUrl(listenForPeers)}:${kafkaBrokersPort(port)}`,
      ]),
    ],
    [
      "advertised.listeners",
      strings([
        `CLIENTS://${hostInUrl(address)}:${port}`,
        `SERVERS://${hostInUrl(voters.length === 1 ? loopback : address)}:${kafkaBrokersPort(port)}`,
      ]),
    ],
    ["listener.security.protocol.map", strings([`CLIENTS:${forClients}`, `CONTROLLERS:${plain}`, `SERVERS:${plain}`])],
    ["log.dirs", strings(["/var/lib/apache-kafka"])],
    ["offsets.topic.replication.factor", integer(replicas)],
    ["transaction.state.log.replication.factor", integer(replicas)],
    ["transaction.state.log.min.isr", integer(Math.max(1, replicas - 1))],
    ...keepingOf(specification),
    ...(topics.length === 0 ? [] : [["auto.create.topics.enable", boolean(false)] as const]),
    ...(tls === undefined
      ? []
      : [["ssl.keystore.type", string("PEM")] as const, ["ssl.keystore.location", string(certificateFile)] as const]),
    ...(guarded ? guardOf() : []),
  ];
};

/** How long and how much the server keeps. It drops whole segments only, so these have to be smaller than that. */
const keepingOf = ({
  retentionHours,
  partitionBytes,
}: KafkaSpecification): ReadonlyArray<readonly [string, Expression]> => [
  retentionHours === undefined ? ["log.retention.ms", integer(-1)] : ["log.retention.hours", integer(retentionHours)],
  ...(partitionBytes === undefined
    ? []
    : [
        ["log.retention.bytes", integer(partitionBytes)] as const,
        ["log.segment.bytes", integer(Math.min(2 ** 30, Math.max(2 ** 20, Math.floor(partitionBytes / 4))))] as const,
      ]),
];

const guardOf = (): ReadonlyArray<readonly [string, Expression]> => [
  ["sasl.enabled.mechanisms", strings(["PLAIN"])],
  ["sasl.mechanism.inter.broker.protocol", string("PLAIN")],
  ["sasl.mechanism.controller.protocol", string("PLAIN")],
  ["authorizer.class.name", string("org.apache.kafka.metadata.authorizer.StandardAuthorizer")],
  ["super.users", string(`User:${brokerUser}`)],
];
