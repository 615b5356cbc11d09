import { HashMap, Option, Predicate, Schema } from "effect";
import { atOnce, mapCodecInSteps, type StepCodec, type Steps } from "../kernel/mod.ts";
import { normalFormInSteps } from "./canonical.ts";
import type { GraphEvent } from "./contract.ts";
import type { GraphDocument } from "./document.ts";
import { Edge, edgeIdentity } from "./edge.ts";
import { Node } from "./node.ts";
import type { Texts } from "./secret-check.ts";

/**
 * Nodes by id and edges by identity, each edge with its `id`. The maps are persistent, so each version costs little.
 */
export const GraphContent = Schema.Struct({
  nodes: Schema.HashMap(Schema.String, Node),
  edges: Schema.HashMap(Schema.String, Edge),
});
export type GraphContent = typeof GraphContent.Type;

const nodesInSteps = mapCodecInSteps(Node);
const edgesInSteps = mapCodecInSteps(Edge);

/** Encodes and decodes a content with pauses. */
export const contentInSteps: StepCodec<GraphContent> = {
  *encode({ nodes, edges }) {
    return { nodes: yield* nodesInSteps.encode(nodes), edges: yield* edgesInSteps.encode(edges) };
  },
  *decode(json) {
    if (!Predicate.isObject(json)) return Option.none();
    const nodes = yield* nodesInSteps.decode(json.nodes);
    const edges = yield* edgesInSteps.decode(json.edges);
    return Option.all({ nodes, edges });
  },
};

export const emptyContent: GraphContent = { nodes: HashMap.empty(), edges: HashMap.empty() };

/** Returns the edge as graphs store it, with its `id`. */
export const identified = (edge: Edge): Edge & { readonly id: string } => ({ ...edge, id: edgeIdentity(edge) });

/** Returns the content of a document without duplicates. */
export const contentOf = ({ nodes, edges }: Pick<GraphDocument, "nodes" | "edges">): GraphContent => ({
  nodes: HashMap.fromIterable(nodes.map((node) => [node.id, node] as const)),
  edges: HashMap.fromIterable(edges.map((edge) => [edgeIdentity(edge), identified(edge)] as const)),
});

/** Returns the texts of its nodes and edges. */
export const textsIn = ({ nodes, edges }: GraphContent): Texts => ({
  nodes: HashMap.values(nodes),
  edges: HashMap.values(edges),
});

/** Returns a graph with this content, in normal form. */
export const documentWith = (head: Omit<GraphDocument, "nodes" | "edges">, content: GraphContent): GraphDocument =>
  atOnce(documentWithInSteps(head, content));

/** Returns the same, with pauses for a large graph. */
export function* documentWithInSteps(
  head: Omit<GraphDocument, "nodes" | "edges">,
  { nodes, edges }: GraphContent,
): Steps<GraphDocument> {
  const all = { nodes: [...HashMap.values(nodes)], edges: [...HashMap.values(edges)] };
  yield;
  return yield* normalFormInSteps({ ...head, ...all });
}

/** Returns the content after an event. Events that concern no nodes and edges leave it unchanged. */
export const evolveContent = ({ nodes, edges }: GraphContent, event: GraphEvent): GraphContent => {
  switch (event.type) {
    case "node-added":
    case "node-updated":
      return { nodes: HashMap.set(nodes, event.data.node.id, event.data.node), edges };
    case "node-removed":
      return { nodes: HashMap.remove(nodes, event.data.id), edges };
    case "edge-connected":
      return { nodes, edges: HashMap.set(edges, edgeIdentity(event.data.edge), event.data.edge) };
    case "edge-disconnected":
      return { nodes, edges: HashMap.remove(edges, event.data.id) };
    default:
      return { nodes, edges };
  }
};
