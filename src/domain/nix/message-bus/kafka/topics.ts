import type { MessageBusNode } from "../../../graph/node.ts";
import type { Permission } from "../clients.ts";

export interface KafkaTopic {
  readonly name: string;
  readonly partitions: number;
  readonly replicas: number;
  /** Without one, the server's own rule says how long messages are kept. */
  readonly retentionHours?: number;
}

/** What Kafka takes as the name of a topic. */
export const isTopic = (name: string): boolean => /^[A-Za-z0-9._-]{1,249}$/.test(name) && !/^\.{1,2}$/.test(name);

/** The topics of a bus, each once; names that Kafka does not take are left out. */
export const topicsOf = ({ topics = [] }: MessageBusNode, servers: number): ReadonlyArray<KafkaTopic> =>
  [...new Map(topics.map((topic) => [topic.name, topic])).values()]
    .filter(({ name }) => isTopic(name))
    .map(({ name, partitions = 1, replicationFactor = 1, retentionHours }) => ({
      name,
      partitions,
      replicas: Math.min(replicationFactor, servers),
      ...(retentionHours === undefined ? {} : { retentionHours }),
    }));

/** An access control entry. */
export interface KafkaRight {
  readonly user: string;
  readonly operation: "WRITE" | "READ" | "DESCRIBE";
  readonly resource: "TOPIC" | "GROUP";
  readonly name: string;
}

/** `*` would be every group. */
const isGroup = (name: string): boolean => name !== "*";

/** What each node may do: who names no consumer group is one of its own name. */
export const rightsOf = (permissions: ReadonlyArray<Permission>): ReadonlyArray<KafkaRight> => {
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
