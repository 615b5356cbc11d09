import type { Node } from "../graph/node.ts";
import { type AgentSpecification, agent } from "./agent/mod.ts";
import { type DatabaseSpecification, database } from "./database/mod.ts";
import type { Path } from "./host/network.ts";
import type { Secret } from "./host/secrets.ts";
import type { Binding } from "./language/expression.ts";
import { type LoadBalancerSpecification, loadBalancer } from "./load-balancer/mod.ts";
import { type MessageBusSpecification, messageBus } from "./message-bus/mod.ts";
import { type MonitoringSpecification, monitoring } from "./monitoring/mod.ts";
import type { NodeKind, Place, Site } from "./node-kind.ts";
import { type ServiceSpecification, service } from "./service/mod.ts";
import { type StorageSpecification, storage } from "./storage/mod.ts";

/** What each type of node becomes. A type more is a file, a line here and one in {@link kinds}. */
interface Specifications {
  service: ServiceSpecification;
  agent: AgentSpecification;
  database: DatabaseSpecification;
  "message-bus": MessageBusSpecification;
  "load-balancer": LoadBalancerSpecification;
  storage: StorageSpecification;
  monitoring: MonitoringSpecification;
}

type PlacedType = keyof Specifications;
type NodeOf<T extends PlacedType = PlacedType> = { [K in T]: Extract<Node, { type: K }> }[T];
type SpecificationOf<T extends PlacedType = PlacedType> = { [K in T]: Specifications[K] }[T];

const kinds: { readonly [T in PlacedType]: NodeKind<NodeOf<T>, SpecificationOf<T>> } = {
  service,
  agent,
  database,
  "message-bus": messageBus,
  "load-balancer": loadBalancer,
  storage,
  monitoring,
};

/** A node that runs on hosts. */
export type PlacedNode = NodeOf;

/** What a host must be for the sake of one node. */
export type NodeSpecification = SpecificationOf;

export const isPlaced = (node: Node): node is PlacedNode => node.type !== "host";

const kindOf = <T extends PlacedType>({ type }: { readonly type: T }): NodeKind<NodeOf<T>, SpecificationOf<T>> =>
  kinds[type];

/** The unit that others are ordered after. */
export const unitOf = (node: PlacedNode): string | undefined => kindOf(node).unit(node);

/** The units that exist on a host because a node runs there. */
export const unitsOf = (node: PlacedNode, place: Place): ReadonlyArray<string> => kindOf(node).units(node, place);

export const specifyNode = (node: PlacedNode, site: Site): NodeSpecification => kindOf(node).specify(node, site);

export const ownPathsOf = (node: PlacedNode, place: Place): ReadonlyArray<Path> =>
  kindOf(node).ownPaths?.(node, place) ?? [];

export const publicPortsOf = (node: PlacedNode): ReadonlyArray<number> => kindOf(node).publicPorts?.(node) ?? [];

/** The options that a node sets on its host. */
export const optionsOf = (specification: NodeSpecification): ReadonlyArray<Binding> =>
  kindOf(specification).options(specification);

/** The options that the nodes of each type set on their host together. */
export const sharedOptionsOf = (specifications: ReadonlyArray<NodeSpecification>): ReadonlyArray<Binding> =>
  [...Map.groupBy(specifications, ({ type }) => type).values()].flatMap((alike) => {
    const [first] = alike;
    return first === undefined ? [] : (kindOf(first).sharedOptions?.(alike) ?? []);
  });

/** The files that the operator puts on the host for a node. */
export const secretsOf = (specification: NodeSpecification): ReadonlyArray<Secret> =>
  kindOf(specification).secrets?.(specification) ?? [];
