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
 * A graph document, indexed once, so that no question about it costs a search. Validation, planning, rendering, reviews
 * and the command line all ask this index: two walks over one graph could not agree for long.
 *
 * Every list is sorted by id or identity, unless it says otherwise. What few ask is computed when it is first asked.
 */
export interface GraphIndex extends Survey, Surroundings {
  /** The nodes that can be read, sorted by id. */
  readonly nodes: ReadonlyMap<string, Node>;
  /** The hosts that can be read. */
  readonly hosts: ReadonlyArray<HostNode>;
  /** The nodes on each host, for every host of the graph. */
  readonly residents: ReadonlyMap<string, ReadonlyArray<Node>>;
  /** The hosts that a node runs on; a host runs on itself. */
  readonly hostsOf: (node: string) => ReadonlyArray<HostNode>;
  readonly runsOn: (node: string, host: string) => boolean;
  /** The nodes of one type. */
  readonly nodesOf: <T extends NodeType>(type: T) => ReadonlyArray<NodeOf<T>>;
  /**
   * Whether the source of a dependency can wait for its target. A dependency that is not required cannot if it closes a
   * cycle: a wait round a cycle never ends.
   */
  readonly canWait: (edge: DependsOnEdge) => boolean;
}

/** A value that is computed when it is first asked for. */
const lazy = <T>(compute: () => T): (() => T) => {
  let known: { readonly value: T } | undefined;
  return () => {
    known ??= { value: compute() };
    return known.value;
  };
};

/** Adds to the list that a map holds for a key. */
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

/** The dials of leaf nodes by the address, or the id, of the host that they dial. */
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

/** The edges of each type by the node at one of their ends. */
const edgesByEnd = (byType: ReadonlyMap<EdgeType, ReadonlyArray<Edge>>, end: "from" | "to"): EdgesByEnd =>
  new Map([...byType].map(([type, edges]) => [type, Map.groupBy(edges, (edge) => edge[end])]));

/** The edges of one list are of one type, so the first decides. A copy for each question would slow rendering down. */
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

/** The index of whatever can be read of a document. */
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

/** The index of what was read. If the document has the right form, {@link indexOf} finds the same index from then on. */
export const indexOfReading = ({ survey, document }: Pick<Reading, "survey" | "document">): GraphIndex => {
  const index = indexFrom(survey);
  if (document !== undefined) indices.set(document, index);
  return index;
};

/** The index of a document of the right form. It is made once a document, and lives as long. */
export const indexOf = (document: GraphDocument): GraphIndex =>
  indices.get(document) ?? indexOfReading({ survey: surveyOf(document), document });
