import type { GraphDocument } from "../graph/document.ts";
import { type DependsOnEdge, type Edge, type EdgeType, edgeIdentity } from "../graph/edge.ts";
import { type LeafDial, leafDials } from "../graph/leaf-dials.ts";
import type { HostNode, Node } from "../graph/node.ts";
import { sortedByText } from "../graph/order.ts";
import { placements } from "../graph/placement.ts";
import { componentsOf } from "./components.ts";

/** A graph document indexed once, so that no question about it costs a search. Every list has an order of its own. */
export interface Topology {
  readonly nodes: ReadonlyMap<string, Node>;
  readonly hosts: ReadonlyArray<HostNode>;
  /** The nodes placed on each host. */
  readonly residents: ReadonlyMap<string, ReadonlyArray<Node>>;
  /** The hosts each node runs on; a host runs on itself. */
  readonly hostsOf: (node: string) => ReadonlyArray<HostNode>;
  readonly runsOn: (node: string, host: string) => boolean;
  /** The NATS servers elsewhere that dial into a host as leaf nodes, and the port they dial. */
  readonly leavesOf: (host: HostNode) => ReadonlyArray<LeafDial>;
  /** Whether the source of a dependency can wait for its target. */
  readonly canWait: (edge: DependsOnEdge) => boolean;
  /** The edges of one type that leave a node. */
  readonly from: <T extends EdgeType>(node: string, type: T) => ReadonlyArray<Extract<Edge, { type: T }>>;
  /** The edges of one type that end at a node. */
  readonly to: <T extends EdgeType>(node: string, type: T) => ReadonlyArray<Extract<Edge, { type: T }>>;
}

/**
 * Tells which dependencies can be kept in order. One that is only wished for cannot where it closes a cycle: systemd
 * would break it by not starting a unit at all.
 */
const keepsOrder = (
  outgoing: ReadonlyMap<string, ReadonlyArray<DependsOnEdge>>,
): ((edge: DependsOnEdge) => boolean) => {
  const component = componentsOf(new Map([...outgoing].map(([from, edges]) => [from, edges.map(({ to }) => to)])));
  return ({ from, to, required = true }) => required || component.get(from) !== component.get(to);
};

/** Adds to the list that a map holds for a key. */
const append = <K, V>(lists: Map<K, Array<V>>, key: K, value: V): void => {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
};

export const topologyOf = (document: GraphDocument): Topology => {
  const nodes = new Map(sortedByText(document.nodes, ({ id }) => id).map((node) => [node.id, node]));
  const hosts = [...nodes.values()].filter((node) => node.type === "host");

  const hostsOf = new Map<string, Array<HostNode>>();
  const residents = new Map<string, Array<Node>>(hosts.map(({ id }) => [id, []]));
  for (const host of hosts) append(hostsOf, host.id, host);
  for (const [id, hostIds] of placements(document))
    for (const hostId of hostIds) {
      const host = nodes.get(hostId);
      if (host?.type === "host") append(hostsOf, id, host);
    }
  for (const node of nodes.values())
    if (node.type !== "host") for (const host of hostsOf.get(node.id) ?? []) append(residents, host.id, node);

  const edges = sortedByText(document.edges, edgeIdentity);
  const outgoing = edgesBy(edges, ({ from }) => from);
  const incoming = edgesBy(edges, ({ to }) => to);
  const dials = leafDials(nodes.values());
  return {
    nodes,
    hosts,
    residents,
    hostsOf: (node) => hostsOf.get(node) ?? [],
    runsOn: (node, host) => hostsOf.get(node)?.some(({ id }) => id === host) ?? false,
    leavesOf: ({ id, address }) => [...(dials.get(address) ?? []), ...(dials.get(id) ?? [])],
    canWait: keepsOrder(outgoing["depends-on"]),
    from: (node, type) => outgoing[type].get(node) ?? [],
    to: (node, type) => incoming[type].get(node) ?? [],
  };
};

type EdgesByNode<T extends EdgeType> = ReadonlyMap<string, ReadonlyArray<Extract<Edge, { type: T }>>>;

/** The edges of each type, by the node at one of their ends. */
const edgesBy = (
  edges: ReadonlyArray<Edge>,
  nodeOf: (edge: Edge) => string,
): { readonly [T in EdgeType]: EdgesByNode<T> } => {
  const byType = Map.groupBy(edges, ({ type }) => type);
  const ofType = <T extends EdgeType>(type: T): EdgesByNode<T> =>
    Map.groupBy(
      (byType.get(type) ?? []).filter((edge): edge is Extract<Edge, { type: T }> => edge.type === type),
      nodeOf,
    );
  return {
    "runs-on": ofType("runs-on"),
    "depends-on": ofType("depends-on"),
    "connects-to": ofType("connects-to"),
    "data-flow": ofType("data-flow"),
    "load-balances": ofType("load-balances"),
    "mounts-volume": ofType("mounts-volume"),
    "publishes-to": ofType("publishes-to"),
    "subscribes-to": ofType("subscribes-to"),
    replicates: ofType("replicates"),
    manages: ofType("manages"),
    monitors: ofType("monitors"),
  };
};
