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
/** A key of `changes`; only those that a node has can be right. */
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

/** Fields of a command's new texts that look like secrets and are none, as the refusal names them. */
export const allowing = {
  allowSecretLike: optional(
    List(NonEmptyText, bounds.many),
    "Fields that look like secrets and are not, as the refusal names them, such as `web.environment.TOKEN_KIND`.",
  ),
};

/** The texts of files that hosts name by their digests, as far as they are not stored yet. */
const bringing = {
  texts: optional(List(Text, bounds.many), "The texts of files that hosts name in `files`, if they are new."),
};

/** One change of a graph's nodes or edges, with the fields of the command of the same name. */
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

/** Its owner, and those that it is shared with. */
const editing = ["owner", "editor"] as const;
const owning = ["owner", "admin"] as const;

export const graphCommands = {
  import: command(
    Schema.Struct({ ...GraphDocument.fields, ...bringing, ...allowing }),
    "Makes the graph what a document says: creates it, or changes it by the differences.",
    { by: { make: ["designer"], change: editing }, creates: true },
  ),
  "add-node": command(Schema.Struct({ ...NodePayload.fields, ...bringing, ...allowing }), "Adds a node.", {
    by: editing,
  }),
  "update-node": command(
    Schema.Struct({ ...NodeChanges.fields, ...bringing, ...allowing }),
    "Replaces fields of a node; null removes one. `id` and `type` stay.",
    { by: editing },
  ),
  "remove-node": command(NodeId, "Removes a node and the edges that touch it.", { by: editing }),
  connect: command(Schema.Struct({ ...EdgePayload.fields, ...allowing }), "Joins two nodes by an edge.", {
    by: editing,
  }),
  disconnect: command(Schema.Union([EdgeId, EdgeEnds]), "Removes an edge, by its identity or by its ends and type.", {
    by: editing,
  }),
  pin: command(Pinning, "Pins inputs of the graph's flake; those that it does not name stay as they are.", {
    by: editing,
  }),
  archive: command(Schema.Struct({}), "Closes the graph to changes until it is imported again.", { by: ["owner"] }),
  share: command(Sharing, "Lets another principal change the graph too.", { by: owning }),
  unshare: command(Sharing, "Ends that; changes nothing if the graph is not shared with the principal.", {
    by: owning,
  }),
  transfer: command(Transfer, "Gives the graph, and the hosts that it has, to another owner.", { by: owning }),
};

export const graphEvents = {
  "graph-created": event(Description, "A graph exists, empty so far."),
  "graph-described": event(Description, "The graph's description is this from now on."),
  "inputs-pinned": event(
    Pinning,
    "These inputs of the graph's flake come from there from now on, and no others are pinned.",
  ),
  "node-added": event(NodePayload, "The graph has another node."),
  "node-updated": event(NodePayload, "A node is now as it is here, as a whole."),
  "node-removed": event(NodeId, "A node is gone; its edges went before it."),
  "edge-connected": event(EdgePayload, "The graph has another edge; its `id` is always given."),
  "edge-disconnected": event(EdgeId, "An edge is gone."),
  "secret-like-allowed": event(
    Schema.Struct({ fields: Schema.Array(NonEmptyText) }),
    "Its actor allowed these fields of the commit although they look like secrets.",
  ),
  "graph-archived": event(Schema.Struct({}), "The graph takes no more changes."),
  "graph-revived": event(Schema.Struct({}), "An archived graph takes changes again."),
  "graph-shared": event(Sharing, "The principal may change the graph too."),
  "graph-unshared": event(Sharing, "The principal may not change the graph any more."),
  "graph-transferred": event(Transfer, "The graph has another owner."),
};

/** Looked up for a command that names files of hosts: what their texts are, and which are stored nowhere. */
export interface KnownToGraphs {
  /** The texts that the command brings, by their digests, without those that the graph has already. */
  readonly texts: ReadonlyMap<string, string>;
  /** The digests that the graph would have and that nobody has stored. */
  readonly missing: ReadonlySet<string>;
}

export type GraphEvent = EventOf<typeof graphEvents>;

/** An event of a graph as the log has it. */
export type RecordedGraphEvent = RecordedEventOf<typeof graphEvents>;
