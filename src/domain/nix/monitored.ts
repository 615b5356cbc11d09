import type { HostNode, MonitoringNode } from "../graph/node.ts";
import type { Place } from "./node-kind.ts";
import type { Topology } from "./topology.ts";

/** A `monitors` edge: who looks, and at what. */
export interface Monitor {
  readonly monitoring: MonitoringNode;
  readonly node: string;
}

const monitorsOf = (topology: Topology, node: string): ReadonlyArray<Monitor> =>
  topology.to(node, "monitors").flatMap(({ from }) => {
    const monitoring = topology.nodes.get(from);
    return monitoring?.type === "monitoring" && topology.hostsOf(from).length > 0 ? [{ monitoring, node }] : [];
  });

/** Who monitors a host, or a node that runs on it. */
export const monitorsAt = ({ topology, host }: Place): ReadonlyArray<Monitor> =>
  [host.id, ...(topology.residents.get(host.id) ?? []).map(({ id }) => id)].flatMap((id) => monitorsOf(topology, id));

/** The hosts from which a node is monitored. */
export const observersOf = (topology: Topology, node: string): ReadonlyArray<HostNode> => [
  ...new Set(monitorsOf(topology, node).flatMap(({ monitoring }) => topology.hostsOf(monitoring.id))),
];
