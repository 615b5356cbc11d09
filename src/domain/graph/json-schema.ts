import { Schema } from "effect";
import { GraphDocument } from "./document.ts";

type JsonSchema = Readonly<Record<string, unknown>>;

const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Returns the schema with each description beside the type of its field. The generator puts it into the last of several
 * checks.
 */
const withDescriptions = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withDescriptions);
  if (!isSchema(value)) return value;
  const inner = Object.fromEntries(Object.entries(value).map(([name, part]) => [name, withDescriptions(part)]));
  const last: unknown = Array.isArray(value.allOf) ? value.allOf.at(-1) : undefined;
  if (!isSchema(last) || !Array.isArray(inner.allOf) || typeof last.description !== "string") return inner;
  const { description, ...check } = last;
  return { ...inner, allOf: [...inner.allOf.slice(0, -1), check], description };
};

/** Editors find the schema by this field. The command line removes it from the graph. */
const forEditors = { $schema: { type: "string", description: "The address of this schema, for editors." } };

const partOf = (name: string, part: unknown): unknown => {
  const described = withDescriptions(part);
  return name === "properties" && isSchema(described) ? { ...forEditors, ...described } : described;
};

/**
 * Returns the JSON Schema (draft 2020-12) of graph documents. It describes their form. It cannot express the other
 * rules.
 */
export const graphDocumentJsonSchema = (): JsonSchema => {
  const { schema, definitions } = Schema.toJsonSchemaDocument(GraphDocument, { onExcessProperty: "error" });
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: "https://cim-leaf.dev/schemas/deployment-graph.schema.json",
    title: "Deployment graph document, version 1",
    ...Object.fromEntries(Object.entries(schema).map(([name, part]) => [name, partOf(name, part)])),
    ...(Object.keys(definitions).length === 0 ? {} : { $defs: withDescriptions(definitions) }),
  };
};
