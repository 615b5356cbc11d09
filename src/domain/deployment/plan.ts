import type { GraphDocument } from "../graph/document.ts";
import { edgeIdentity } from "../graph/edge.ts";
import { indexOf } from "../graph/graph-index.ts";
import type { Node } from "../graph/node.ts";
import { prometheusPort } from "../graph/node-types/monitoring.ts";
import { sortedByText } from "../graph/order.ts";
import { portOf } from "../graph/ports.ts";
import type { HealthCheck } from "../graph/values.ts";
import type { Check } from "../host/desired.ts";
import { defined } from "../kernel/mod.ts";
import { programUnitsIn, unitName } from "../nix/mod.ts";
import { type HostPlan, hostWaves, type Waves } from "./waves.ts";

/** The defaults of checks: seconds between attempts, seconds per attempt, and attempts after the first. */
const defaults = { intervalSeconds: 2, timeoutSeconds: 5, retries: 10 };

const tcp = (node: string, port: number | undefined): ReadonlyArray<Check> =>
  port === undefined ? [] : [{ node, kind: "tcp", port, ...defaults }];

/** Returns the checks of a program without a health check: its unit runs and does not restart repeatedly. */
const running = (node: string): ReadonlyArray<Check> => [
  { node, kind: "unit", unit: `${unitName(node)}.service`, ...defaults, retries: 2 },
];

/** Returns a service's own check, if its port or command is known. */
const declared = (node: string, port: number | undefined, check: HealthCheck): ReadonlyArray<Check> => {
  const { kind, path, command, ...numbers } = check;
  const timing = { ...defaults, ...numbers };
  switch (kind) {
    case "exec":
      return command === undefined ? [] : [{ node, kind, command, ...timing }];
    case "tcp":
      return port === undefined ? [] : [{ node, kind, port, ...timing }];
    case "http":
      return port === undefined ? [] : [{ node, kind, port, path: path ?? "/", ...timing }];
  }
};

/** Returns the checks that show on a host that a node is healthy; empty if the graph offers none. */
export const checksOf = (node: Node): ReadonlyArray<Check> => {
  switch (node.type) {
    case "service":
      return node.healthCheck === undefined ? running(node.id) : declared(node.id, node.port, node.healthCheck);
    case "agent":
      return node.command === undefined ? [] : running(node.id);
    case "database":
    case "message-bus":
    case "load-balancer":
      return tcp(node.id, portOf(node));
    case "monitoring":
      return [{ node: node.id, kind: "http", port: prometheusPort, path: "/-/ready", ...defaults }];
    case "storage":
    case "host":
      return [];
  }
};

/**
 * Returns the hosts of a valid graph in the order of deployment: each host comes after the hosts whose nodes its own
 * nodes depend on. Each has the checks that must pass before it is confirmed.
 */
export const planWaves = (document: GraphDocument): Waves => {
  const index = indexOf(document);
  const dependencies = sortedByText(
    index.edges.filter((edge) => edge.type === "depends-on"),
    edgeIdentity,
  );
  const plan = (id: string): ReadonlyArray<HostPlan> => {
    const host = index.nodes.get(id);
    if (host?.type !== "host") return [];
    const { address, system, ssh } = host;
    const checks = (index.residents.get(id) ?? []).flatMap(checksOf);
    return [defined({ host: id, address, system, ssh, checks })];
  };
  return hostWaves([...index.residents.keys()], dependencies, index.placements).map((wave) => wave.flatMap(plan));
};

/** Returns the same, with the nodes on each host and their units, so that the deployed nodes can be operated. */
export const planDeployment = (document: GraphDocument): Waves => {
  const unitsOf = programUnitsIn(document);
  const { residents } = indexOf(document);
  return planWaves(document).map((wave) =>
    wave.map((plan) => ({
      ...plan,
      nodes: (residents.get(plan.host) ?? []).map(({ id }) => ({ node: id, units: unitsOf(id, plan.host) })),
    })),
  );
};
