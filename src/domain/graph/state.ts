import { Schema } from "effect";
import { documentWith, GraphContent } from "./content.ts";
import type { GraphDocument } from "./document.ts";
import { Text } from "./values.ts";

/** A graph as its events tell it; null before it was created. */
export const GraphState = Schema.NullOr(
  Schema.Struct({
    description: Schema.optionalKey(Text),
    archived: Schema.Boolean,
    content: GraphContent,
  }),
);
export type GraphState = typeof GraphState.Type;

/** The document of a graph, in normal form; importing it again changes nothing. */
export const documentOf = (id: string, { description, content }: NonNullable<GraphState>): GraphDocument =>
  documentWith(description === undefined ? { id } : { id, description }, content);
