import { kafkaBrokersPort, kafkaControllersPort } from "../../../graph/node-types/message-bus-engines.ts";
import { hostInUrl, loopback } from "../../host/network.ts";
import {
  attributes,
  type Binding,
  binding,
  boolean,
  byDefault,
  type Expression,
  integer,
  list,
  string,
  strings,
} from "../../language/expression.ts";
import { certificateOptions, joinedFile } from "../../unit/certificate.ts";
import { commandLine } from "../../unit/command-line.ts";
import { programPath } from "../../unit/programs.ts";
import { credentialBindings, type UnitAdditions, unitBindings } from "../../unit/systemd.ts";
import { afterServer, taskOptions } from "../../unit/task.ts";
import { passwordFile } from "../clients.ts";
import { brokerUser, isGuarded, type KafkaSpecification } from "./specification.ts";

/** The name of the server in the names of its certificate's unit and files. */
export const serverName = "kafka";

/** The folder in which a server keeps messages. */
export const dataFolder = "/var/lib/apache-kafka";

export const topicsUnit = "cim-kafka-topics";

const folder = "cim-kafka";

/** The options of a host with a Kafka server. */
export const kafkaOptions = (specification: KafkaSpecification): ReadonlyArray<Binding> => {
  const { unit, tls, clusterId, makesTopics } = specification;
  const jvmOptions = jvmOptionsOf(specification);
  return [
    binding(
      "services.apache-kafka",
      attributes([
        binding("enable", boolean(true)),
        binding("clusterId", string(clusterId)),
        binding("formatLogDirs", boolean(true)),
        binding("settings", attributes(settings(specification).map(([name, value]) => binding([name], value)))),
        ...(jvmOptions.length === 0 ? [] : [binding("jvmOptions", strings(jvmOptions))]),
      ]),
    ),
    ...unitBindings("apache-kafka", unit, additionsOf(specification)),
    ...certificateOptions(tls, {
      server: serverName,
      user: "apache-kafka",
      unit: "apache-kafka.service",
      joined: true,
    }),
    ...(makesTopics ? [topicsOptions(specification)] : []),
  ];
};

/** A setting of Kafka. The names contain dots, so each name is a single attribute. */
type Setting = readonly [name: string, value: Expression];

/**
 * Returns the settings of the server. Clients, servers and controllers each have their own port. So clients may use
 * TLS, while servers need not trust each other's certificates. If the graph gives rights, each of them has a password.
 */
const settings = (specification: KafkaSpecification): ReadonlyArray<Setting> => {
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
    ["log.dirs", strings([dataFolder])],
    ["offsets.topic.replication.factor", integer(replicas)],
    ["transaction.state.log.replication.factor", integer(replicas)],
    ["transaction.state.log.min.isr", integer(Math.max(1, replicas - 1))],
    ...retentionSettings(specification),
    ...(topics.length === 0 ? [] : [["auto.create.topics.enable", boolean(false)] as const]),
    ...(tls === undefined ? [] : tlsSettings),
    ...(guarded ? guardSettings : []),
  ];
};

/**
 * Returns the settings for how long and how much the server keeps. It drops only whole segments, so a segment must be
 * smaller than the limit.
 */
const retentionSettings = ({ retentionHours, partitionBytes }: KafkaSpecification): ReadonlyArray<Setting> => [
  retentionHours === undefined ? ["log.retention.ms", integer(-1)] : ["log.retention.hours", integer(retentionHours)],
  ...(partitionBytes === undefined
    ? []
    : [
        ["log.retention.bytes", integer(partitionBytes)] as const,
        ["log.segment.bytes", integer(Math.min(2 ** 30, Math.max(2 ** 20, Math.floor(partitionBytes / 4))))] as const,
      ]),
];

const tlsSettings: ReadonlyArray<Setting> = [
  ["ssl.keystore.type", string("PEM")],
  ["ssl.keystore.location", string(joinedFile(serverName))],
];

const guardSettings: ReadonlyArray<Setting> = [
  ["sasl.enabled.mechanisms", strings(["PLAIN"])],
  ["sasl.mechanism.inter.broker.protocol", string("PLAIN")],
  ["sasl.mechanism.controller.protocol", string("PLAIN")],
  ["authorizer.class.name", string("org.apache.kafka.metadata.authorizer.StandardAuthorizer")],
  ["super.users", string(`User:${brokerUser}`)],
];

/**
 * Returns the options of Java. By default Java takes a quarter of the memory. Half of it leaves the other half to the
 * files that Kafka reads.
 */
const jvmOptionsOf = (specification: KafkaSpecification): ReadonlyArray<string> => [
  ...(specification.unit.limits.memoryMb === undefined ? [] : ["-XX:MaxRAMPercentage=50"]),
  ...(isGuarded(specification) ? [`-Djava.security.auth.login.config=/run/${folder}/jaas.conf`] : []),
];

const additionsOf = (specification: KafkaSpecification): UnitAdditions => {
  const { id, voters, permissions } = specification;
  // NixOS does not restart the server after a failure. If the name of a peer is not known yet, the start fails.
  const restart = [binding("Restart", byDefault(string("on-failure"))), binding("RestartSec", byDefault(integer(5)))];
  if (!isGuarded(specification)) return { serviceConfig: restart };
  const users = permissions.map(({ node }) => node);
  const known = voters.length === 1 ? users : [...users, brokerUser];
  return {
    preparations: [commandLine(programPath("kafkaPasswords"), [`/run/${folder}`, brokerUser, ...users])],
    serviceConfig: [
      ...restart,
      binding("RuntimeDirectory", string(folder)),
      binding("RuntimeDirectoryMode", string("0700")),
      ...credentialBindings(Object.fromEntries(known.map((user) => [`${user}.password`, passwordFile(id, user)]))),
    ],
  };
};

/** Returns the unit that makes the topics and sets the rights once the server answers. */
const topicsOptions = (specification: KafkaSpecification): Binding => {
  const { port, topics, rights, voters, address, retentionHours: usual } = specification;
  const guarded = isGuarded(specification);
  const server = [
    `${hostInUrl(voters.length === 1 ? loopback : address)}:${kafkaBrokersPort(port)}`,
    guarded ? `/run/${folder}/client.properties` : "/dev/null",
  ];
  const topicArguments = topics.flatMap(({ name, partitions, replicas, retentionHours = usual }) => [
    name,
    String(partitions),
    String(replicas),
    String(milliseconds(retentionHours)),
  ]);
  const rightArguments = rights.flatMap(({ user, operation, resource, name }) => [user, operation, resource, name]);
  return taskOptions({
    name: topicsUnit,
    description: "Makes the topics of the Kafka server",
    settings: afterServer("apache-kafka.service"),
    remains: true,
    user: "apache-kafka",
    command: list([
      commandLine(programPath("kafkaTopics"), [...server, ...topicArguments]),
      ...(guarded ? [commandLine(programPath("kafkaRights"), [...server, ...rightArguments])] : []),
    ]),
    retrySeconds: 5,
  });
};

/** Returns a time in milliseconds. For Kafka, -1 means for ever. */
const milliseconds = (hours: number | undefined): number =>
  hours === undefined ? -1 : Math.min(Number.MAX_SAFE_INTEGER, Math.ceil(hours * 3_600_000));
