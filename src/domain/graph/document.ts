import { Schema } from "effect";
import { bounds, List, Name } from "../kernel/mod.ts";
import { Edge } from "./edge.ts";
import { GraphPins } from "./host-files.ts";
import { Node } from "./node.ts";
import { described, optional, Text } from "./values.ts";

/**
 * A deployment graph document, version 1. The CLI reads it, `graph.import` contains it, and the designer exports it.
 */
export const GraphDocument = Schema.Struct({
  id: described(Name, "The name of the graph, of lower-case letters, digits and `-`."),
  description: optional(Text, "What the graph is for, in words."),
  pins: optional(GraphPins, "Where inputs of its flake come from, such as `nixpkgs`; changed by `cim graph pin`."),
  nodes: described(List(Node, bounds.nodes), "What runs, and the hosts that it runs on."),
  edges: described(List(Edge, bounds.edges), "What joins the nodes."),
});
export type GraphDocument = typeof GraphDocument.Type;
