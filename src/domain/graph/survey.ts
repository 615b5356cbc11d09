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

/** The ends of an edge, whatever else is wrong with it. */
export interface EdgeEnds {
  readonly identity: string;
  readonly from: string;
  readonly to: string;
  readonly type: EdgeType | undefined;
}

/** What can be read of a document, however broken: what an index is made of. */
export interface Survey {
  /** Every id that a node has, as often as it is given. */
  readonly ids: ReadonlyArray<string>;
  /** The type of each node that has an id; undefined if there is no such type. */
  readonly types: ReadonlyMap<string, NodeType | undefined>;
  /** The nodes that can be read, without the fields that cannot; the first of each id. */
  readonly nodes: ReadonlyMap<string, Node>;
  readonly ends: ReadonlyArray<EdgeEnds>;
  /** The edges that can be read, without the fields that cannot. */
  readonly edges: ReadonlyArray<Edge>;
}

/** A document and what is wrong with its form: `invalid-config` and `invalid-id`. */
export interface Reading {
  readonly survey: Survey;
  readonly problems: ReadonlyArray<Problem>;
  /** Undefined if the form is wrong. */
  readonly document: GraphDocument | undefined;
}

/** An object of JSON that was not decoded. */
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

/** A name that stands in for one of the wrong form, so that the rest of a node or edge can be read. */
const standIn = "stand-in";

/** How a node or edge is read: the types there are, and the fields that are names. */
interface ElementReader<T> {
  readonly decode: (input: unknown) => Result.Result<T, Schema.SchemaError>;
  readonly types: ReadonlyArray<string>;
  readonly names: ReadonlyArray<string>;
}

const none: ReadonlyArray<Complaint> = [];

/**
 * Reads a node or edge. Where that fails it tries again without the fields that are wrong, so that the rules can look
 * at the others; names of a wrong form are kept as they are, since edges may go by them.
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

// Graphs are large: code that is made for their schemas reads them in half the time.
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

/** A name at an end of an edge that no node may have is an edge to nothing, which `missing-node` says. */
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

/** The document as such, its lists not looked into. */
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

/** Reads as much of any JSON value as there is to read of a graph document. Never throws. */
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

/** The survey of a document whose form is right. */
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
