import type { GraphDocument } from "../graph/document.ts";
import { type Edge, edgeIdentity } from "../graph/edge.ts";
import { prometheusPort } from "../graph/monitoring-ports.ts";
import type { Node } from "../graph/node.ts";
import { sortedByText } from "../graph/order.ts";
import { type Placements, placements } from "../graph/placement.ts";
import { portOf } from "../graph/ports.ts";
import type { HealthCheck } from "../graph/values.ts";
import type { Check } from "../host/desired.ts";
import { programUnitsIn, unitName } from "../nix/mod.ts";
import { type HostDependency, type HostPlan, type Waves, wavesOf } from "./waves.ts";

/** Seconds between tries, seconds a try may take, and tries after the first, where the graph does not say. */
const defaults = { intervalSeconds: 2, timeoutSeconds: 5, retries: 10 };

const tcp = (node: string, port: number | undefined): ReadonlyArray<Check> =>
  port === undefined ? [] : [{ node, kind: "tcp", port, ...defaults }];

/** A program that does not say how to see that it is well: its unit runs, and is not started again and again. */
const running = (node: string): ReadonlyArray<Check> => [
  { node, kind: "unit", unit: `${unitName(node)}.service`, ...defaults, retries: 2 },
];

/** A service's own check, where what it needs is known: a port, or a command. */
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

/** How one sees on a host that a node is well there; nothing where the graph gives no way to see it. */
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
    default:
      return [];
  }
};

type DependsOn = Extract<Edge, { type: "depends-on" }>;

/** The nodes on each host, by id, sorted. */
export const residentsOf = (
  document: GraphDocument,
  hostsOf: Placements = placements(document),
): ReadonlyMap<string, ReadonlyArray<string>> => {
  const residents = new Map<string, Array<string>>();
  for (const { id, type } of document.nodes) if (type === "host") residents.set(id, []);
  for (const [node, hosts] of hostsOf) for (const host of hosts) residents.get(host)?.push(node);
  return new Map([...residents].map(([host, nodes]) => [host, nodes.toSorted()]));
};

/** What hosts owe each other because a node on one depends on a node on another. */
const hostDependencies = (edges: ReadonlyArray<DependsOn>, hostsOf: Placements): ReadonlyArray<HostDependency> =>
  edges.flatMap((edge) =>
    (hostsOf.get(edge.from) ?? []).flatMap((from) =>
      (hostsOf.get(edge.to) ?? []).filter((to) => to !== from).map((to) => ({ from, to })),
    ),
  );

/**
 * The hosts of a valid graph in the order they are deployed: a host comes after those whose nodes its own nodes depend
 * on. With each host what must be well on it before it is confirmed.
 */
export const planWaves = (document: GraphDocument): Waves => {
  const nodes = new Map(document.nodes.map((node) => [node.id, node]));
  const hostsOf = placements(document);
  const residents = residentsOf(document, hostsOf);
  const dependencies = sortedByText(
    document.edges.filter((edge) => edge.type === "depends-on"),
    edgeIdentity,
  );
  const [required, wished] = [true, false].map((wanted) =>
    hostDependencies(
      dependencies.filter((edge) => (edge.required ?? true) === wanted),
      hostsOf,
    ),
  );
  const plan = (id: string): ReadonlyArray<HostPlan> => {
    const host = nodes.get(id);
    if (host?.type !== "host") return [];
    const { address, system, ssh } = host;
    const checks = (residents.get(id) ?? []).flatMap((resident) => {
      const node = nodes.get(resident);
      return node === undefined ? [] : checksOf(node);
    });
    return [{ host: id, address, system, ...(ssh === undefined ? {} : { ssh }), checks }];
  };
  return wavesOf([...residents.keys()], required ?? [], wished ?? []).map((wave) => wave.flatMap(plan));
};

/** The same with the nodes on each host, and the units that are their programs: what is deployed can be operated. */
export const planDeployment = (document: GraphDocument): Waves => {
  const unitsOf = programUnitsIn(document);
  const residents = residentsOf(document);
  return planWaves(document).map((wave) =>
    wave.map((plan) => ({
      ...plan,
      nodes: (residents.get(plan.host) ?? []).map((node) => ({ node, units: unitsOf(node, plan.host) })),
    })),
  );
};
