import type { GraphIndex } from "../../graph/graph-index.ts";
import type { HostNode, MonitoringNode, Node } from "../../graph/node.ts";
import type { Place } from "../node-kind.ts";

/** A `monitors` edge: the monitoring node, and the node that it monitors. */
export interface Monitor {
  readonly monitoring: MonitoringNode;
  readonly target: Node;
}

const monitorsOf = (topology: GraphIndex, target: Node): ReadonlyArray<Monitor> =>
  topology.to(target.id, "monitors").flatMap(({ from }) => {
    const monitoring = topology.nodes.get(from);
    return monitoring?.type === "monitoring" && topology.hostsOf(from).length > 0 ? [{ monitoring, target }] : [];
  });

/** Returns the monitors of a host and of the nodes that run on it. */
export const monitorsAt = ({ topology, host }: Place): ReadonlyArray<Monitor> =>
  [host, ...(topology.residents.get(host.id) ?? [])].flatMap((target) => monitorsOf(topology, target));

/** Returns the nodes that a monitoring node monitors. */
export const targetsOf = (topology: GraphIndex, monitoring: string): ReadonlyArray<Node> =>
  topology.from(monitoring, "monitors").flatMap(({ to }) => topology.nodes.get(to) ?? []);

/** Whether something monitors a node itself. */
export const isMonitored = (topology: GraphIndex, node: Node): boolean => monitorsOf(topology, node).length > 0;

/** Returns the hosts from which a node is monitored. */
export const observersOf = (topology: GraphIndex, node: Node): ReadonlyArray<HostNode> => [
  ...new Set(monitorsOf(topology, node).flatMap(({ monitoring }) => topology.hostsOf(monitoring.id))),
];

/** Returns the monitoring nodes of a host. */
export const monitoringAt = ({ topology, host }: Place): ReadonlyArray<MonitoringNode> =>
  (topology.residents.get(host.id) ?? []).filter((node) => node.type === "monitoring");
