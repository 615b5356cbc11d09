import { Schema } from "effect";
import { Name } from "../kernel/mod.ts";
import { Edge } from "./edge.ts";
import { Node } from "./node.ts";
import { Text } from "./values.ts";

/** A deployment graph document, version 1: what the CLI reads, `graph.import` carries and a designer exports. */
export const GraphDocument = Schema.Struct({
  id: Name,
  description: Schema.optionalKey(Text),
  nodes: Schema.Array(Node),
  edges: Schema.Array(Edge),
});
export type GraphDocument = typeof GraphDocument.Type;
