import type { Schema } from "effect";
import { atOnce, canonicalJson, inKeyOrder, isSameJson, type Steps } from "../kernel/mod.ts";
import type { GraphDocument } from "./document.ts";
import { type Edge, edgeIdentity, impliedIdentity } from "./edge.ts";
import { sortedByText } from "./order.ts";

/** Returns an edge without its `id`, if that equals its implied identity. */
export const withoutImpliedId = (edge: Edge): Edge => {
  if (edge.id === undefined || edge.id !== impliedIdentity(edge)) return edge;
  const { id: _, ...rest } = edge;
  return rest;
};

/** Returns the graph in its normal form: nodes by id, edges by identity, no implied ids. */
export const normalForm = (document: GraphDocument): GraphDocument => atOnce(normalFormInSteps(document));

/** Returns the same, with pauses for a large graph. */
export function* normalFormInSteps(document: GraphDocument): Steps<GraphDocument> {
  const nodes = sortedByText(document.nodes, ({ id }) => id);
  yield;
  const edges = document.edges.map(withoutImpliedId);
  yield;
  return { ...document, nodes, edges: sortedByText(edges, edgeIdentity) };
}

/**
 * Returns the text whose SHA-256 is the graph's digest. Equal graphs have equal texts, in whatever order they were
 * written.
 */
export const canonicalGraph = (document: GraphDocument): string => canonicalJson(normalForm(document));

/** Returns the canonical graph as a file for people: `graph.json` of a flake, and the export. */
export const graphFileText = (document: GraphDocument): string =>
  `${JSON.stringify(inKeyOrder(normalForm(document)), null, 2)}\n`;

/** Returns whether two nodes or two edges have the same content. */
export const saysTheSame: (left: Schema.Json, right: Schema.Json) => boolean = isSameJson;
