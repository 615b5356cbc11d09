import { isUdp } from "../edge.ts";
import type { PortUse, Surroundings } from "../node-type.ts";
import { hostIdsOf } from "../placement.ts";
import { overlaps } from "../subjects.ts";
import { redisServersPort } from "./database.ts";

/** What there is to know of one engine of message buses. */
interface BusEngineFacts {
  /** The TCP port that clients use. */
  readonly port: number;
  /** The port at which its figures are read; undefined if it shows none. */
  readonly metricsPort: number | undefined;
  /** Whether an exporter beside it shows the figures, and not the bus itself. */
  readonly hasExporter: boolean;
  /** Whether a host can run it once only. */
  readonly onceAHost: boolean;
  /** What a server listens on at one of its hosts beside the port of its clients. */
  readonly innerPorts: (bus: string, host: string, graph: Surroundings) => ReadonlyArray<PortUse>;
  /** The names that it takes for topics. */
  readonly naming: { readonly isTopic: (name: string) => boolean; readonly expected: string };
  /** Why it cannot make listed topics, in words. `persistent` if it keeps messages. */
  readonly listFaults: (names: ReadonlyArray<string>, persistent: boolean) => ReadonlyArray<string>;
  /** Why readers of a topic cannot share it as a group, in words; undefined if they can. */
  readonly groupFault: (topic: string, group: string) => string | undefined;
}

/** The port at which the NATS servers of one bus talk. */
export const natsClusterPort = 6222;

/** The port at which the NATS server answers its exporter, on the loopback. */
export const natsMonitorPort = 8222;

/** The ports at which Kafka's controllers and its brokers talk. */
export const kafkaControllersPort = (port: number): number => port + 1;
export const kafkaBrokersPort = (port: number): number => port + 2;

/** The port at which Erlang's programs, such as RabbitMQ, find each other on every host that they run on. */
export const erlangPort = 4369;

/** The port at which the RabbitMQ servers of one bus talk. */
export const rabbitmqServersPort = (port: number): number => port + 20_000;

/** The port at which RabbitMQ shows its own figures. */
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

/** As many bytes as RabbitMQ takes for a name. */
const fitsRabbitmq = (name: string): boolean => new TextEncoder().encode(name).length <= 255;

/** JetStream keeps a message in one stream: no two topics of a bus that keeps messages may share a subject. */
const natsListFaults: BusEngineFacts["listFaults"] = (names, persistent) =>
  overlaps(persistent ? names : []).map(([name, earlier]) =>
    name === earlier
      ? `topic "${name}" is listed twice, and JetStream keeps a message once: remove one`
      : `topics "${earlier}" and "${name}" have subjects in common, and JetStream keeps a message once: remove one, or rename it`,
  );

const noFaults = (): ReadonlyArray<string> => [];
const noFault = (): undefined => undefined;

/** The engines. One more is an entry here and a folder in `domain/nix/message-bus`. */
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

/** What there is to know of an engine. */
export const factsOfBus = ({ engine }: { readonly engine: BusEngine }): BusEngineFacts => busEngines[engine];
