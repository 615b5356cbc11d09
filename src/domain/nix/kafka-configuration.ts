import { hostInUrl, loopback } from "./addresses.ts";
import { certificateFiles, certificateUnit } from "./bus-certificate.ts";
import { passwordFile } from "./bus-clients.ts";
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
} from "./expression.ts";
import type { KafkaSpecification } from "./kafka.ts";
import { programPath } from "./programs.ts";
import { commandLine, credentialBindings, type UnitAdditions, unitBindings } from "./systemd.ts";

/** Whom the servers and the unit that makes topics are. No node has an id with an underscore. */
export const brokerUser = "cim_broker";

export const certificateName = "cim-kafka-tls";
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
        binding("settings", attributes(settingsOf(specification).map(([name, value]) => binding([name], value)))),
        ...(jvmOptions.length === 0 ? [] : [binding("jvmOptions", strings(jvmOptions))]),
      ]),
    ),
    ...unitBindings("apache-kafka", unit, additionsOf(specification)),
    ...(tls === undefined
      ? []
      : [
          certificateUnit({
            ...{ name: certificateName, server: "apache-kafka.service", user: "apache-kafka" },
            ...{ subjects: tls.subjects, together: true },
          }),
        ]),
    ...(makesTopics ? [topicsBinding(specification)] : []),
  ];
};

const isGuarded = ({ permissions }: KafkaSpecification): boolean => permissions.length > 0;

/**
 * Clients, servers and controllers have a port each: clients may speak TLS with certificates that servers need not trust
 * among themselves. Where the graph gives rights, everybody has a password.
 */
const settingsOf = (specification: KafkaSpecification): ReadonlyArray<readonly [string, Expression]> => {
  const { port, listen, listenForPeers, address, voters, topics, tls } = specification;
  const guarded = isGuarded(specification);
  const replicas = Math.min(3, voters.length);
  const plain = guarded ? "SASL_PLAINTEXT" : "PLAINTEXT";
  const forClients = tls === undefined ? plain : guarded ? "SASL_SSL" : "SSL";
  return [
    ["node.id", integer(specification.number)],
    ["process.roles", strings(["broker", "controller"])],
    ["controller.quorum.voters", strings(voters.map((voter) => `${voter}:${port + 1}`))],
    ["controller.listener.names", strings(["CONTROLLERS"])],
    ["inter.broker.listener.name", string("SERVERS")],
    [
      "listeners",
      strings([
        `CLIENTS://${hostInUrl(listen)}:${port}`,
        `CONTROLLERS://${hostInUrl(listenForPeers)}:${port + 1}`,
        `SERVERS://${hostInUrl(listenForPeers)}:${port + 2}`,
      ]),
    ],
    [
      "advertised.listeners",
      strings([
        `CLIENTS://${hostInUrl(address)}:${port}`,
        `SERVERS://${hostInUrl(voters.length === 1 ? loopback : address)}:${port + 2}`,
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
      : [
          ["ssl.keystore.type", string("PEM")] as const,
          [
            "ssl.keystore.location",
            string(certificateFiles({ name: certificateName, together: true }).certificate),
          ] as const,
        ]),
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

/** A quarter of the memory is what Java takes by itself; half leaves the other half to the files that Kafka reads. */
const jvmOptionsOf = (specification: KafkaSpecification): ReadonlyArray<string> => [
  ...(specification.unit.limits.memoryMb === undefined ? [] : ["-XX:MaxRAMPercentage=50"]),
  ...(isGuarded(specification) ? [`-Djava.security.auth.login.config=/run/${folder}/jaas.conf`] : []),
];

const usersOf = ({ permissions }: KafkaSpecification): ReadonlyArray<string> => permissions.map(({ node }) => node);

const additionsOf = (specification: KafkaSpecification): UnitAdditions => {
  const { id, voters } = specification;
  // NixOS lets it rest after a failure, such as a peer whose name is not known yet.
  const restart = [binding("Restart", byDefault(string("on-failure"))), binding("RestartSec", byDefault(integer(5)))];
  if (!isGuarded(specification)) return { serviceConfig: restart };
  const users = usersOf(specification);
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

/** Makes the topics, and sets the rights, once the server answers. */
const topicsBinding = (specification: KafkaSpecification): Binding => {
  const { port, topics, rights } = specification;
  const guarded = isGuarded(specification);
  const server = [
    `${hostInUrl(specification.voters.length === 1 ? loopback : specification.address)}:${port + 2}`,
    guarded ? `/run/${folder}/client.properties` : "/dev/null",
  ];
  return binding(
    ["systemd", "services", topicsUnit],
    attributes([
      binding("description", string("Makes the topics of the Kafka server")),
      binding("wantedBy", strings(["multi-user.target"])),
      binding("after", strings(["apache-kafka.service"])),
      binding("requires", strings(["apache-kafka.service"])),
      binding(
        "serviceConfig",
        attributes([
          binding("Type", string("oneshot")),
          binding("RemainAfterExit", boolean(true)),
          binding("User", string("apache-kafka")),
          binding(
            "ExecStart",
            list([
              commandLine(programPath("kafkaTopics"), [
                ...server,
                ...topics.flatMap(({ name, partitions, replicas, retentionHours }) => [
                  ...[name, String(partitions), String(replicas)],
                  String(milliseconds(retentionHours ?? specification.retentionHours)),
                ]),
              ]),
              ...(guarded
                ? [
                    commandLine(programPath("kafkaRights"), [
                      ...server,
                      ...rights.flatMap(({ user, operation, resource, name }) => [user, operation, resource, name]),
                    ]),
                  ]
                : []),
            ]),
          ),
          binding("Restart", string("on-failure")),
          binding("RestartSec", integer(5)),
        ]),
      ),
    ]),
  );
};

/** As Kafka takes it: -1 is for ever. */
const milliseconds = (hours: number | undefined): number =>
  hours === undefined ? -1 : Math.min(Number.MAX_SAFE_INTEGER, Math.ceil(hours * 3_600_000));
