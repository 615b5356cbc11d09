import { Schema } from "effect";
import { edgeTypes } from "../../domain/graph/edge.ts";
import { nodeTypes } from "../../domain/graph/node.ts";
import { type EdgeType, edgeTypeNames, type NodeType, nodeTypeNames } from "../../domain/graph/types.ts";
import type { Fields } from "./draft.ts";
import { edgeFieldOrder, labelOf, nodeFieldOrder, starts } from "./words.ts";

/** How a value is shown and typed. */
export type Shape =
  | { readonly kind: "text" }
  | { readonly kind: "number"; readonly isWhole: boolean }
  | { readonly kind: "switch" }
  | { readonly kind: "choice"; readonly choices: ReadonlyArray<string> }
  | { readonly kind: "choices"; readonly choices: ReadonlyArray<string> }
  | { readonly kind: "list"; readonly of: Shape }
  | { readonly kind: "names" }
  | { readonly kind: "group"; readonly fields: ReadonlyArray<FieldSpec> };

/** A field of a form. */
export interface FieldSpec {
  readonly name: string;
  readonly label: string;
  /** What it means, in a sentence with its unit and what holds without it. */
  readonly hint: string;
  readonly isRequired: boolean;
  readonly shape: Shape;
}

type JsonSchema = Readonly<Record<string, unknown>>;

const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const partOf = (schema: JsonSchema, name: string): JsonSchema => {
  const part = schema[name];
  return isSchema(part) ? part : {};
};

const textsOf = (value: unknown): ReadonlyArray<string> => (Array.isArray(value) ? value.map(String) : []);

/** The description of a schema of several checks stands in the last of them. */
const hintOf = ({ description, allOf }: JsonSchema): string => {
  if (typeof description === "string") return description;
  const last: unknown = Array.isArray(allOf) ? allOf.at(-1) : undefined;
  return isSchema(last) && typeof last.description === "string" ? last.description : "";
};

const shapeOf = (schema: JsonSchema): Shape => {
  if (Array.isArray(schema.enum)) return { kind: "choice", choices: textsOf(schema.enum) };
  switch (schema.type) {
    case "integer":
      return { kind: "number", isWhole: true };
    case "number":
      return { kind: "number", isWhole: false };
    case "boolean":
      return { kind: "switch" };
    case "array": {
      const of = shapeOf(partOf(schema, "items"));
      return of.kind === "choice" ? { kind: "choices", choices: of.choices } : { kind: "list", of };
    }
    case "object":
      return schema.properties === undefined ? { kind: "names" } : { kind: "group", fields: fieldsIn(schema) };
    default:
      return { kind: "text" };
  }
};

const fieldsIn = (schema: JsonSchema): ReadonlyArray<FieldSpec> => {
  const required = textsOf(schema.required);
  return Object.entries(partOf(schema, "properties")).map(([name, part]) => {
    const field = isSchema(part) ? part : {};
    return {
      name,
      label: labelOf(name),
      hint: hintOf(field),
      isRequired: required.includes(name),
      shape: shapeOf(field),
    };
  });
};

/** The fields of a schema without `type`, in the order that was made by hand; those that it forgot come last. */
const ordered = (schema: Schema.Top, order: ReadonlyArray<string>): ReadonlyArray<FieldSpec> => {
  const { schema: root, definitions } = Schema.toJsonSchemaDocument(schema);
  const [definition] = Object.values(definitions);
  const fields = fieldsIn(isSchema(definition) ? definition : (root as JsonSchema)).filter(
    ({ name }) => name !== "type",
  );
  const rank = ({ name }: FieldSpec): number => (order.includes(name) ? order.indexOf(name) : order.length);
  return fields.toSorted((one, other) => rank(one) - rank(other));
};

const forms = {
  node: new Map<string, ReadonlyArray<FieldSpec>>(),
  edge: new Map<string, ReadonlyArray<FieldSpec>>(),
};

const isNodeType = (type: string): type is NodeType => nodeTypeNames.some((name) => name === type);
const isEdgeType = (type: string): type is EdgeType => edgeTypeNames.some((name) => name === type);

/**
 * Returns the fields of a type of node or edge, as its form shows them. They come from the schema of the domain: a field
 * that is new there is in the form by itself. A type that there is not has none.
 */
export const fieldsOf = (kind: "node" | "edge", type: string): ReadonlyArray<FieldSpec> => {
  const made = forms[kind].get(type);
  if (made !== undefined) return made;
  const fields =
    kind === "node"
      ? isNodeType(type)
        ? ordered(nodeTypes[type].schema, nodeFieldOrder[type])
        : []
      : isEdgeType(type)
        ? ordered(edgeTypes[type].schema, edgeFieldOrder[type])
        : [];
  forms[kind].set(type, fields);
  return fields;
};

/** What a type of node or edge means, in one sentence; undefined if there is no such type. */
export const meaningOf = (kind: "node" | "edge", type: string): string | undefined => {
  if (kind === "node") return isNodeType(type) ? nodeTypes[type].meaning : undefined;
  return isEdgeType(type) ? edgeTypes[type].meaning : undefined;
};

/** A value to begin with, for a field that must be there. */
export const emptyOf = (shape: Shape): Schema.Json => {
  switch (shape.kind) {
    case "text":
      return "";
    case "number":
      return "";
    case "switch":
      return false;
    case "choice":
      return shape.choices[0] ?? "";
    case "choices":
    case "list":
      return [];
    case "names":
      return {};
    case "group":
      return Object.fromEntries(
        shape.fields.filter(({ isRequired }) => isRequired).map(({ name, shape: inner }) => [name, emptyOf(inner)]),
      );
  }
};

const given = ["id", "from", "to"];

/** The fields that a new node or edge begins with, beside its name and its ends. */
export const startOf = (kind: "node" | "edge", type: NodeType | EdgeType): Fields => {
  const required = fieldsOf(kind, type).filter(({ name, isRequired }) => isRequired && !given.includes(name));
  return {
    ...Object.fromEntries(required.map(({ name, shape }) => [name, emptyOf(shape)])),
    ...starts[type],
  };
};
