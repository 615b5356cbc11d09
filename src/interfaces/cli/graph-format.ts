import { graphFileText } from "../../domain/graph/canonical.ts";
import type { GraphDocument } from "../../domain/graph/document.ts";
import { toGraphology } from "../../domain/graph/graphology.ts";
import { toDot, toMermaid } from "../../domain/graph/picture.ts";

const texts = {
  json: graphFileText,
  graphology: (document: GraphDocument) => `${JSON.stringify(toGraphology(document), null, 2)}\n`,
  mermaid: toMermaid,
  dot: toDot,
} as const;

/** A language that a graph is written in: the document itself, graphology's serialization, or a picture. */
export type Format = keyof typeof texts;

export const formats: ReadonlyArray<string> = Object.keys(texts);

/** The text of a graph, the same for every order of its nodes and edges. */
export const graphText = (document: GraphDocument, format: Format): string => texts[format](document);
