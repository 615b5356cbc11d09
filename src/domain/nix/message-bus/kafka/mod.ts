import type { MessageBusNode } from "../../../graph/node.ts";
import { kafkaBrokersPort, kafkaControllersPort } from "../../../graph/node-types/message-bus-engines.ts";
import { pathsFrom, tcp } from "../../host/network.ts";
import { kept, type NodeKind } from "../../node-kind.ts";
import { certificateUnit } from "../../unit/certificate.ts";
import { encryptionOf, passwordSecret } from "../clients.ts";
import { dataFolder, kafkaOptions, serverName, topicsUnit } from "./options.ts";
import {
  brokerUser,
  isGuarded,
  type KafkaSpecification,
  kafkaPort,
  makesTopics,
  specifyKafka,
} from "./specification.ts";

/** Kafka: `services.apache-kafka` of NixOS, which runs one server on a host. */
export const kafka: NodeKind<MessageBusNode, KafkaSpecification> = {
  unit: () => "apache-kafka.service",
  units: (node, place) => [
    "apache-kafka.service",
    ...(makesTopics(node, place) ? [`${topicsUnit}.service`] : []),
    ...(encryptionOf(place.topology, node.id).encrypted ? [certificateUnit(serverName)] : []),
  ],
  data: () => kept(dataFolder),
  specify: specifyKafka,
  ownPaths: (node, { topology, host }) => {
    const port = kafkaPort(node);
    return [kafkaControllersPort(port), kafkaBrokersPort(port)].flatMap((own) =>
      pathsFrom(topology, host, tcp(node.id, node.id, own)),
    );
  },
  secrets: (specification) => {
    const { id, permissions, voters } = specification;
    if (!isGuarded(specification)) return [];
    const servers = voters.length === 1 ? [] : [brokerUser];
    return [...permissions.map(({ node }) => node), ...servers].map((user) => passwordSecret(id, user, id));
  },
  options: kafkaOptions,
};
