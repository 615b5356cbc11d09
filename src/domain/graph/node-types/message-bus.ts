import { Schema, Struct } from "effect";
import { List } from "../../kernel/mod.ts";
import { edgeIdentity } from "../edge.ts";
import {
  always,
  askedResources,
  identity,
  type NodeRule,
  type NodeTypeDefinition,
  none,
  nothing,
} from "../node-type.ts";
import { error, warning } from "../problem.ts";
import {
  AbsolutePath,
  described,
  LeafUrl,
  NonEmptyText,
  optional,
  PositiveInteger,
  PositiveNumber,
  Resources,
} from "../values.ts";
import { exporterPorts } from "./database.ts";
import { busEngines, factsOfBus } from "./message-bus-engines.ts";

/** A message broker. */
export const MessageBusNode = Schema.Struct({
  ...identity("message-bus"),
  engine: described(Schema.Literals(Struct.keys(busEngines)), "The program that passes messages on."),
  persistence: optional(Schema.Boolean, "Whether messages are kept on disk; false unless given."),
  topics: optional(
    List(
      Schema.Struct({
        name: described(NonEmptyText, "The name of the topic, as the engine takes it."),
        partitions: optional(PositiveInteger, "How many readers of one group can share the topic."),
        replicationFactor: optional(PositiveInteger, "The number of servers that keep each message."),
        retentionHours: optional(PositiveNumber, "How long messages are kept, in hours."),
      }),
    ),
    "The topics that the bus has from the start.",
  ),
  leafRemotes: optional(
    List(
      Schema.Struct({
        url: described(LeafUrl, "The NATS server that is dialled, such as `nats-leaf://host:7422`."),
        credentialsFile: optional(AbsolutePath, "The file on the host with the credentials for that server."),
      }),
    ),
    "The NATS servers that this bus joins as a leaf node.",
  ),
  resources: optional(Resources, askedResources),
}).annotate({ identifier: "MessageBusNode" });
export type MessageBusNode = typeof MessageBusNode.Type;

const topicsOf = ({ topics = [] }: MessageBusNode): ReadonlyArray<string> => topics.map(({ name }) => name);

/** `invalid-config`: a topic that its bus cannot have, in the bus's list or on an edge to it. */
const badTopics: NodeRule<MessageBusNode> = (buses, graph) =>
  buses.flatMap((bus) => {
    const { naming, listFaults } = factsOfBus(bus);
    const faultOf = (name: string): ReadonlyArray<string> =>
      naming.isTopic(name) ? [] : [`"${name}" is no topic of \`${bus.id}\`: ${naming.expected}: rename it`];
    const names = topicsOf(bus);
    const ofList = [...names.flatMap(faultOf), ...listFaults(names, bus.persistence === true)];
    const edges = [...graph.to(bus.id, "publishes-to"), ...graph.to(bus.id, "subscribes-to")];
    return [
      ...ofList.map((why) => error("invalid-config", { nodes: [bus.id] }, `node \`${bus.id}\`: ${why}`)),
      ...edges.flatMap((edge) => {
        const identity = edgeIdentity(edge);
        const subject = { nodes: [edge.from, edge.to], edges: [identity] };
        return faultOf(edge.topic).map((why) => error("invalid-config", subject, `edge \`${identity}\`: ${why}`));
      }),
    ];
  });

/** `invalid-config`: a consumer group that the bus cannot have. */
const badGroups: NodeRule<MessageBusNode> = (buses, graph) =>
  buses.flatMap((bus) =>
    graph.to(bus.id, "subscribes-to").flatMap((edge) => {
      if (edge.consumerGroup === undefined) return [];
      const fault = factsOfBus(bus).groupFault(edge.topic, edge.consumerGroup);
      if (fault === undefined) return [];
      const identity = edgeIdentity(edge);
      return [
        error(
          "invalid-config",
          { nodes: [edge.from, edge.to], edges: [identity] },
          `edge \`${identity}\`: "${edge.consumerGroup}" is no consumer group of \`${edge.to}\`: ${fault}: rename it`,
        ),
      ];
    }),
  );

/**
 * `single-point-of-failure`: a topic with more replicas than its bus has servers. It is stored on the existing ones.
 */
const tooFewServers: NodeRule<MessageBusNode> = (buses, { placements }) =>
  buses.flatMap(({ id, topics = [] }) => {
    const servers = placements.get(id)?.length ?? 0;
    return topics
      .filter(({ replicationFactor = 1 }) => servers > 0 && replicationFactor > servers)
      .map(({ name, replicationFactor }) =>
        warning(
          "single-point-of-failure",
          { nodes: [id] },
          `message bus \`${id}\`: topic "${name}" is to be kept ${replicationFactor} times and the bus runs on ` +
            `${servers} host${servers === 1 ? "" : "s"}: place it on more (\`runs-on\`) or lower \`replicationFactor\``,
        ),
      );
  });

export const messageBus: NodeTypeDefinition<MessageBusNode> = {
  schema: MessageBusNode,
  meaning: "A message broker.",
  port: (node) => factsOfBus(node).port,
  portUse: {},
  innerPorts: (node, host, graph) => factsOfBus(node).innerPorts(node.id, host, graph),
  programs: none,
  metricsPort: (node) => factsOfBus(node).metricsPort,
  monitoredPorts: (node) => {
    const { hasExporter, metricsPort } = factsOfBus(node);
    return exporterPorts(node.id, node.engine, hasExporter ? metricsPort : undefined);
  },
  onceAHost: (node) => (factsOfBus(node).onceAHost ? node.engine : undefined),
  needsHost: always,
  encryptionRemedy: nothing,
  picture: { detail: ({ engine }) => engine, mermaid: ["([", "])"], graphviz: "cds" },
  rules: [badTopics, badGroups, tooFewServers],
};
