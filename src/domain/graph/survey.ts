import { Result, Schema } from "effect";
import { enable } from "effect/schema/SchemaJITCompiler";
import { Name } from "../kernel/mod.ts";
import { type Complaint, complaintsOf } from "./complaints.ts";
import type { GraphDocument } from "./document.ts";
import { Edge, edgeIdentity } from "./edge.ts";
import { GraphPins } from "./host-files.ts";
import { Node } from "./node.ts";
import { error, type Problem } from "./problem.ts";
import type { EdgeType, NodeType } from "./types.ts";
import { Text } from "./values.ts";

/** The ends of an edge, even if other parts of it are invalid. */
export interface EdgeEnds {
  readonly identity: string;
  readonly from: string;
  readonly to: string;
  readonly type: EdgeType | undefined;
}

/** The readable parts of a document, however invalid. An index is built from them. */
export interface Survey {
  /** The ids of all nodes, including duplicates. */
  readonly ids: ReadonlyArray<string>;
  /** The type of each node with an id; undefined if the type does not exist. */
  readonly types: ReadonlyMap<string, NodeType | undefined>;
  /** The readable nodes without their invalid fields; of each id, the first. */
  readonly nodes: ReadonlyMap<string, Node>;
  readonly ends: ReadonlyArray<EdgeEnds>;
  /** The readable edges without their invalid fields. */
  readonly edges: ReadonlyArray<Edge>;
}

/** A document and its problems of form: `invalid-config` and `invalid-id`. */
export interface Reading {
  readonly survey: Survey;
  readonly problems: ReadonlyArray<Problem>;
  /** Undefined if the form is invalid. */
  readonly document: GraphDocument | undefined;
}

/** A JSON object that was not decoded. */
export type Fields = Readonly<Record<string, unknown>>;

const strict = { errors: "all", onExcessProperty: "error" } as const;

export const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

const problemsOf = (
  what: string,
  about: { readonly nodes?: ReadonlyArray<string>; readonly edges?: ReadonlyArray<string> },
  complaints: ReadonlyArray<Complaint>,
): ReadonlyArray<Problem> =>
  complaints.map(({ path, text }) =>
    error(path.length === 1 && path[0] === "id" ? "invalid-id" : "invalid-config", about, `${what}: ${text}`),
  );

/** A name that replaces an invalid one, so that the rest of a node or edge can be read. */
const standIn = "stand-in";

/** How a node or edge is read: the existing types, and the fields that are names. */
interface ElementReader<T> {
  readonly decode: (input: unknown) => Result.Result<T, Schema.SchemaError>;
  readonly types: ReadonlyArray<string>;
  readonly names: ReadonlyArray<string>;
}

const none: ReadonlyArray<Complaint> = [];

/**
 * Reads a node or edge. If that fails, reads it again without the invalid fields, so that rules can check the others.
 * Invalid names are kept, because edges may refer to them.
 */
const readElement = <T>(
  { decode, types, names }: ElementReader<T>,
  raw: unknown,
): { readonly value: T | undefined; readonly complaints: ReadonlyArray<Complaint> } => {
  const result = decode(raw);
  if (Result.isSuccess(result)) return { value: result.success, complaints: none };
  const complaints = complaintsOf(result.failure, raw, types);
  if (!isFields(raw)) return { value: undefined, complaints };
  const wrong = new Set(complaints.map(({ path }) => String(path[0])));
  const kept = names.filter((name) => wrong.has(name) && typeof raw[name] === "string");
  const readable = Object.fromEntries([
    ...Object.entries(raw).filter(([field]) => !wrong.has(field)),
    ...kept.map((name) => [name, standIn]),
  ]);
  const again = Result.getOrUndefined(decode(readable));
  return {
    value: again && { ...again, ...Object.fromEntries(kept.map((name) => [name, raw[name]])) },
    complaints,
  };
};

// Graphs are large. Compiled schemas read them in half the time.
enable(Node.ast);
enable(Edge.ast);

const nodeReader: ElementReader<Node> = {
  decode: Schema.decodeUnknownResult(Node, strict),
  types: Node.discriminants,
  names: ["id"],
};
const edgeReader: ElementReader<Edge> = {
  decode: Schema.decodeUnknownResult(Edge, strict),
  types: Edge.discriminants,
  names: ["from", "to"],
};
const isNodeType = (type: unknown): type is NodeType => Node.discriminants.some((known) => known === type);
const isEdgeType = (type: unknown): type is EdgeType => Edge.discriminants.some((known) => known === type);

const surveyNodes = (raws: ReadonlyArray<unknown>) => {
  const ids: Array<string> = [];
  const types = new Map<string, NodeType | undefined>();
  const nodes = new Map<string, Node>();
  const all: Array<Node> = [];
  const problems: Array<ReadonlyArray<Problem>> = [];
  for (const [index, raw] of raws.entries()) {
    const { value, complaints } = readElement(nodeReader, raw);
    const id = isFields(raw) ? textOf(raw.id) : undefined;
    if (complaints.length > 0)
      problems.push(
        id === undefined
          ? problemsOf(`nodes[${index}]`, {}, complaints)
          : problemsOf(`node \`${id}\``, { nodes: [id] }, complaints),
      );
    if (value !== undefined) all.push(value);
    if (id === undefined) continue;
    ids.push(id);
    if (types.has(id)) continue;
    types.set(id, isFields(raw) && isNodeType(raw.type) ? raw.type : undefined);
    if (value !== undefined) nodes.set(id, value);
  }
  return { ids, types, nodes, all, problems: problems.flat() };
};

const endsOf = (raw: unknown, edge: Edge | undefined): EdgeEnds | undefined => {
  if (edge !== undefined) return { identity: edgeIdentity(edge), from: edge.from, to: edge.to, type: edge.type };
  if (!isFields(raw) || typeof raw.from !== "string" || typeof raw.to !== "string") return undefined;
  const type = isEdgeType(raw.type) ? raw.type : undefined;
  return {
    identity: textOf(raw.id) ?? `${raw.from}/${textOf(raw.type) ?? "?"}/${raw.to}`,
    from: raw.from,
    to: raw.to,
    type,
  };
};

/** An invalid name at an end of an edge is an edge to nothing, which `missing-node` reports. */
const isEndOfWrongForm = (raw: unknown, { path }: Complaint): boolean =>
  path.length === 1 && (path[0] === "from" || path[0] === "to") && isFields(raw) && typeof raw[path[0]] === "string";

const surveyEdges = (raws: ReadonlyArray<unknown>) => {
  const ends: Array<EdgeEnds> = [];
  const edges: Array<Edge> = [];
  const problems: Array<ReadonlyArray<Problem>> = [];
  let wellFormed = true;
  for (const [index, raw] of raws.entries()) {
    const { value, complaints } = readElement(edgeReader, raw);
    const known = endsOf(raw, value);
    if (known !== undefined) ends.push(known);
    if (value !== undefined) edges.push(value);
    if (complaints.length === 0) continue;
    wellFormed = false;
    const reported = complaints.filter((complaint) => !isEndOfWrongForm(raw, complaint));
    problems.push(
      known === undefined
        ? problemsOf(`edges[${index}]`, {}, reported)
        : problemsOf(`edge \`${known.identity}\``, { edges: [known.identity] }, reported),
    );
  }
  return { ends, edges, problems: problems.flat(), wellFormed };
};

/** The document without the content of its lists. */
const Frame = Schema.Struct({
  id: Name,
  description: Schema.optionalKey(Text),
  pins: Schema.optionalKey(GraphPins),
  nodes: Schema.Array(Schema.Unknown),
  edges: Schema.Array(Schema.Unknown),
});
const decodeFrame = Schema.decodeUnknownResult(Frame, strict);

const listOf = (input: unknown, field: string): ReadonlyArray<unknown> => {
  const list = isFields(input) ? input[field] : undefined;
  return Array.isArray(list) ? list : [];
};

/** Returns everything that can be read as a graph document in any JSON value. Never throws. */
export const read = (input: unknown): Reading => {
  const frame = decodeFrame(input);
  const frameProblems = Result.isFailure(frame) ? problemsOf("the graph", {}, complaintsOf(frame.failure, input)) : [];
  const { all, problems: nodeProblems, ...nodes } = surveyNodes(listOf(input, "nodes"));
  const { problems: edgeProblems, wellFormed, ...edges } = surveyEdges(listOf(input, "edges"));
  const survey = { ...nodes, ...edges };
  return {
    survey,
    problems: [...frameProblems, ...nodeProblems, ...edgeProblems],
    document:
      Result.isSuccess(frame) && nodeProblems.length === 0 && wellFormed
        ? { ...frame.success, nodes: all, edges: edges.edges }
        : undefined,
  };
};

/** Returns the survey of a document of valid form. */
export const surveyOf = (document: GraphDocument): Survey => {
  const nodes = new Map<string, Node>();
  for (const node of document.nodes) if (!nodes.has(node.id)) nodes.set(node.id, node);
  const types = new Map([...nodes].map(([id, { type }]) => [id, type]));
  return {
    ids: document.nodes.map(({ id }) => id),
    types,
    nodes,
    ends: document.edges.map((edge) => ({
      identity: edgeIdentity(edge),
      from: edge.from,
      to: edge.to,
      type: edge.type,
    })),
    edges: document.edges,
  };
};
