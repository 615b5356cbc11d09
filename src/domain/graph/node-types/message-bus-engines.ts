import { isUdp } from "../edge.ts";
import type { PortUse, Surroundings } from "../node-type.ts";
import { hostIdsOf } from "../placement.ts";
import { overlaps } from "../subjects.ts";
import { redisServersPort } from "./database.ts";

/** The facts about a message bus engine. */
interface BusEngineFacts {
  /** The TCP port that clients use. */
  readonly port: number;
  /** The port of its metrics; undefined if it has none. */
  readonly metricsPort: number | undefined;
  /** Whether a separate exporter provides the metrics, instead of the bus itself. */
  readonly hasExporter: boolean;
  /** Whether a host can run it only once. */
  readonly onceAHost: boolean;
  /** Returns a server's other listeners on one of its hosts, besides the port of its clients. */
  readonly innerPorts: (bus: string, host: string, graph: Surroundings) => ReadonlyArray<PortUse>;
  /** The names that it accepts as topics. */
  readonly naming: { readonly isTopic: (name: string) => boolean; readonly expected: string };
  /** Returns why it cannot create listed topics. `persistent` if it stores messages. */
  readonly listFaults: (names: ReadonlyArray<string>, persistent: boolean) => ReadonlyArray<string>;
  /** Returns why readers of a topic cannot share it as a group; undefined if they can. */
  readonly groupFault: (topic: string, group: string) => string | undefined;
}

/** The port between the NATS servers of one bus. */
export const natsClusterPort = 6222;

/** The port at which the NATS server answers its exporter, on the loopback interface. */
export const natsMonitorPort = 8222;

/** The ports between Kafka's controllers, and between its brokers. */
export const kafkaControllersPort = (port: number): number => port + 1;
export const kafkaBrokersPort = (port: number): number => port + 2;

/** The port at which Erlang programs, such as RabbitMQ, find each other on each of their hosts. */
export const erlangPort = 4369;

/** Returns the port between the RabbitMQ servers of one bus. */
export const rabbitmqServersPort = (port: number): number => port + 20_000;

/** The port of RabbitMQ's own metrics. */
export const rabbitmqMonitorPort = 15_692;

const natsPort = 4222;
const kafkaPort = 9092;
const rabbitmqPort = 5672;
const redisPort = 6379;

const natsPorts: BusEngineFacts["innerPorts"] = (node, host, graph) => {
  const [leaf] = graph.leavesOf(node, host);
  return [
    { port: natsMonitorPort, node, shared: true, what: "its monitoring port" },
    ...(hostIdsOf(graph.placements, node).length > 1
      ? [{ port: natsClusterPort, node, shared: true, what: "its cluster port" }]
      : []),
    ...(leaf === undefined
      ? []
      : [
          {
            port: leaf.port,
            node,
            shared: true,
            what: "its port for leaf nodes",
            choice: `another port in \`leafRemotes\` of \`${leaf.bus}\``,
          },
        ]),
  ];
};

const kafkaPorts: BusEngineFacts["innerPorts"] = (node) => [
  { port: kafkaControllersPort(kafkaPort), node, shared: true, what: "its port for controllers" },
  { port: kafkaBrokersPort(kafkaPort), node, shared: true, what: "its port for brokers" },
];

const rabbitmqPorts: BusEngineFacts["innerPorts"] = (node) => [
  { port: erlangPort, node, shared: true, what: "Erlang's port mapper" },
  { port: rabbitmqServersPort(rabbitmqPort), node, shared: true, what: "its cluster port" },
  { port: rabbitmqMonitorPort, node, shared: true, what: "its monitoring port" },
];

const redisPorts: BusEngineFacts["innerPorts"] = (node, _host, graph) => {
  const isEncrypted = graph.to(node, "connects-to").some((edge) => edge.encrypted === true && !isUdp(edge.protocol));
  return isEncrypted && hostIdsOf(graph.placements, node).length > 1
    ? [{ port: redisServersPort(redisPort), node, what: "its cluster port" }]
    : [];
};

/** Returns whether a name is short enough for RabbitMQ. */
const fitsRabbitmq = (name: string): boolean => new TextEncoder().encode(name).length <= 255;

/** JetStream stores a message in one stream. So no two topics of a bus that stores messages may share a subject. */
const natsListFaults: BusEngineFacts["listFaults"] = (names, persistent) =>
  overlaps(persistent ? names : []).map(([name, earlier]) =>
    name === earlier
      ? `topic "${name}" is listed twice, and JetStream keeps a message once: remove one`
      : `topics "${earlier}" and "${name}" have subjects in common, and JetStream keeps a message once: remove one, or rename it`,
  );

const noFaults = (): ReadonlyArray<string> => [];
const noFault = (): undefined => undefined;

/** The message bus engines. A new one needs an entry here and a folder in `domain/nix/message-bus`. */
export const busEngines = {
  nats: {
    port: natsPort,
    metricsPort: 7777,
    hasExporter: true,
    onceAHost: true,
    innerPorts: natsPorts,
    naming: {
      isTopic: (name: string) =>
        /^(?:[^\s.*>]+|\*)(?:\.(?:[^\s.*>]+|\*))*(?:\.>)?$|^>$/.test(name) && !/[\u0000-\u001f\u007f]/.test(name),
      expected: "a NATS subject is words without spaces, joined by dots",
    },
    listFaults: natsListFaults,
    groupFault: (_topic: string, group: string) =>
      /[\s\u0000-\u001f\u007f]/.test(group) ? "NATS takes no white space in the name of a group" : undefined,
  },
  kafka: {
    port: kafkaPort,
    metricsPort: undefined,
    hasExporter: false,
    onceAHost: true,
    innerPorts: kafkaPorts,
    naming: {
      isTopic: (name: string) => /^[A-Za-z0-9._-]{1,249}$/.test(name) && name !== "." && name !== "..",
      expected: "a Kafka topic has at most 249 letters, digits, dots, _ and -",
    },
    listFaults: noFaults,
    groupFault: (_topic: string, group: string) => (group === "*" ? "`*` means every group to Kafka" : undefined),
  },
  rabbitmq: {
    port: rabbitmqPort,
    metricsPort: rabbitmqMonitorPort,
    hasExporter: false,
    onceAHost: true,
    innerPorts: rabbitmqPorts,
    naming: { isTopic: fitsRabbitmq, expected: "RabbitMQ takes at most 255 bytes" },
    listFaults: (names: ReadonlyArray<string>) =>
      names
        .filter((name) => name.startsWith("amq."))
        .map((name) => `topic "${name}" begins like those of RabbitMQ itself (\`amq.\`): rename it`),
    groupFault: (topic: string, group: string) =>
      fitsRabbitmq(topic) && !fitsRabbitmq(`${group}@${topic}`)
        ? "its queue is called by group and topic, and RabbitMQ takes at most 255 bytes"
        : undefined,
  },
  redis: {
    port: redisPort,
    metricsPort: 9121,
    hasExporter: true,
    onceAHost: false,
    innerPorts: redisPorts,
    naming: { isTopic: () => true, expected: "Redis takes any name" },
    listFaults: noFaults,
    groupFault: noFault,
  },
} as const satisfies Readonly<Record<string, BusEngineFacts>>;
export type BusEngine = keyof typeof busEngines;

/** Returns the facts about an engine. */
export const factsOfBus = ({ engine }: { readonly engine: BusEngine }): BusEngineFacts => busEngines[engine];
