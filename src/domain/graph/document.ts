import { Result, Schema } from "effect";
import { Name } from "../kernel/mod.ts";
import { Edge } from "./edge.ts";
import { Node } from "./node.ts";
import { inOrder, type Problem } from "./problem.ts";
import { edgeEnds } from "./rules/edge-ends.ts";
import { read } from "./survey.ts";
import { Text } from "./values.ts";

/** A deployment graph document, version 1: what the CLI reads, `graph.import` carries and a designer exports. */
export const GraphDocument = Schema.Struct({
  id: Name,
  description: Schema.optionalKey(Text),
  nodes: Schema.Array(Node),
  edges: Schema.Array(Edge),
});
export type GraphDocument = typeof GraphDocument.Type;

/** Reads a graph document strictly: unknown fields are errors. Fails with its faults of form, none of other rules. */
export const decodeGraphDocument = (input: unknown): Result.Result<GraphDocument, ReadonlyArray<Problem>> => {
  const { document, survey, problems } = read(input);
  if (document !== undefined) return Result.succeed(document);
  // Where only ends of edges have a wrong form, those edges lead to nothing.
  return Result.fail(inOrder(problems.length > 0 ? problems : edgeEnds(survey)));
};
