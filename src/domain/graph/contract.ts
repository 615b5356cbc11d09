import { Schema } from "effect";
import {
  bounds,
  command,
  type EventOf,
  event,
  JsonUpTo,
  List,
  maxKeys,
  Name,
  Principal,
  type RecordedEventOf,
  Text as TextUpTo,
} from "../kernel/mod.ts";
import { GraphDocument } from "./document.ts";
import { Edge } from "./edge.ts";
import { GraphPins } from "./host-files.ts";
import { Node } from "./node.ts";
import { NonEmptyText, optional, Text } from "./values.ts";

const NodePayload = Schema.Struct({ node: Node });
/** A key of `changes`. Only fields that the node has can be valid. */
const FieldName = TextUpTo(bounds.name);
const NodeChanges = Schema.Struct({
  id: Name,
  changes: Schema.Record(FieldName, JsonUpTo(bounds.message)).check(maxKeys(bounds.list)),
});
const NodeId = Schema.Struct({ id: Name });
const EdgePayload = Schema.Struct({ edge: Edge });
const EdgeId = Schema.Struct({ id: NonEmptyText });
const EdgeEnds = Schema.Struct({ from: Name, type: Schema.Literals(Edge.discriminants), to: Name });
const Description = Schema.Struct({ description: Schema.optionalKey(Text) });

const Pinning = Schema.Struct({ pins: GraphPins });
const Sharing = Schema.Struct({ with: Principal });
const Transfer = Schema.Struct({ to: Principal });

/**
 * The fields of a command's new texts that look like secrets and are harmless, in the form in which the refusal names
 * them.
 */
export const allowing = {
  allowSecretLike: optional(
    List(NonEmptyText, bounds.many),
    "Harmless fields that look like secrets, in the form in which the refusal names them, such as `web.environment.TOKEN_KIND`.",
  ),
};

/** The texts of files that hosts name by digest, if they are not stored yet. */
const bringing = {
  texts: optional(List(Text, bounds.many), "The texts of files that hosts name in `files`, if they are new."),
};

/** One change of a graph's nodes or edges, with the fields of the command with the same name. */
export const GraphChange = Schema.Union([
  Schema.Struct({ type: Schema.Literal("add-node"), ...NodePayload.fields }),
  Schema.Struct({ type: Schema.Literal("update-node"), ...NodeChanges.fields }),
  Schema.Struct({ type: Schema.Literal("remove-node"), ...NodeId.fields }),
  Schema.Struct({ type: Schema.Literal("connect"), ...EdgePayload.fields }),
  Schema.Struct({ type: Schema.Literal("disconnect"), ...EdgeId.fields }),
])
  .annotate({ expected: "a change whose type is add-node, update-node, remove-node, connect or disconnect" })
  .pipe(Schema.toTaggedUnion("type"));
export type GraphChange = typeof GraphChange.Type;

/** The owner, and the principals with whom the graph is shared. */
const editing = ["owner", "editor"] as const;
const owning = ["owner", "admin"] as const;

export const graphCommands = {
  import: command(
    Schema.Struct({ ...GraphDocument.fields, ...bringing, ...allowing }),
    "Makes the graph equal to a document: creates it, or applies the differences.",
    { by: { make: ["designer"], change: editing }, creates: true },
  ),
  "add-node": command(Schema.Struct({ ...NodePayload.fields, ...bringing, ...allowing }), "Adds a node.", {
    by: editing,
  }),
  "update-node": command(
    Schema.Struct({ ...NodeChanges.fields, ...bringing, ...allowing }),
    "Replaces fields of a node. Null removes a field. `id` and `type` cannot change.",
    { by: editing },
  ),
  "remove-node": command(NodeId, "Removes a node and the edges that touch it.", { by: editing }),
  connect: command(Schema.Struct({ ...EdgePayload.fields, ...allowing }), "Connects two nodes with an edge.", {
    by: editing,
  }),
  disconnect: command(Schema.Union([EdgeId, EdgeEnds]), "Removes an edge, by its identity or by its ends and type.", {
    by: editing,
  }),
  pin: command(Pinning, "Pins inputs of the graph's flake. Inputs that it does not name stay unchanged.", {
    by: editing,
  }),
  archive: command(Schema.Struct({}), "Closes the graph to changes until it is imported again.", { by: ["owner"] }),
  share: command(Sharing, "Shares the graph with another principal, who may then change it too.", { by: owning }),
  unshare: command(Sharing, "Ends the sharing with a principal; changes nothing if the graph is not shared with it.", {
    by: owning,
  }),
  transfer: command(Transfer, "Transfers the graph and its hosts to another owner.", { by: owning }),
};

export const graphEvents = {
  "graph-created": event(Description, "A graph was created. It is empty."),
  "graph-described": event(Description, "The graph's description changed."),
  "inputs-pinned": event(Pinning, "The pins of the graph's flake changed to these. No other inputs are pinned."),
  "node-added": event(NodePayload, "A node was added."),
  "node-updated": event(NodePayload, "A node was replaced by this one."),
  "node-removed": event(NodeId, "A node was removed. Its edges were removed before it."),
  "edge-connected": event(EdgePayload, "An edge was added. Its `id` is always present."),
  "edge-disconnected": event(EdgeId, "An edge was removed."),
  "secret-like-allowed": event(
    Schema.Struct({ fields: Schema.Array(NonEmptyText) }),
    "The actor allowed these fields of the commit, although they look like secrets.",
  ),
  "graph-archived": event(Schema.Struct({}), "The graph was archived and accepts no more changes."),
  "graph-revived": event(Schema.Struct({}), "An archived graph accepts changes again."),
  "graph-shared": event(Sharing, "The graph was shared with the principal, who may change it too."),
  "graph-unshared": event(Sharing, "The principal may no longer change the graph."),
  "graph-transferred": event(Transfer, "The graph was transferred to another owner."),
};

/** Looked up for a command that names files of hosts: their texts, and the digests without one. */
export interface KnownToGraphs {
  /** The texts in the command by digest, without those that the graph already has. */
  readonly texts: ReadonlyMap<string, string>;
  /** The digests that the graph would have and that are not stored. */
  readonly missing: ReadonlySet<string>;
}

export type GraphEvent = EventOf<typeof graphEvents>;

/** An event of a graph in the log. */
export type RecordedGraphEvent = RecordedEventOf<typeof graphEvents>;
