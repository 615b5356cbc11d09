import { kafkaBrokersPort } from "../../../graph/node-types/message-bus-engines.ts";
import { hostInUrl, loopback } from "../../host/addresses.ts";
import {
  attributes,
  type Binding,
  binding,
  boolean,
  byDefault,
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
import type { KafkaSpecification } from "./mod.ts";
import { brokerUser, isGuarded, kafkaSettings } from "./settings.ts";

/** The server by which its certificate is called. */
export const serverName = "kafka";

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
        binding(
          "settings",
          attributes(
            kafkaSettings(specification, joinedFile(serverName)).map(([name, value]) => binding([name], value)),
          ),
        ),
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
    ...(makesTopics ? [topicsBinding(specification)] : []),
  ];
};

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
    `${hostInUrl(specification.voters.length === 1 ? loopback : specification.address)}:${kafkaBrokersPort(port)}`,
    guarded ? `/run/${folder}/client.properties` : "/dev/null",
  ];
  return taskOptions({
    name: topicsUnit,
    description: "Makes the topics of the Kafka server",
    settings: afterServer("apache-kafka.service"),
    remains: true,
    user: "apache-kafka",
    command: list([
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
    retrySeconds: 5,
  });
};

/** As Kafka takes it: -1 is for ever. */
const milliseconds = (hours: number | undefined): number =>
  hours === undefined ? -1 : Math.min(Number.MAX_SAFE_INTEGER, Math.ceil(hours * 3_600_000));
