import { edgeTypes } from "./edge.ts";
import { graphDocumentJsonSchema } from "./json-schema.ts";
import { nodeTypes } from "./node.ts";
import { type EdgeType, edgeTypeNames, type NodeType, nodeTypeNames } from "./types.ts";

/** A field of a node, an edge or a graph, for the reference. */
export interface FieldReference {
  /** For example `healthCheck.kind`. `[]` stands for each item of a list, and `*` for each key of an object. */
  readonly path: string;
  /** For example `text`, `integer from 1 to 65535`, `one of http, tcp, exec`. */
  readonly form: string;
  readonly required: boolean;
  readonly description: string;
}

/** A type of node or edge with its fields. */
export interface TypeReference {
  readonly kind: "node" | "edge";
  readonly name: NodeType | EdgeType;
  readonly meaning: string;
  /** For an edge: the nodes at which it may begin and end. */
  readonly ends?: { readonly from: string; readonly to: string };
  readonly fields: ReadonlyArray<FieldReference>;
}

type Part = Readonly<Record<string, unknown>>;

const isPart = (value: unknown): value is Part => typeof value === "object" && value !== null && !Array.isArray(value);

const partOf = (value: unknown): Part => (isPart(value) ? value : {});

const range = ({ minimum, maximum, exclusiveMinimum }: Part): string => {
  if (exclusiveMinimum === 0) return " above 0";
  if (typeof minimum !== "number" || typeof maximum !== "number") return "";
  return maximum === Number.MAX_SAFE_INTEGER ? ` from ${minimum} on` : ` from ${minimum} to ${maximum}`;
};

/** Returns the form of a value in words. Patterns are ignored, because the field's description explains them better. */
const formOf = (part: Part): string => {
  if (Array.isArray(part.enum)) return part.enum.length === 1 ? `${part.enum[0]}` : `one of ${part.enum.join(", ")}`;
  switch (part.type) {
    case "string":
      return "text";
    case "boolean":
      return "true or false";
    case "integer":
    case "number":
      return `${part.type}${range(part)}`;
    case "array":
      return isPart(part.items) && formOf(part.items) !== "object" ? `list of ${formOf(part.items)}` : "list";
    case "object": {
      const [each] = valuesIn(part);
      return each === undefined || each.type === "object" ? "object" : `object of ${formOf(each)}`;
    }
    default:
      return "object";
  }
};

/** Returns the schemas of the values of an object with free keys. */
const valuesIn = ({ additionalProperties, patternProperties }: Part): ReadonlyArray<Part> => [
  ...Object.values(partOf(patternProperties)).filter(isPart),
  ...(isPart(additionalProperties) ? [additionalProperties] : []),
];

const textOf = ({ description }: Part): string => (typeof description === "string" ? description : "");

const fieldsOf = (schema: Part, before = ""): ReadonlyArray<FieldReference> => {
  const required = new Set(Array.isArray(schema.required) ? schema.required : []);
  return Object.entries(partOf(schema.properties)).flatMap(([name, value]) => {
    const part = partOf(value);
    const path = `${before}${name}`;
    const each = isPart(part.items) ? [["[]", part.items] as const] : valuesIn(part).map((one) => [".*", one] as const);
    const below = [
      ...fieldsOf(part, `${path}.`),
      ...each.flatMap(([mark, inner]) => fieldsOf(inner, `${path}${mark}.`)),
    ];
    // The type has its own heading.
    if (path === "type") return below;
    return [{ path, form: formOf(part), required: required.has(name), description: textOf(part) }, ...below];
  });
};

const typeIn = (definition: unknown): unknown => {
  const { type } = partOf(partOf(definition).properties);
  const names = partOf(type).enum;
  return Array.isArray(names) ? names[0] : undefined;
};

/** Returns the fields of the graph itself, and all types of nodes and edges in the order of the format. */
export const graphReference = (): {
  readonly graph: ReadonlyArray<FieldReference>;
  readonly types: ReadonlyArray<TypeReference>;
} => {
  const schema = graphDocumentJsonSchema();
  const definitions = Object.values(partOf(schema.$defs));
  const fields = (name: string) => fieldsOf(partOf(definitions.find((one) => typeIn(one) === name)));
  return {
    graph: fieldsOf(schema),
    types: [
      ...nodeTypeNames.map((name) => ({
        kind: "node" as const,
        name,
        meaning: nodeTypes[name].meaning,
        fields: fields(name),
      })),
      ...edgeTypeNames.map((name) => {
        const { meaning, from, to } = edgeTypes[name];
        return { kind: "edge" as const, name, meaning, ends: { from, to }, fields: fields(name) };
      }),
    ],
  };
};
