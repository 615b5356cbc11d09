import type { Schema } from "effect";
import type { GraphChange } from "../../domain/graph/contract.ts";
import { type EdgeType, edgeTypeNames, type NodeType } from "../../domain/graph/types.ts";
import { type Draft, edgeKey, elementsOf, type Fields, identityOf, type Key, nodeKey, textOf } from "./draft.ts";
import { startOf } from "./fields.ts";
import { mayJoin } from "./joins.ts";

/** A draft after something was added, and the keys of what is new. */
export interface Added {
  readonly draft: Draft;
  readonly keys: ReadonlyArray<Key>;
}

const idsOf = ({ nodes }: Draft): Set<string> => new Set(nodes.map(({ id }) => textOf(id)));

/** A name that no node has: `web`, then `web-2`, `web-3`. */
const freeName = (taken: ReadonlySet<string>, wanted: string): string => {
  if (!taken.has(wanted)) return wanted;
  const stem = wanted.replace(/-\d+$/, "");
  let number = 2;
  while (taken.has(`${stem}-${number}`)) number += 1;
  return `${stem}-${number}`;
};

/** The draft with a new node of a type. With `host` it runs there. */
export const withNode = (draft: Draft, type: NodeType, host?: string): Added => {
  const id = freeName(idsOf(draft), `${type}-1`);
  const nodes = [...draft.nodes, { id, type, ...startOf("node", type) }];
  const isPlaced = host !== undefined && type !== "host";
  const edges = isPlaced ? [...draft.edges, { from: id, type: "runs-on", to: host }] : draft.edges;
  return { draft: { ...draft, nodes, edges }, keys: [nodeKey(id)] };
};

/** The types of edges that may lead from one node to another, in the order of the format. */
export const joinsOf = (draft: Draft, from: string, to: string): ReadonlyArray<EdgeType> => {
  const typeOf = (id: string) => textOf(elementsOf(draft).get(nodeKey(id))?.fields.type);
  return edgeTypeNames.filter((type) => mayJoin(type, typeOf(from), typeOf(to)));
};

/** The draft with another edge. One that is there already is not added twice: it is what `keys` names. */
export const withEdge = (draft: Draft, type: EdgeType, from: string, to: string): Added => {
  const edge: Fields = { from, type, to, ...startOf("edge", type) };
  const key = edgeKey(identityOf(edge));
  return elementsOf(draft).has(key)
    ? { draft, keys: [key] }
    : { draft: { ...draft, edges: [...draft.edges, edge] }, keys: [key] };
};

/** The draft with a node on another host than before. One that ran nowhere runs there now. */
export const movedTo = (draft: Draft, node: string, from: string | undefined, to: string): Draft => {
  const isPlacement = (edge: Fields, host: string | undefined): boolean =>
    edge.type === "runs-on" && edge.from === node && edge.to === host;
  if (from === to || draft.edges.some((edge) => isPlacement(edge, to))) return draft;
  return draft.edges.some((edge) => isPlacement(edge, from))
    ? { ...draft, edges: draft.edges.map((edge) => (isPlacement(edge, from) ? { ...edge, to } : edge)) }
    : { ...draft, edges: [...draft.edges, { from: node, type: "runs-on", to }] };
};

/** The draft without nodes and edges, and without the edges that touched such a node. */
export const without = (draft: Draft, keys: Iterable<Key>): Draft => {
  const gone = new Set(keys);
  const elements = [...elementsOf(draft).values()];
  const left = elements.filter(({ kind, key }) => kind === "node" && !gone.has(key));
  const names = new Set(left.map(({ fields }) => fields.id));
  const lost = new Set(draft.nodes.map(({ id }) => id).filter((id) => !names.has(id)));
  return {
    ...draft,
    nodes: left.map(({ fields }) => fields),
    edges: elements
      .filter(({ kind, key, fields: { from = "", to = "" } }) => {
        return kind === "edge" && !gone.has(key) && !lost.has(from) && !lost.has(to);
      })
      .map(({ fields }) => fields),
  };
};

/** Nodes and edges that were copied, from this graph or from another. */
export interface Part {
  readonly nodes: ReadonlyArray<Fields>;
  readonly edges: ReadonlyArray<Fields>;
}

/** What is selected, as a part: the nodes, the edges among them, where they run, and the edges that are selected. */
export const partOf = (draft: Draft, keys: Iterable<Key>): Part => {
  const chosen = new Set(keys);
  const elements = [...elementsOf(draft).values()];
  const nodes = elements.filter(({ kind, key }) => kind === "node" && chosen.has(key)).map(({ fields }) => fields);
  const names = new Set(nodes.map(({ id }) => id));
  const edges = elements.filter(({ kind, key, fields: { from = "", to = "", type } }) => {
    const isInside = names.has(from) && (names.has(to) || type === "runs-on");
    return kind === "edge" && (chosen.has(key) || isInside);
  });
  return { nodes, edges: edges.map(({ fields }) => fields) };
};

/** The draft with a copied part, under names that are free. Edges to nodes that are not here are left out. */
export const withPart = (draft: Draft, { nodes, edges }: Part): Added => {
  const taken = idsOf(draft);
  const names = new Map<string, string>();
  for (const { id } of nodes) {
    const name = freeName(taken, textOf(id));
    taken.add(name);
    names.set(textOf(id), name);
  }
  const nameOf = (id: Schema.Json | undefined): string => names.get(textOf(id)) ?? textOf(id);
  const here = new Set(elementsOf(draft).keys());
  const added = edges
    .map(({ id: _, ...edge }): Fields => ({ ...edge, from: nameOf(edge.from), to: nameOf(edge.to) }))
    .filter(({ from, to }) => taken.has(textOf(from)) && taken.has(textOf(to)))
    .filter((edge) => !here.has(edgeKey(identityOf(edge))));
  return {
    draft: {
      ...draft,
      nodes: [...draft.nodes, ...nodes.map((node) => ({ ...node, id: nameOf(node.id) }))],
      edges: [...draft.edges, ...added],
    },
    keys: nodes.length > 0 ? [...names.values()].map(nodeKey) : added.map((edge) => edgeKey(identityOf(edge))),
  };
};

const plain = (element: object): Fields => ({ ...element }) as Fields;

const withChange = (draft: Draft, change: GraphChange): Draft => {
  switch (change.type) {
    case "add-node":
      return { ...draft, nodes: [...draft.nodes, plain(change.node)] };
    case "remove-node":
      return without(draft, [nodeKey(change.id)]);
    case "connect":
      return { ...draft, edges: [...draft.edges, plain(change.edge)] };
    case "disconnect":
      return without(draft, [edgeKey(change.id)]);
    case "update-node": {
      const nodes = draft.nodes.map((node) => {
        if (node.id !== change.id) return node;
        const kept = Object.entries({ ...node, ...change.changes }).filter(([, value]) => value !== null);
        return Object.fromEntries(kept) as Fields;
      });
      return { ...draft, nodes };
    }
  }
};

/** The draft after changes, such as those of a finding's remedy. A draft that is broken elsewhere takes them too. */
export const withChanges = (draft: Draft, changes: ReadonlyArray<GraphChange>): Draft =>
  changes.reduce(withChange, draft);
