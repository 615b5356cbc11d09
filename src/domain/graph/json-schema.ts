import { Schema } from "effect";
import { GraphDocument } from "./document.ts";

/** The JSON Schema (draft 2020-12) of graph documents: their form; what the rules say of them it cannot say. */
export const graphDocumentJsonSchema = (): Readonly<Record<string, unknown>> => {
  const { schema, definitions } = Schema.toJsonSchemaDocument(GraphDocument, { onExcessProperty: "error" });
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: "https://cim-leaf.dev/schemas/deployment-graph.schema.json",
    title: "Deployment graph document, version 1",
    ...schema,
    ...(Object.keys(definitions).length === 0 ? {} : { $defs: definitions }),
  };
};
