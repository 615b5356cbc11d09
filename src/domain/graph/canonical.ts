import type { Schema } from "effect";
import { atOnce, canonicalJson, inKeyOrder, isSameJson, type Steps } from "../kernel/mod.ts";
import type { GraphDocument } from "./document.ts";
import { type Edge, edgeIdentity, impliedIdentity } from "./edge.ts";
import { sortedByText } from "./order.ts";

/** An edge without an `id` that says no more than its implied identity. */
export const withoutImpliedId = (edge: Edge): Edge => {
  if (edge.id === undefined || edge.id !== impliedIdentity(edge)) return edge;
  const { id: _, ...rest } = edge;
  return rest;
};

/** The same graph in its one normal form: nodes by id, edges by identity, no implied ids. */
export const normalForm = (document: GraphDocument): GraphDocument => atOnce(normalFormInSteps(document));

/** The same with pauses, for a graph that may be large. */
export function* normalFormInSteps(document: GraphDocument): Steps<GraphDocument> {
  const nodes = sortedByText(document.nodes, ({ id }) => id);
  yield;
  const edges = document.edges.map(withoutImpliedId);
  yield;
  return { ...document, nodes, edges: sortedByText(edges, edgeIdentity) };
}

/** The text whose SHA-256 is the graph's digest: equal for equal graphs, in whatever order they were written. */
export const canonicalGraph = (document: GraphDocument): string => canonicalJson(normalForm(document));

/** The canonical graph as a file that people read: `graph.json` of a flake, and what is exported. */
export const graphFileText = (document: GraphDocument): string =>
  `${JSON.stringify(inKeyOrder(normalForm(document)), null, 2)}\n`;

/** Whether two nodes or two edges say the same. */
export const saysTheSame: (left: Schema.Json, right: Schema.Json) => boolean = isSameJson;
