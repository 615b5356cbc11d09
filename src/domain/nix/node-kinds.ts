import type { GraphDocument } from "../graph/document.ts";
import { indexOf } from "../graph/graph-index.ts";
import type { Node, NodeOf } from "../graph/node.ts";
import type { NodeType } from "../graph/types.ts";
import { agent } from "./agent/mod.ts";
import type { AgentSpecification } from "./agent/specification.ts";
import { type DatabaseSpecification, database } from "./database/mod.ts";
import type { Path } from "./host/network.ts";
import type { Secret } from "./host/secrets.ts";
import type { Binding } from "./language/expression.ts";
import { loadBalancer } from "./load-balancer/mod.ts";
import type { LoadBalancerSpecification } from "./load-balancer/specification.ts";
import { type MessageBusSpecification, messageBus } from "./message-bus/mod.ts";
import { type MonitoringSpecification, monitoring } from "./monitoring/mod.ts";
import type { DataPath, NodeKind, Place, Site } from "./node-kind.ts";
import { service } from "./service/mod.ts";
import type { ServiceSpecification } from "./service/specification.ts";
import { storage } from "./storage/mod.ts";
import type { StorageSpecification } from "./storage/specification.ts";

/** The types of nodes that run on hosts. */
type PlacedType = Exclude<NodeType, "host">;

/** The specification of each node type. If a type lacks a line here or in {@link kinds}, the code does not compile. */
interface Specifications {
  service: ServiceSpecification;
  agent: AgentSpecification;
  database: DatabaseSpecification;
  "message-bus": MessageBusSpecification;
  "load-balancer": LoadBalancerSpecification;
  storage: StorageSpecification;
  monitoring: MonitoringSpecification;
}

type SpecificationOf<T extends PlacedType = PlacedType> = { [K in T]: Specifications[K] }[T];

/** A kind for each type of node that runs on hosts. If one is missing, the code does not compile. */
export type NodeKinds = { readonly [T in PlacedType]: NodeKind<NodeOf<T>, SpecificationOf<T>> };

const kinds: NodeKinds = {
  service,
  agent,
  database,
  "message-bus": messageBus,
  "load-balancer": loadBalancer,
  storage,
  monitoring,
};

/** A node that runs on hosts. */
export type PlacedNode = NodeOf<PlacedType>;

/** The specification of one node on one host. */
export type NodeSpecification = SpecificationOf;

/** Whether a node runs on hosts. */
export const isPlaced = (node: Node): node is PlacedNode => node.type !== "host";

const kindOf = <T extends PlacedType>({ type }: { readonly type: T }): NodeKind<NodeOf<T>, SpecificationOf<T>> =>
  kinds[type];

/** Returns the unit that others are ordered after; undefined if nothing runs. */
export const unitOf = (node: PlacedNode): string | undefined => kindOf(node).unit(node);

/** Returns the units that exist on a host because a node runs there. */
export const unitsOf = (node: PlacedNode, place: Place): ReadonlyArray<string> => kindOf(node).units(node, place);

/** Returns the folder in which a node keeps data on a host; undefined if it keeps none there. */
export const dataPathOf = (node: PlacedNode, place: Place): DataPath | undefined => kindOf(node).data?.(node, place);

/** Returns the specification of a node on a host. */
export const specifyNode = (node: PlacedNode, site: Site): NodeSpecification => kindOf(node).specify(node, site);

/** Returns the paths into a host that a node needs besides those that edges to it open. */
export const ownPathsOf = (node: PlacedNode, place: Place): ReadonlyArray<Path> =>
  kindOf(node).ownPaths?.(node, place) ?? [];

/** Returns the TCP ports that a node opens to everyone. */
export const publicPortsOf = (node: PlacedNode): ReadonlyArray<number> => kindOf(node).publicPorts?.(node) ?? [];

/** Returns the options that a node sets on its host. */
export const optionsOf = (specification: NodeSpecification): ReadonlyArray<Binding> =>
  kindOf(specification).options(specification);

/** Returns the options that the nodes of each type set together on their host. */
export const sharedOptionsOf = (specifications: ReadonlyArray<NodeSpecification>): ReadonlyArray<Binding> =>
  [...Map.groupBy(specifications, ({ type }) => type).values()].flatMap((alike) => {
    const [first] = alike;
    return first === undefined ? [] : (kindOf(first).sharedOptions?.(alike) ?? []);
  });

/** Returns the files that the operator puts on the host for a node. */
export const secretsOf = (specification: NodeSpecification): ReadonlyArray<Secret> =>
  kindOf(specification).secrets?.(specification) ?? [];

/**
 * Returns a function that finds the units of a node's own programs on a host: those that start, stop and restart with
 * the node. The first unit of a node is its program, and the others serve it (certificates, passwords, backups). All
 * units of a monitoring node are its own programs. If the node does not run on the host, there are none.
 */
export const programUnitsIn = (document: GraphDocument): ((node: string, host: string) => ReadonlyArray<string>) => {
  const topology = indexOf(document);
  const hosts = new Map(topology.hosts.map((host) => [host.id, host]));
  return (id, hostId) => {
    const node = topology.nodes.get(id);
    const host = hosts.get(hostId);
    if (node === undefined || host === undefined || !isPlaced(node) || !topology.runsOn(id, hostId)) return [];
    const units = unitsOf(node, { topology, host });
    return node.type === "monitoring" ? units : units.slice(0, 1);
  };
};
