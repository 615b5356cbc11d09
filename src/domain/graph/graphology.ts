import { Result, Schema } from "effect";
import { normalForm } from "./canonical.ts";
import { complaintsOf } from "./complaints.ts";
import type { GraphDocument } from "./document.ts";
import { Edge, edgeIdentity, impliedIdentity } from "./edge.ts";
import { error, inOrder, type Problem } from "./problem.ts";

type Attributes = Readonly<Record<string, unknown>>;

/** A graph in the export format of the library graphology (`Graph.export()`): directed, with parallel edges. */
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
 * Returns a graph in graphology's serialization, in normal form. Its id and description become attributes of the graph,
 * and the fields of nodes and edges become theirs. The key of an edge is its identity. Only an edge with its own id has
 * the attribute `id`.
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

/** The parts of a graphology export that a document can express. The attributes are not checked here. */
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

/**
 * Returns whether an input is meant as a graphology serialization, valid or not. Documents have an `id` and no
 * `attributes`.
 */
export const isGraphology = (input: unknown): boolean =>
  typeof input === "object" &&
  input !== null &&
  !Object.hasOwn(input, "id") &&
  (Object.hasOwn(input, "attributes") || Object.hasOwn(input, "options"));

/** Returns whether graphology generated a key, because an edge was added without one. */
const isMadeUp = (key: string): boolean => /^geid_\d+_\d+$/.test(key);

/** Returns the attributes that contradict the corresponding field of the serialization. */
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
            `${what}: its attribute \`${attribute}\` differs from its ${field} \`${value}\`: remove the attribute`,
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
 * Returns the content of a graphology serialization as a document, to be validated. If the key of an edge is not its
 * implied identity, it becomes its `id`, unless graphology generated it. Fails if the input is not a serialization of a
 * directed graph.
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
