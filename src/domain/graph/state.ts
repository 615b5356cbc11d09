import { HashMap, Option, Predicate, Schema, Struct } from "effect";
import { atOnce, defined, type EvolveContext, Principal, type StepCodec, type Steps } from "../kernel/mod.ts";
import { Allowance, allowancesAfter, type ContentBefore } from "./allowances.ts";
import { contentInSteps, documentWithInSteps, emptyContent, evolveContent, GraphContent } from "./content.ts";
import type { GraphEvent } from "./contract.ts";
import type { GraphDocument } from "./document.ts";
import { GraphPins } from "./host-files.ts";
import { Text } from "./values.ts";

/** The fields of a graph besides its content. */
const Head = Schema.Struct({
  description: Schema.optionalKey(Text),
  /** The sources of its flake's inputs; absent if none was pinned. */
  pins: Schema.optionalKey(GraphPins),
  /** Its creator, or the principal that it was transferred to. */
  owner: Principal,
  /** The other principals that may change it, in the order in which it was shared with them. */
  editors: Schema.Array(Principal),
  archived: Schema.Boolean,
  /** The fields that look like secrets and were allowed, by field. */
  secretLike: Schema.Array(Allowance),
});

/** The state of a graph; null before its creation. */
export const GraphState = Schema.NullOr(Schema.Struct({ ...Head.fields, content: GraphContent }));
export type GraphState = typeof GraphState.Type;
export type GraphHead = typeof Head.Type;

const encodeHead = Schema.encodeSync(Head);
const decodeHead = Schema.decodeUnknownOption(Head);

/** Encodes and decodes a state with a pause after each node and edge, because graphs may be large. */
export const graphStateInSteps: StepCodec<GraphState> = {
  *encode(graph) {
    if (graph === null) return null;
    const { content, ...rest } = graph;
    return { ...encodeHead(rest), content: yield* contentInSteps.encode(content) };
  },
  *decode(json) {
    if (json === null) return Option.some(null);
    if (!Predicate.isObject(json)) return Option.none();
    const decoded = decodeHead(json);
    if (Option.isNone(decoded)) return Option.none();
    const content = yield* contentInSteps.decode(json.content);
    return Option.map(content, (content) => ({ ...decoded.value, content }));
  },
};

type Context = Pick<EvolveContext, "actor" | "time">;

/** Returns the fields of a graph besides its content after an event. Only `graph-created` creates them. */
export const headAfter = (
  before: GraphHead | null,
  event: GraphEvent,
  context: Context,
  content: ContentBefore,
): GraphHead | null => {
  if (event.type === "graph-created")
    return { ...event.data, owner: context.actor, editors: [], archived: false, secretLike: [] };
  if (before === null) return before;
  const secretLike = allowancesAfter(before.secretLike, event, content, context);
  const graph = secretLike === before.secretLike ? before : { ...before, secretLike };
  switch (event.type) {
    case "graph-described":
      return { ...Struct.omit(graph, ["description"]), ...event.data };
    case "inputs-pinned":
      return { ...graph, pins: event.data.pins };
    case "graph-archived":
      return { ...graph, archived: true };
    case "graph-revived":
      return { ...graph, archived: false };
    case "graph-shared":
      return { ...graph, editors: [...graph.editors, event.data.with] };
    case "graph-unshared":
      return { ...graph, editors: graph.editors.filter((one) => one !== event.data.with) };
    case "graph-transferred":
      return { ...graph, owner: event.data.to, editors: graph.editors.filter((one) => one !== event.data.to) };
    case "secret-like-allowed":
    case "node-added":
    case "node-updated":
    case "node-removed":
    case "edge-connected":
    case "edge-disconnected":
      return graph;
  }
};

const before = ({ nodes, edges }: GraphContent): ContentBefore => ({
  nodes: { get: (id) => Option.getOrUndefined(HashMap.get(nodes, id)) },
  edges: {
    get: (identity) => Option.getOrUndefined(HashMap.get(edges, identity)),
    all: () => HashMap.values(edges),
  },
});

/** Returns the graph after an event. Only `graph-created` creates one. */
export const evolve = (graph: GraphState, event: GraphEvent, context: Context): GraphState => {
  const content = graph === null || event.type === "graph-created" ? emptyContent : graph.content;
  const head = headAfter(graph, event, context, before(content));
  return head === null ? null : { ...head, content: evolveContent(content, event) };
};

/** Returns the document of a graph in normal form. Importing it changes nothing. */
export const documentOf = (id: string, state: NonNullable<GraphState>): GraphDocument =>
  atOnce(documentOfInSteps(id, state));

/** Returns the same, with pauses for a large graph. */
export const documentOfInSteps = (
  id: string,
  { description, pins, content }: NonNullable<GraphState>,
): Steps<GraphDocument> => documentWithInSteps(defined({ id, description, pins }), content);
