import { edgeIdentity } from "../edge.ts";
import type { GraphIndex } from "../graph-index.ts";
import type { MessageBusNode } from "../node.ts";
import { error, type Problem, warning } from "../problem.ts";
import { overlaps } from "../subjects.ts";

interface Naming {
  readonly isTopic: (name: string) => boolean;
  readonly expected: string;
}

/** As many bytes as RabbitMQ takes for a name. */
const fitsRabbitmq = (name: string): boolean => new TextEncoder().encode(name).length <= 255;

/** What each engine takes as the name of a topic; Redis takes anything. */
const namings: Readonly<Record<MessageBusNode["engine"], Naming | undefined>> = {
  nats: {
    isTopic: (name) =>
      /^(?:[^\s.*>]+|\*)(?:\.(?:[^\s.*>]+|\*))*(?:\.>)?$|^>$/.test(name) && !/[\u0000-\u001f\u007f]/.test(name),
    expected: "a NATS subject is words without spaces, joined by dots",
  },
  kafka: {
    isTopic: (name) => /^[A-Za-z0-9._-]{1,249}$/.test(name) && name !== "." && name !== "..",
    expected: "a Kafka topic has at most 249 letters, digits, dots, _ and -",
  },
  rabbitmq: {
    isTopic: fitsRabbitmq,
    expected: "RabbitMQ takes at most 255 bytes",
  },
  redis: undefined,
};

/** `invalid-config`: a topic that its bus cannot have, in the list of the bus or on an edge to it. */
const badNames = ({ nodes, edges }: GraphIndex): ReadonlyArray<Problem> => {
  const fault = (bus: MessageBusNode, name: string): string | undefined => {
    const naming = namings[bus.engine];
    return naming === undefined || naming.isTopic(name)
      ? undefined
      : `"${name}" is no topic of \`${bus.id}\`: ${naming.expected}: rename it`;
  };
  const ofBuses = [...nodes.values()].flatMap((node) =>
    node.type !== "message-bus"
      ? []
      : (node.topics ?? []).flatMap(({ name }) => {
          const why = fault(node, name);
          return why === undefined
            ? []
            : [error("invalid-config", { nodes: [node.id] }, `node \`${node.id}\`: ${why}`)];
        }),
  );
  const ofEdges = edges.flatMap((edge) => {
    if (edge.type !== "publishes-to" && edge.type !== "subscribes-to") return [];
    const bus = nodes.get(edge.to);
    const why = bus?.type === "message-bus" ? fault(bus, edge.topic) : undefined;
    const identity = edgeIdentity(edge);
    return why === undefined
      ? []
      : [error("invalid-config", { nodes: [edge.from, edge.to], edges: [identity] }, `edge \`${identity}\`: ${why}`)];
  });
  return [...ofBuses, ...ofEdges];
};

/** `invalid-config`: a topic in the list of a bus that the bus cannot make. */
const unmakeable = ({ nodes }: GraphIndex): ReadonlyArray<Problem> =>
  [...nodes.values()].flatMap((node) => {
    if (node.type !== "message-bus") return [];
    const names = (node.topics ?? []).map(({ name }) => name);
    const say = (why: string) => error("invalid-config", { nodes: [node.id] }, `node \`${node.id}\`: ${why}`);
    if (node.engine === "rabbitmq")
      return names
        .filter((name) => name.startsWith("amq."))
        .map((name) => say(`topic "${name}" begins like those of RabbitMQ itself (\`amq.\`): rename it`));
    if (node.engine !== "nats" || node.persistence !== true) return [];
    return overlaps(names).map(([name, earlier]) =>
      say(
        name === earlier
          ? `topic "${name}" is listed twice, and JetStream keeps a message once: remove one`
          : `topics "${earlier}" and "${name}" have subjects in common, and JetStream keeps a message once: remove one, ` +
              "or rename it",
      ),
    );
  });

/** Why readers of a topic cannot share it as a group, in words; undefined where they can. Redis takes any group. */
const groupFault = ({ engine }: MessageBusNode, topic: string, group: string): string | undefined => {
  if (engine === "nats" && /[\s\u0000-\u001f\u007f]/.test(group))
    return "NATS takes no white space in the name of a group";
  if (engine === "kafka" && group === "*") return "`*` means every group to Kafka";
  if (engine === "rabbitmq" && fitsRabbitmq(topic) && !fitsRabbitmq(`${group}@${topic}`))
    return "its queue is called by group and topic, and RabbitMQ takes at most 255 bytes";
  return undefined;
};

/** `invalid-config`: a consumer group that the bus cannot have. */
const badGroups = ({ nodes, edges }: GraphIndex): ReadonlyArray<Problem> =>
  edges.flatMap((edge) => {
    if (edge.type !== "subscribes-to" || edge.consumerGroup === undefined) return [];
    const bus = nodes.get(edge.to);
    const fault = bus?.type === "message-bus" ? groupFault(bus, edge.topic, edge.consumerGroup) : undefined;
    if (fault === undefined) return [];
    const identity = edgeIdentity(edge);
    return [
      error(
        "invalid-config",
        { nodes: [edge.from, edge.to], edges: [identity] },
        `edge \`${identity}\`: "${edge.consumerGroup}" is no consumer group of \`${edge.to}\`: ${fault}: rename it`,
      ),
    ];
  });

/** `single-point-of-failure`: a topic that is to be on more servers than its bus has. It is kept on those there are. */
const tooFewServers = ({ nodes, placements }: GraphIndex): ReadonlyArray<Problem> =>
  [...nodes.values()].flatMap((node) => {
    if (node.type !== "message-bus") return [];
    const servers = placements.get(node.id)?.length ?? 0;
    return (node.topics ?? [])
      .filter(({ replicationFactor = 1 }) => servers > 0 && replicationFactor > servers)
      .map(({ name, replicationFactor }) =>
        warning(
          "single-point-of-failure",
          { nodes: [node.id] },
          `message bus \`${node.id}\`: topic "${name}" is to be kept ${replicationFactor} times and the bus runs on ` +
            `${servers} host${servers === 1 ? "" : "s"}: place it on more (\`runs-on\`) or lower \`replicationFactor\``,
        ),
      );
  });

/** What is wrong with the topics of message buses. */
export const topics = (index: GraphIndex): ReadonlyArray<Problem> => [
  ...badNames(index),
  ...unmakeable(index),
  ...badGroups(index),
  ...tooFewServers(index),
];
