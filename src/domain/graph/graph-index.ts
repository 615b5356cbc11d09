import { serverOfUrl } from "./addresses.ts";
import { componentsOf } from "./components.ts";
import type { GraphDocument } from "./document.ts";
import { type DependsOnEdge, type Edge, type EdgeOf, edgeIdentity } from "./edge.ts";
import type { HostNode, Node, NodeOf } from "./node.ts";
import type { LeafDial, Surroundings } from "./node-type.ts";
import { sortedByText } from "./order.ts";
import { type Placements, placed } from "./placement.ts";
import { type Reading, type Survey, surveyOf } from "./survey.ts";
import type { EdgeType, NodeType } from "./types.ts";

/**
 * An index of a graph document, built once, so that no question about the graph needs a search. Validation, planning,
 * rendering, reviews and the command line all use this index. If each walked the graph in its own way, their answers
 * would soon differ.
 *
 * Every list is sorted by id or identity, unless stated otherwise. Rarely used parts are computed on first use.
 */
export interface GraphIndex extends Survey, Surroundings {
  /** The valid nodes, sorted by id. */
  readonly nodes: ReadonlyMap<string, Node>;
  /** The valid hosts. */
  readonly hosts: ReadonlyArray<HostNode>;
  /** The nodes on each host, for every host of the graph. */
  readonly residents: ReadonlyMap<string, ReadonlyArray<Node>>;
  /** Returns the hosts on which a node runs. A host runs on itself. */
  readonly hostsOf: (node: string) => ReadonlyArray<HostNode>;
  readonly runsOn: (node: string, host: string) => boolean;
  /** Returns the nodes of one type. */
  readonly nodesOf: <T extends NodeType>(type: T) => ReadonlyArray<NodeOf<T>>;
  /**
   * Returns whether the source of a dependency can wait for its target. An optional dependency cannot wait if it closes
   * a cycle, because waiting in a cycle never ends.
   */
  readonly canWait: (edge: DependsOnEdge) => boolean;
}

/** Returns a value that is computed on first use. */
const lazy = <T>(compute: () => T): (() => T) => {
  let known: { readonly value: T } | undefined;
  return () => {
    known ??= { value: compute() };
    return known.value;
  };
};

/** Appends to the list of a key in a map. */
const append = <K, V>(lists: Map<K, Array<V>>, key: K, value: V): void => {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
};

const residentsOf = (
  types: Survey["types"],
  nodes: ReadonlyMap<string, Node>,
  placements: Placements,
): ReadonlyMap<string, ReadonlyArray<Node>> => {
  const hosts = [...types].filter(([, type]) => type === "host").map(([id]) => id);
  const residents = new Map<string, Array<Node>>(hosts.sort().map((id) => [id, []]));
  for (const node of nodes.values()) for (const host of placements.get(node.id) ?? []) append(residents, host, node);
  return residents;
};

/** Returns the dials of leaf nodes, by the address or the id of the dialled host. */
const leafDials = (nodes: Iterable<Node>): ReadonlyMap<string, ReadonlyArray<LeafDial>> => {
  const dials = new Map<string, Array<LeafDial>>();
  for (const node of nodes) {
    if (node.type !== "message-bus") continue;
    for (const { url } of node.leafRemotes ?? []) {
      const server = serverOfUrl(url);
      if (server !== undefined) append(dials, server.host, { bus: node.id, port: server.port });
    }
  }
  return dials;
};

type EdgesByEnd = ReadonlyMap<EdgeType, ReadonlyMap<string, ReadonlyArray<Edge>>>;

/** Returns the edges of each type, by the node at one of their ends. */
const edgesByEnd = (byType: ReadonlyMap<EdgeType, ReadonlyArray<Edge>>, end: "from" | "to"): EdgesByEnd =>
  new Map([...byType].map(([type, edges]) => [type, Map.groupBy(edges, (edge) => edge[end])]));

/**
 * All edges of a list have the same type, so the first one decides. Copying the list for each question would slow down
 * rendering.
 */
const areOf = <T extends EdgeType>(type: T, edges: ReadonlyArray<Edge>): edges is ReadonlyArray<EdgeOf<T>> =>
  edges[0]?.type === type;

const edgesAt = <T extends EdgeType>(ends: EdgesByEnd, node: string, type: T): ReadonlyArray<EdgeOf<T>> => {
  const edges = ends.get(type)?.get(node);
  return edges !== undefined && areOf(type, edges) ? edges : [];
};

const isNodeOf =
  <T extends NodeType>(type: T) =>
  (node: Node): node is NodeOf<T> =>
    node.type === type;

/** Returns the index of the readable parts of a document. */
const indexFrom = (survey: Survey): GraphIndex => {
  const nodes = new Map(sortedByText([...survey.nodes.values()], ({ id }) => id).map((node) => [node.id, node]));
  const placements = placed(survey.types, survey.edges);
  const byNodeType = lazy(() => Map.groupBy(nodes.values(), ({ type }) => type));
  const nodesOf = <T extends NodeType>(type: T) => (byNodeType().get(type) ?? []).filter(isNodeOf(type));
  const hosts = lazy(() => nodesOf("host"));
  const residents = lazy(() => residentsOf(survey.types, nodes, placements));
  const byEdgeType = lazy(() => Map.groupBy(sortedByText(survey.edges, edgeIdentity), ({ type }) => type));
  const outgoing = lazy(() => edgesByEnd(byEdgeType(), "from"));
  const incoming = lazy(() => edgesByEnd(byEdgeType(), "to"));
  const dials = lazy(() => leafDials(nodes.values()));
  const components = lazy(() => componentsOf([], byEdgeType().get("depends-on") ?? []));
  const hostOf = (id: string): ReadonlyArray<HostNode> => {
    const host = nodes.get(id);
    return host?.type === "host" ? [host] : [];
  };
  const hostsById = lazy(() => new Map([...placements].map(([id, ids]) => [id, ids.flatMap(hostOf)])));
  const hostsOf = (id: string): ReadonlyArray<HostNode> => hostsById().get(id) ?? hostOf(id);
  return {
    ...survey,
    nodes,
    placements,
    nodesOf,
    hostsOf,
    get hosts() {
      return hosts();
    },
    get residents() {
      return residents();
    },
    runsOn: (node, host) => placements.get(node)?.includes(host) ?? (node === host && hostOf(host).length > 0),
    from: (node, type) => edgesAt(outgoing(), node, type),
    to: (node, type) => edgesAt(incoming(), node, type),
    leavesOf: (bus, host) =>
      hostOf(host)
        .flatMap(({ id, address }) => [...(dials().get(address) ?? []), ...(dials().get(id) ?? [])])
        .filter((dial) => dial.bus !== bus),
    canWait: ({ from, to, required = true }) => required || components().get(from) !== components().get(to),
  };
};

const indices = new WeakMap<GraphDocument, GraphIndex>();

/** Returns the index of a reading. If the document is valid in form, {@link indexOf} later returns the same index. */
export const indexOfReading = ({ survey, document }: Pick<Reading, "survey" | "document">): GraphIndex => {
  const index = indexFrom(survey);
  if (document !== undefined) indices.set(document, index);
  return index;
};

/** Returns the index of a document of valid form. It is built once per document and lives as long. */
export const indexOf = (document: GraphDocument): GraphIndex =>
  indices.get(document) ?? indexOfReading({ survey: surveyOf(document), document });
