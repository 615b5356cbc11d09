import type { GraphIndex } from "./graph-index.ts";
import { nfsPort, rpcPort } from "./inner-ports.ts";
import {
  grafanaPort,
  logShipperPort,
  lokiGrpcPort,
  lokiPort,
  monitoredHostPorts,
  monitoredPorts,
  monitoringPorts,
  natsMonitorPort,
  nodeExporterPort,
  prometheusPort,
} from "./monitoring-ports.ts";
import type { MonitoringNode, Node } from "./node.ts";
import type { PortUse } from "./port-use.ts";
import { clientHosts, serversOf } from "./volumes.ts";

const names: ReadonlyMap<number, string> = new Map([
  [prometheusPort, "Prometheus"],
  [grafanaPort, "Grafana"],
  [lokiPort, "Loki"],
  [lokiGrpcPort, "Loki"],
  [nodeExporterPort, "the node exporter"],
  [logShipperPort, "the log shipper"],
]);

const program = (port: number, node: string, what: string): PortUse => ({ port, node, what, shared: true });

/** What something monitors, and whether any that does wants logs. */
const monitoredOf = ({ nodes, edges, placements }: GraphIndex): ReadonlyMap<string, { readonly logs: boolean }> => {
  const monitored = new Map<string, { readonly logs: boolean }>();
  for (const { type, from, to } of edges) {
    if (type !== "monitors") continue;
    const monitoring = nodes.get(from);
    if (monitoring?.type !== "monitoring" || (placements.get(from) ?? []).length === 0) continue;
    monitored.set(to, { logs: monitoring.logs === true || monitored.get(to)?.logs === true });
  }
  return monitored;
};

const ofMonitoring = (node: MonitoringNode): ReadonlyArray<PortUse> =>
  monitoringPorts(node).map((port) => program(port, node.id, names.get(port) ?? "monitoring"));

/** What tells the figures of a node. NATS and RabbitMQ listen there for their own sake, so that it is theirs. */
const ofMonitored = (node: Node): ReadonlyArray<PortUse> =>
  monitoredPorts(node)
    .filter((port) => port !== natsMonitorPort)
    .flatMap((port): ReadonlyArray<PortUse> => {
      if (node.type === "load-balancer")
        return [{ port, node: node.id, what: "its monitoring port", choice: "another port" }];
      if (node.type !== "database" && node.type !== "message-bus") return [];
      return node.engine === "rabbitmq" ? [] : [program(port, node.id, `the ${node.engine} exporter`)];
    });

/** What monitoring makes a host run. */
const monitoringAt = (
  host: string,
  nodes: ReadonlyArray<Node>,
  monitored: ReturnType<typeof monitoredOf>,
): ReadonlyArray<PortUse> => {
  const watched = nodes.filter(({ id }) => monitored.has(id));
  const looked = [host, ...watched.map(({ id }) => id)].flatMap((id) => monitored.get(id) ?? []);
  return [
    ...(looked.length === 0
      ? []
      : monitoredHostPorts(looked.some(({ logs }) => logs)).map((port) =>
          program(port, host, names.get(port) ?? "monitoring"),
        )),
    ...nodes.flatMap((node) => (node.type === "monitoring" ? ofMonitoring(node) : [])),
    ...watched.flatMap(ofMonitored),
  ];
};

/** What volumes make hosts run: NFS on those that others mount volumes of, and what NFS needs on both. */
const nfsOf = ({ nodes, edges, placements }: GraphIndex): ReadonlyMap<string, ReadonlyArray<PortUse>> => {
  const mounts = Map.groupBy(
    edges.filter(({ type }) => type === "mounts-volume"),
    ({ to }) => to,
  );
  const uses = new Map<string, ReadonlyArray<PortUse>>();
  const volumes = [...nodes.values()].filter((node) => node.type === "storage");
  for (const volume of volumes) {
    if (volume.kind === "object-store") continue;
    const servers = serversOf(placements, volume);
    const users = (mounts.get(volume.id) ?? []).map(({ from }) => from);
    const clients = clientHosts(placements, volume, users);
    if (clients.length === 0) continue;
    const rpc = program(rpcPort, volume.id, "the port mapper of NFS");
    for (const host of servers) uses.set(host, [program(nfsPort, volume.id, "NFS"), rpc, ...(uses.get(host) ?? [])]);
    for (const host of clients) if (!uses.has(host)) uses.set(host, [rpc]);
  }
  return uses;
};

/** The programs that hosts run once, for all of their nodes that need them, and what tells a node's own figures. */
export const programsOf = (index: GraphIndex): ReadonlyMap<string, ReadonlyArray<PortUse>> => {
  const monitored = monitoredOf(index);
  const nfs = nfsOf(index);
  return new Map(
    [...index.residents].map(([host, nodes]) => [
      host,
      [...monitoringAt(host, nodes, monitored), ...(nfs.get(host) ?? [])],
    ]),
  );
};
