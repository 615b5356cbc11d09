import { type ConnectsToEdge, isUdp } from "./edge.ts";
import type { GraphIndex, LeafDial } from "./graph-index.ts";
import {
  erlangPort,
  kafkaBrokersPort,
  kafkaControllersPort,
  natsClusterPort,
  objectStorePorts,
  rabbitmqServersPort,
  redisServersPort,
} from "./inner-ports.ts";
import { natsMonitorPort, rabbitmqMonitorPort } from "./monitoring-ports.ts";
import type { DatabaseNode, HostNode, MessageBusNode, Node } from "./node.ts";
import type { PortUse } from "./port-use.ts";
import { portOf } from "./ports.ts";
import { programsOf } from "./shared-programs.ts";
import { serversOf } from "./volumes.ts";

const choice = "another port";
const shared = true;

/** What the graph says that ports depend on, beside the nodes of a host. */
interface Circumstances {
  readonly index: GraphIndex;
  /** The encrypted connections to each node. */
  readonly encrypted: ReadonlyMap<string, ReadonlyArray<ConnectsToEdge>>;
  /** The databases that have standbys. */
  readonly copied: ReadonlySet<string>;
}

const circumstancesOf = (index: GraphIndex): Circumstances => {
  const encrypted = new Map<string, Array<ConnectsToEdge>>();
  const copied = new Set<string>();
  for (const edge of index.edges) {
    if (edge.type === "replicates" && edge.from !== edge.to) copied.add(edge.to);
    if (edge.type !== "connects-to" || edge.encrypted !== true || isUdp(edge.protocol)) continue;
    const known = encrypted.get(edge.to);
    if (known === undefined) encrypted.set(edge.to, [edge]);
    else known.push(edge);
  }
  return { index, encrypted, copied };
};

/** The hosts of a node; a host is its own. */
const hostsOf = ({ placements }: GraphIndex, id: string): ReadonlyArray<string> => placements.get(id) ?? [id];

/** Buses that dial into the NATS server of a host as leaf nodes. The server has one port for them: that of the first. */
export const leavesAt = (index: GraphIndex, bus: string, host: HostNode): ReadonlyArray<LeafDial> =>
  index.leavesOf(host).filter((dial) => dial.bus !== bus);

const natsPorts = (node: MessageBusNode, host: string, { index }: Circumstances): ReadonlyArray<PortUse> => {
  const at = index.nodes.get(host);
  const [leaf] = at?.type === "host" ? leavesAt(index, node.id, at) : [];
  return [
    { port: natsMonitorPort, node: node.id, shared, what: "its monitoring port" },
    ...(hostsOf(index, node.id).length > 1
      ? [{ port: natsClusterPort, node: node.id, shared, what: "its cluster port" }]
      : []),
    ...(leaf === undefined
      ? []
      : [
          {
            port: leaf.port,
            node: node.id,
            shared,
            what: "its port for leaf nodes",
            choice: `another port in \`leafRemotes\` of \`${leaf.bus}\``,
          },
        ]),
  ];
};

const busPorts = (node: MessageBusNode, host: string, circumstances: Circumstances): ReadonlyArray<PortUse> => {
  const port = portOf(node) ?? 0;
  switch (node.engine) {
    case "nats":
      return natsPorts(node, host, circumstances);
    case "kafka":
      return [
        { port: kafkaControllersPort(port), node: node.id, shared, what: "its port for controllers" },
        { port: kafkaBrokersPort(port), node: node.id, shared, what: "its port for brokers" },
      ];
    case "rabbitmq":
      return [
        { port: erlangPort, node: node.id, shared, what: "Erlang's port mapper" },
        { port: rabbitmqServersPort(port), node: node.id, shared, what: "its cluster port" },
        { port: rabbitmqMonitorPort, node: node.id, shared, what: "its monitoring port" },
      ];
    case "redis":
      return circumstances.encrypted.has(node.id) && hostsOf(circumstances.index, node.id).length > 1
        ? [{ port: redisServersPort(port), node: node.id, what: "its cluster port" }]
        : [];
  }
};

/** A Redis server that speaks TLS to clients elsewhere has another port for those that copy it. */
const databasePorts = (
  node: DatabaseNode,
  host: string,
  { index, encrypted, copied }: Circumstances,
): ReadonlyArray<PortUse> => {
  const port = portOf(node) ?? 0;
  const [first, ...others] = hostsOf(index, node.id);
  if (node.engine !== "redis" || first !== host || (others.length === 0 && !copied.has(node.id))) return [];
  const speaksTls = (encrypted.get(node.id) ?? []).some(
    (edge) => (edge.port ?? port) === port && hostsOf(index, edge.from).some((from) => from !== host),
  );
  return speaksTls ? [{ port: redisServersPort(port), node: node.id, what: "its port for standbys", choice }] : [];
};

/** What a node listens on beside the port of its clients. */
const innerPorts = (node: Node, host: string, circumstances: Circumstances): ReadonlyArray<PortUse> => {
  switch (node.type) {
    case "message-bus":
      return busPorts(node, host, circumstances);
    case "database":
      return databasePorts(node, host, circumstances);
    default:
      return [];
  }
};

/** The object stores that a host serves. */
const storePorts = (nodes: ReadonlyArray<Node>, host: string, { index }: Circumstances): ReadonlyArray<PortUse> => {
  const ports = objectStorePorts(nodes);
  if (ports.size === 0) return [];
  return nodes.flatMap((node) => {
    const port = ports.get(node.id);
    return node.type === "storage" && port !== undefined && serversOf(index.placements, node).includes(host)
      ? [{ port, node: node.id, what: "its object store" }]
      : [];
  });
};

/** What its clients, or those of a host, use. */
const ownPort = (node: Node): ReadonlyArray<PortUse> => {
  const port = portOf(node);
  if (port === undefined) return [];
  const use = { port, node: node.id };
  if (node.type === "host") return [{ ...use, what: "its ssh", choice }];
  return [node.type === "message-bus" ? use : { ...use, choice }];
};

/**
 * Everything that listens on a TCP port of each host, sorted by host: its ssh, the programs that its nodes share, what
 * nodes take beside their own port, then those; the nodes by id.
 */
export const portsTaken = (index: GraphIndex): ReadonlyMap<string, ReadonlyArray<PortUse>> => {
  const circumstances = circumstancesOf(index);
  const programs = programsOf(index);
  return new Map(
    [...index.residents].map(([host, nodes]) => {
      const itself = index.nodes.get(host);
      return [
        host,
        [
          ...(itself === undefined ? [] : ownPort(itself)),
          ...(programs.get(host) ?? []),
          ...storePorts(nodes, host, circumstances),
          ...nodes.flatMap((node) => innerPorts(node, host, circumstances)),
          ...nodes.flatMap(ownPort),
        ],
      ];
    }),
  );
};
