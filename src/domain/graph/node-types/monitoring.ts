import { Schema } from "effect";
import { always, identity, type NodeTypeDefinition, none, nothing, type PortUse } from "../node-type.ts";
import { optional, PositiveInteger } from "../values.ts";

/** Metrics, and on request dashboards and logs, of the nodes it `monitors`. */
export const MonitoringNode = Schema.Struct({
  ...identity("monitoring"),
  retentionDays: optional(PositiveInteger, "How long figures and logs are kept, in days."),
  dashboards: optional(Schema.Boolean, "Whether Grafana shows the figures; false unless given."),
  logs: optional(Schema.Boolean, "Whether Loki collects the logs of the monitored hosts; false unless given."),
}).annotate({ identifier: "MonitoringNode" });
export type MonitoringNode = typeof MonitoringNode.Type;

/** The listeners of a monitoring node. */
export const prometheusPort = 9090;
export const grafanaPort = 3000;
export const lokiPort = 3100;
/** Loki's internal port, on the loopback interface. */
export const lokiGrpcPort = 9095;

const programs = ({ id, dashboards, logs }: MonitoringNode): ReadonlyArray<PortUse> => {
  const program = (port: number, what: string): PortUse => ({ port, node: id, what, shared: true });
  return [
    program(prometheusPort, "Prometheus"),
    ...(dashboards === true ? [program(grafanaPort, "Grafana")] : []),
    ...(logs === true ? [program(lokiPort, "Loki"), program(lokiGrpcPort, "Loki")] : []),
  ];
};

export const monitoring: NodeTypeDefinition<MonitoringNode> = {
  schema: MonitoringNode,
  meaning: "Metrics, and on request dashboards and logs, of the nodes it `monitors`.",
  port: nothing,
  portUse: {},
  innerPorts: none,
  programs,
  metricsPort: nothing,
  monitoredPorts: none,
  onceAHost: nothing,
  needsHost: always,
  encryptionRemedy: nothing,
  picture: { detail: nothing, mermaid: ["[", "]"], graphviz: "box" },
  rules: [],
};
