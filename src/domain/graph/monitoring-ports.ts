import type { MonitoringNode, Node } from "./node.ts";

/** What a monitoring node listens on. */
export const prometheusPort = 9090;
export const grafanaPort = 3000;
export const lokiPort = 3100;
/** Loki's own, on the loopback. */
export const lokiGrpcPort = 9095;

/** What every host listens on that is monitored: the node exporter, and what sends logs (on the loopback). */
export const nodeExporterPort = 9100;
export const logShipperPort = 12_345;

/** Where the NATS server answers its exporter, on the loopback. */
export const natsMonitorPort = 8222;

/** Where RabbitMQ tells its own figures. */
export const rabbitmqMonitorPort = 15_692;

const exporterPorts = {
  postgresql: 9187,
  mysql: 9104,
  mongodb: 9216,
  redis: 9121,
  nats: 7777,
  rabbitmq: rabbitmqMonitorPort,
} as const;

/** The programs whose own figures can be read, besides the load balancer's. */
export type ExportedEngine = keyof typeof exporterPorts;

const isExported = (engine: string): engine is ExportedEngine => Object.hasOwn(exporterPorts, engine);

/** The port on which the figures of a node are read, beside those of its host. */
export const metricsPort = (node: Node): number | undefined => {
  switch (node.type) {
    case "database":
    case "message-bus":
      return isExported(node.engine) ? exporterPorts[node.engine] : undefined;
    case "load-balancer":
      // Its own port is its alone on a host; so is this one among those of other load balancers.
      return node.port <= 55_535 ? node.port + 10_000 : node.port - 10_000;
    default:
      return undefined;
  }
};

/** The engine of a node that an exporter of its own reads. */
export const exportedEngine = (node: Node): ExportedEngine | undefined =>
  (node.type === "database" || node.type === "message-bus") && isExported(node.engine) ? node.engine : undefined;

/** The TCP ports that a monitoring node takes on each of its hosts. */
export const monitoringPorts = ({ dashboards, logs }: MonitoringNode): ReadonlyArray<number> => [
  prometheusPort,
  ...(dashboards === true ? [grafanaPort] : []),
  ...(logs === true ? [lokiPort, lokiGrpcPort] : []),
];

/** The TCP ports that a node takes on each of its hosts because something monitors it; a redis server shares its exporter. */
export const monitoredPorts = (node: Node): ReadonlyArray<number> => {
  const own = metricsPort(node);
  return [...(own === undefined ? [] : [own]), ...(exportedEngine(node) === "nats" ? [natsMonitorPort] : [])];
};

/** The TCP ports that a host gives to what monitors it or a node on it. */
export const monitoredHostPorts = (logs: boolean): ReadonlyArray<number> =>
  logs ? [nodeExporterPort, logShipperPort] : [nodeExporterPort];
