import type { GraphIndex } from "./graph-index.ts";
import { definitionOf, type Node } from "./node.ts";
import type { PortUse } from "./node-type.ts";
import { type DatabaseEngine, databaseEngines } from "./node-types/database.ts";
import { observedPorts } from "./node-types/host.ts";
import { type BusEngine, busEngines } from "./node-types/message-bus-engines.ts";
import { nfsPorts, objectStorePorts, serversOf } from "./node-types/storage.ts";

/**
 * Returns the TCP port that clients of a node use: its own, or otherwise its engine's default. For a host, it is the
 * ssh port.
 */
export const portOf = (node: Node): number | undefined => definitionOf(node).port(node);

/** Returns the port of a node's metrics, besides those of its host. */
export const metricsPort = (node: Node): number | undefined => definitionOf(node).metricsPort(node);

type Measured<Engines, Port extends string> = {
  [E in keyof Engines]: Engines[E] extends Readonly<Record<Port, number>> ? E : never;
}[keyof Engines];

/** The engines with metrics. */
export type ExportedEngine =
  | Measured<typeof databaseEngines, "exporterPort">
  | Measured<typeof busEngines, "metricsPort">;

const isExported = (engine: DatabaseEngine | BusEngine, port: number | undefined): engine is ExportedEngine =>
  port !== undefined && (engine in databaseEngines || engine in busEngines);

/** Returns the engine of a node with metrics; undefined if the node has none. */
export const exportedEngine = (node: Node): ExportedEngine | undefined =>
  (node.type === "database" || node.type === "message-bus") && isExported(node.engine, metricsPort(node))
    ? node.engine
    : undefined;

/** Returns the listener for clients of a node or host. */
const ownPort = (node: Node): ReadonlyArray<PortUse> => {
  const { port, portUse } = definitionOf(node);
  const own = port(node);
  return own === undefined ? [] : [{ port: own, node: node.id, ...portUse }];
};

/** Returns the monitored nodes, and whether their logs are collected. */
const monitoredIn = (index: GraphIndex): ReadonlyMap<string, { readonly logs: boolean }> => {
  const monitored = new Map<string, { readonly logs: boolean }>();
  for (const monitoring of index.nodesOf("monitoring")) {
    if ((index.placements.get(monitoring.id) ?? []).length === 0) continue;
    for (const { to } of index.from(monitoring.id, "monitors"))
      monitored.set(to, { logs: monitoring.logs === true || monitored.get(to)?.logs === true });
  }
  return monitored;
};

/** Returns the listeners that monitoring adds to a host. */
const monitoringAt = (
  host: string,
  nodes: ReadonlyArray<Node>,
  monitored: ReturnType<typeof monitoredIn>,
): ReadonlyArray<PortUse> => {
  const watched = nodes.filter(({ id }) => monitored.has(id));
  const observed = [host, ...watched.map(({ id }) => id)].flatMap((id) => monitored.get(id) ?? []);
  const logs = observed.some((wanted) => wanted.logs);
  return [
    ...(observed.length === 0 ? [] : observedPorts(host, logs)),
    ...nodes.flatMap((node) => definitionOf(node).programs(node)),
    ...watched.flatMap((node) => definitionOf(node).monitoredPorts(node)),
  ];
};

/** Returns the object stores of a host. */
const storesAt = (nodes: ReadonlyArray<Node>, host: string, { placements }: GraphIndex): ReadonlyArray<PortUse> => {
  const ports = objectStorePorts(nodes);
  return nodes.flatMap((node) => {
    const port = ports.get(node.id);
    return node.type === "storage" && port !== undefined && serversOf(placements, node).includes(host)
      ? [{ port, node: node.id, what: "its object store" }]
      : [];
  });
};

/**
 * Returns everything that listens on a TCP port of each host, sorted by host. The order is: ssh, programs shared by
 * nodes, other ports of nodes, then the nodes' own ports; nodes by id.
 */
export const portsTaken = (index: GraphIndex): ReadonlyMap<string, ReadonlyArray<PortUse>> => {
  const monitored = monitoredIn(index);
  const nfs = nfsPorts(index.nodesOf("storage"), index);
  return new Map(
    [...index.residents].map(([host, nodes]) => {
      const itself = index.nodes.get(host);
      return [
        host,
        [
          ...(itself === undefined ? [] : ownPort(itself)),
          ...monitoringAt(host, nodes, monitored),
          ...(nfs.get(host) ?? []),
          ...storesAt(nodes, host, index),
          ...nodes.flatMap((node) => definitionOf(node).innerPorts(node, host, index)),
          ...nodes.flatMap(ownPort),
        ],
      ];
    }),
  );
};
