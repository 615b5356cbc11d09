import { type ConnectsToEdge, isUdp } from "./edge.ts";
import {
  erlangPort,
  kafkaBrokersPort,
  kafkaControllersPort,
  natsClusterPort,
  objectStorePorts,
  rabbitmqServersPort,
  redisServersPort,
} from "./inner-ports.ts";
import { type LeafDial, leafDials } from "./leaf-dials.ts";
import { natsMonitorPort, rabbitmqMonitorPort } from "./monitoring-ports.ts";
import type { DatabaseNode, HostNode, MessageBusNode, Node } from "./node.ts";
import type { PortUse } from "./port-use.ts";
import { portOf } from "./ports.ts";
import { programsOf } from "./shared-programs.ts";
import type { Survey } from "./survey.ts";
import { serversOf } from "./volumes.ts";

const choice = "another port";
const shared = true;

/** What the graph says that ports depend on, beside the nodes of a host. */
interface Circumstances {
  readonly survey: Survey;
  /** The encrypted connections to each node. */
  readonly encrypted: ReadonlyMap<string, ReadonlyArray<ConnectsToEdge>>;
  /** The databases that have standbys. */
  readonly copied: ReadonlySet<string>;
  readonly dials: ReadonlyMap<string, ReadonlyArray<LeafDial>>;
}

const circumstancesOf = (survey: Survey): Circumstances => {
  const encrypted = new Map<string, Array<ConnectsToEdge>>();
  const copied = new Set<string>();
  for (const edge of survey.edges) {
    if (edge.type === "replicates" && edge.from !== edge.to) copied.add(edge.to);
    if (edge.type !== "connects-to" || edge.encrypted !== true || isUdp(edge.protocol)) continue;
    const known = encrypted.get(edge.to);
    if (known === undefined) encrypted.set(edge.to, [edge]);
    else known.push(edge);
  }
  return { survey, encrypted, copied, dials: leafDials(survey.nodes.values()) };
};

/** The hosts of a node; a host is its own. */
const hostsOf = ({ placements }: Survey, id: string): ReadonlyArray<string> => placements.get(id) ?? [id];

/** Buses that dial into the NATS server of a host as leaf nodes. The server has one port for them: that of the first. */
export const leavesOf = (
  dials: ReadonlyMap<string, ReadonlyArray<LeafDial>>,
  bus: string,
  { id, address }: HostNode,
): ReadonlyArray<LeafDial> =>
  [...(dials.get(address) ?? []), ...(dials.get(id) ?? [])].filter((dial) => dial.bus !== bus);

const natsPorts = (node: MessageBusNode, host: string, { survey, dials }: Circumstances): ReadonlyArray<PortUse> => {
  const at = survey.nodes.get(host);
  const [leaf] = at?.type === "host" ? leavesOf(dials, node.id, at) : [];
  return [
    { port: natsMonitorPort, node: node.id, shared, what: "its monitoring port" },
    ...(hostsOf(survey, node.id).length > 1
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
      return circumstances.encrypted.has(node.id) && hostsOf(circumstances.survey, node.id).length > 1
        ? [{ port: redisServersPort(port), node: node.id, what: "its cluster port" }]
        : [];
  }
};

/** A Redis server that speaks TLS to clients elsewhere has another port for those that copy it. */
const databasePorts = (
  node: DatabaseNode,
  host: string,
  { survey, encrypted, copied }: Circumstances,
): ReadonlyArray<PortUse> => {
  const port = portOf(node) ?? 0;
  const [first, ...others] = hostsOf(survey, node.id);
  if (node.engine !== "redis" || first !== host || (others.length === 0 && !copied.has(node.id))) return [];
  const speaksTls = (encrypted.get(node.id) ?? []).some(
    (edge) => (edge.port ?? port) === port && hostsOf(survey, edge.from).some((from) => from !== host),
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
const storePorts = (nodes: ReadonlyArray<Node>, host: string, { survey }: Circumstances): ReadonlyArray<PortUse> => {
  const ports = objectStorePorts(nodes);
  if (ports.size === 0) return [];
  return nodes.flatMap((node) => {
    const port = ports.get(node.id);
    return node.type === "storage" && port !== undefined && serversOf(survey.placements, node).includes(host)
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
export const portsTaken = (
  survey: Survey,
  residents: ReadonlyMap<string, ReadonlyArray<Node>>,
): ReadonlyMap<string, ReadonlyArray<PortUse>> => {
  const circumstances = circumstancesOf(survey);
  const programs = programsOf(survey, residents);
  const hosts = [...survey.types].filter(([, type]) => type === "host").map(([id]) => id);
  return new Map(
    hosts.sort().map((host) => {
      const nodes = residents.get(host) ?? [];
      const itself = survey.nodes.get(host);
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
