import { Result, Schema } from "effect";
import { normalForm } from "./canonical.ts";
import { complaintsOf } from "./complaints.ts";
import type { GraphDocument } from "./document.ts";
import { Edge, edgeIdentity, impliedIdentity } from "./edge.ts";
import { error, inOrder, type Problem } from "./problem.ts";

type Attributes = Readonly<Record<string, unknown>>;

/** A graph as the library graphology exports it (`Graph.export()`): a directed one with parallel edges. */
export interface GraphologyGraph {
  readonly attributes: Omit<GraphDocument, "nodes" | "edges">;
  readonly options: { readonly type: "directed"; readonly multi: true; readonly allowSelfLoops: true };
  readonly nodes: ReadonlyArray<{ readonly key: string; readonly attributes: Attributes }>;
  readonly edges: ReadonlyArray<{
    readonly key: string;
    readonly source: string;
    readonly target: string;
    readonly attributes: Attributes;
  }>;
}

/**
 * The serialization of a graph, in normal form: its id and description are the graph's attributes, the fields of nodes
 * and edges theirs. The key of an edge is its identity; the attribute `id` is there only for an edge with one of its own.
 */
export const toGraphology = (document: GraphDocument): GraphologyGraph => {
  const { nodes, edges, ...attributes } = normalForm(document);
  return {
    attributes,
    options: { type: "directed", multi: true, allowSelfLoops: true },
    nodes: nodes.map(({ id, ...fields }) => ({ key: id, attributes: fields })),
    edges: edges.map((edge) => {
      const { from, to, ...fields } = edge;
      return { key: edgeIdentity(edge), source: from, target: to, attributes: fields };
    }),
  };
};

/** What graphology may export, as far as a document can say it; the attributes are not looked into. */
const Serialization = Schema.Struct({
  attributes: Schema.optionalKey(
    Schema.Struct({
      id: Schema.optionalKey(Schema.Unknown),
      description: Schema.optionalKey(Schema.Unknown),
      pins: Schema.optionalKey(Schema.Unknown),
    }),
  ),
  options: Schema.optionalKey(
    Schema.Struct({
      type: Schema.optionalKey(Schema.Literals(["directed", "mixed", "undirected"])),
      multi: Schema.optionalKey(Schema.Boolean),
      allowSelfLoops: Schema.optionalKey(Schema.Boolean),
    }),
  ),
  nodes: Schema.Array(
    Schema.Struct({
      key: Schema.String,
      attributes: Schema.optionalKey(Schema.Record(Schema.String, Schema.Unknown)),
    }),
  ),
  edges: Schema.Array(
    Schema.Struct({
      key: Schema.optionalKey(Schema.String),
      source: Schema.String,
      target: Schema.String,
      undirected: Schema.optionalKey(Schema.Boolean),
      attributes: Schema.optionalKey(Schema.Record(Schema.String, Schema.Unknown)),
    }),
  ),
});
type SerializedEdge = (typeof Serialization.Type)["edges"][number];

const decode = Schema.decodeUnknownResult(Serialization, { errors: "all", onExcessProperty: "error" });
const isEdge = Schema.is(Edge);

/** Whether an input is a graphology serialization, well-formed or not: documents have an `id` and no `attributes`. */
export const isGraphology = (input: unknown): boolean =>
  typeof input === "object" &&
  input !== null &&
  !Object.hasOwn(input, "id") &&
  (Object.hasOwn(input, "attributes") || Object.hasOwn(input, "options"));

/** The key that graphology makes up for an edge that was added without one. */
const isMadeUp = (key: string): boolean => /^geid_\d+_\d+$/.test(key);

/** An attribute that says another thing than the field of the serialization that it belongs to. */
const contradictions = (
  what: string,
  attributes: Attributes,
  fields: Readonly<Record<string, readonly [string, string | undefined]>>,
): ReadonlyArray<Problem> =>
  Object.entries(fields).flatMap(([attribute, [field, value]]) =>
    value === undefined || !Object.hasOwn(attributes, attribute) || attributes[attribute] === value
      ? []
      : [
          error(
            "invalid-config",
            {},
            `${what}: its attribute \`${attribute}\` is another than its ${field} \`${value}\`: remove the attribute`,
          ),
        ],
  );

const edgeProblems = ({ key, source, target, undirected, attributes = {} }: SerializedEdge, index: number) => {
  const what = key === undefined ? `edges[${index}]` : `edge \`${key}\``;
  const own = key === undefined || isMadeUp(key) ? undefined : key;
  return [
    ...(undirected === true
      ? [
          error(
            "invalid-config",
            {},
            `${what}: it is undirected, and edges lead from a node to a node: give it a direction`,
          ),
        ]
      : []),
    ...contradictions(what, attributes, { id: ["key", own], from: ["source", source], to: ["target", target] }),
  ];
};

const documentEdge = ({ key, source, target, attributes = {} }: SerializedEdge): Attributes => {
  const fields = { ...attributes, from: source, to: target };
  if (key === undefined || isMadeUp(key) || Object.hasOwn(fields, "id")) return fields;
  return isEdge(fields) && impliedIdentity(fields) === key ? fields : { id: key, ...fields };
};

/**
 * What a graphology serialization says as a document, for validation to read. A key of an edge that is not its implied
 * identity becomes its `id`, unless graphology made it up. Fails if it is not a serialization of a directed graph.
 */
export const fromGraphology = (input: unknown): Result.Result<unknown, ReadonlyArray<Problem>> => {
  const serialization = decode(input);
  if (Result.isFailure(serialization))
    return Result.fail(
      inOrder(
        complaintsOf(serialization.failure, input).map(({ text }) =>
          error("invalid-config", {}, `the graphology serialization: ${text}`),
        ),
      ),
    );
  const { attributes, nodes, edges } = serialization.success;
  const problems = [
    ...nodes.flatMap(({ key, attributes = {} }) => contradictions(`node \`${key}\``, attributes, { id: ["key", key] })),
    ...edges.flatMap(edgeProblems),
  ];
  if (problems.length > 0) return Result.fail(inOrder(problems));
  return Result.succeed({
    ...attributes,
    nodes: nodes.map(({ key, attributes }) => ({ id: key, ...attributes })),
    edges: edges.map(documentEdge),
  });
};
