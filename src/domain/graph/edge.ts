import { Schema } from "effect";
import { List, Name } from "../kernel/mod.ts";
import { choiceOf, type EdgeType, edgeTypeNames, type NodeType } from "./types.ts";
import { AbsolutePath, described, NonEmptyText, optional, Port, PositiveNumber, RateLimit, Text } from "./values.ts";

/** The nodes allowed at one end of an edge. */
export type Side = NodeType | "any" | "any but host";

/** The definition of one type of edge. */
export interface EdgeTypeDefinition<E> {
  /** The fields of an edge, each with a description. */
  readonly schema: Schema.Codec<E, unknown>;
  /** What an edge means, in one sentence. */
  readonly meaning: string;
  /** The nodes at which it may begin. */
  readonly from: Side;
  /** The nodes at which it may end. */
  readonly to: Side;
  /** Returns what distinguishes two edges of this type between the same nodes; undefined if nothing does. */
  readonly distinction: (edge: E) => string | number | undefined;
  /** Returns what pictures show beside the type; empty if nothing. */
  readonly detail: (edge: E) => string;
}

const nothing = () => undefined;
const noDetail = () => "";

/**
 * The fields of every edge. Its `id` is free text. Without one, the edge is known by its identity, see {@link
 * edgeIdentity}.
 */
const ends = {
  id: optional(NonEmptyText, "A name of its own for the edge; without one it is known by its ends and type."),
  from: described(Name, "The node that the edge begins at."),
  to: described(Name, "The node that the edge ends at."),
};
const typed = <const T extends EdgeType>(type: T) => described(Schema.Literal(type), "The type of the edge.");

/** Placement on a host. Several edges place replicas. */
const RunsOnEdge = Schema.Struct({ ...ends, type: typed("runs-on") }).annotate({ identifier: "RunsOnEdge" });

/** The target is up before the source starts. `required` by default. */
const DependsOnEdge = Schema.Struct({
  ...ends,
  type: typed("depends-on"),
  required: optional(Schema.Boolean, "Whether the source cannot run without the target; true unless given."),
  startupDelaySeconds: optional(
    Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0)),
    "How long the source waits before it starts, in seconds; 0 unless given.",
  ),
}).annotate({ identifier: "DependsOnEdge" });
export type DependsOnEdge = typeof DependsOnEdge.Type;

/** A path through the firewalls. The default of `port` is the target's own. */
const ConnectsToEdge = Schema.Struct({
  ...ends,
  type: typed("connects-to"),
  protocol: described(NonEmptyText, "What is spoken, such as `http`, `grpc` or `postgresql`; `udp` opens a UDP port."),
  port: optional(Port, "The port of the target that is opened; the target's own unless given."),
  encrypted: optional(Schema.Boolean, "Whether the connection is encrypted with TLS; false unless given."),
}).annotate({ identifier: "ConnectsToEdge" });
export type ConnectsToEdge = typeof ConnectsToEdge.Type;

/** Returns whether a protocol uses UDP instead of TCP. */
export const isUdp = (protocol: string): boolean => protocol.toLowerCase() === "udp";

const DataFlowEdge = Schema.Struct({
  ...ends,
  type: typed("data-flow"),
  direction: optional(Text, "The direction in which data flows, in words."),
  format: optional(Text, "The format of the data, in words."),
  volume: optional(Text, "The amount of data, in words."),
}).annotate({ identifier: "DataFlowEdge" });

const LoadBalancesEdge = Schema.Struct({
  ...ends,
  type: typed("load-balances"),
  weight: optional(PositiveNumber, "The share of requests, relative to the other services; 1 unless given."),
  healthCheck: optional(Schema.Boolean, "Whether the load balancer checks the service; true unless given."),
}).annotate({ identifier: "LoadBalancesEdge" });
export type LoadBalancesEdge = typeof LoadBalancesEdge.Type;

const MountsVolumeEdge = Schema.Struct({
  ...ends,
  type: typed("mounts-volume"),
  mountPath: optional(AbsolutePath, "The folder at which the volume is mounted; the volume's own unless given."),
  readOnly: optional(Schema.Boolean, "Whether the node may only read the volume; false unless given."),
}).annotate({ identifier: "MountsVolumeEdge" });
export type MountsVolumeEdge = typeof MountsVolumeEdge.Type;

const messaging = {
  topic: described(NonEmptyText, "The topic of the bus."),
  consumerGroup: optional(NonEmptyText, "The group of readers that share the messages of the topic."),
  rateLimit: optional(RateLimit, "How often the node may use the topic."),
};

const PublishesToEdge = Schema.Struct({ ...ends, type: typed("publishes-to"), ...messaging }).annotate({
  identifier: "PublishesToEdge",
});

const SubscribesToEdge = Schema.Struct({ ...ends, type: typed("subscribes-to"), ...messaging }).annotate({
  identifier: "SubscribesToEdge",
});
export type SubscribesToEdge = typeof SubscribesToEdge.Type;

const ReplicatesEdge = Schema.Struct({ ...ends, type: typed("replicates") }).annotate({
  identifier: "ReplicatesEdge",
});

const ManagesEdge = Schema.Struct({
  ...ends,
  type: typed("manages"),
  permissions: described(
    List(Schema.Literals(["start", "stop", "restart", "configure", "monitor", "scale", "deploy"])),
    "What the agent may do with the node.",
  ),
}).annotate({ identifier: "ManagesEdge" });
export type ManagesEdge = typeof ManagesEdge.Type;

const MonitorsEdge = Schema.Struct({ ...ends, type: typed("monitors") }).annotate({ identifier: "MonitorsEdge" });

/** An edge of any type. `type` alone decides which fields it has. */
export const Edge = Schema.Union([
  RunsOnEdge,
  DependsOnEdge,
  ConnectsToEdge,
  DataFlowEdge,
  LoadBalancesEdge,
  MountsVolumeEdge,
  PublishesToEdge,
  SubscribesToEdge,
  ReplicatesEdge,
  ManagesEdge,
  MonitorsEdge,
])
  .annotate({ expected: `an edge whose type is ${choiceOf(edgeTypeNames)}` })
  .pipe(Schema.toTaggedUnion("type")) satisfies { readonly cases: Readonly<Record<EdgeType, unknown>> };
export type Edge = typeof Edge.Type;
/** An edge of one type. */
export type EdgeOf<T extends EdgeType> = Extract<Edge, { readonly type: T }>;

/** All types of edges. A new type needs its schema above, its name in `types.ts`, and an entry here. */
export const edgeTypes: { readonly [T in EdgeType]: EdgeTypeDefinition<EdgeOf<T>> } = {
  "runs-on": {
    schema: RunsOnEdge,
    meaning: "The node runs on the host; several edges place replicas.",
    from: "any but host",
    to: "host",
    distinction: nothing,
    detail: noDetail,
  },
  "depends-on": {
    schema: DependsOnEdge,
    meaning: "The target is up before the source starts, across hosts too.",
    from: "any",
    to: "any but host",
    distinction: nothing,
    detail: noDetail,
  },
  "connects-to": {
    schema: ConnectsToEdge,
    meaning: "Opens exactly this path in the firewalls, and nothing else.",
    from: "any",
    to: "any but host",
    distinction: ({ port }) => port,
    detail: ({ protocol, port }) => ` ${protocol}${port === undefined ? "" : ` ${port}`}`,
  },
  "data-flow": {
    schema: DataFlowEdge,
    meaning: "Data flows from the source to the target. The edge is only for readers and reviewers.",
    from: "any",
    to: "any",
    distinction: nothing,
    detail: noDetail,
  },
  "load-balances": {
    schema: LoadBalancesEdge,
    meaning: "The service is a backend of the load balancer.",
    from: "load-balancer",
    to: "service",
    distinction: nothing,
    detail: noDetail,
  },
  "mounts-volume": {
    schema: MountsVolumeEdge,
    meaning: "The node uses the volume, at the volume's `mountPath` unless the edge has another.",
    from: "any but host",
    to: "storage",
    distinction: nothing,
    detail: noDetail,
  },
  "publishes-to": {
    schema: PublishesToEdge,
    meaning: "The node may publish on a topic of the bus.",
    from: "any",
    to: "message-bus",
    distinction: ({ topic }) => topic,
    detail: ({ topic }) => ` ${topic}`,
  },
  "subscribes-to": {
    schema: SubscribesToEdge,
    meaning: "The node may subscribe to a topic of the bus.",
    from: "any",
    to: "message-bus",
    distinction: ({ topic }) => topic,
    detail: ({ topic }) => ` ${topic}`,
  },
  replicates: {
    schema: ReplicatesEdge,
    meaning: "The source is a standby of the target.",
    from: "database",
    to: "database",
    distinction: nothing,
    detail: noDetail,
  },
  manages: {
    schema: ManagesEdge,
    meaning: "What the agent may do with the node.",
    from: "agent",
    to: "any",
    distinction: nothing,
    detail: ({ permissions }) => ` (${permissions.join(", ")})`,
  },
  monitors: {
    schema: MonitorsEdge,
    meaning: "The monitoring node collects the figures of the target and raises alerts.",
    from: "monitoring",
    to: "any",
    distinction: nothing,
    detail: noDetail,
  },
};

const definitionOf = <T extends EdgeType>({ type }: { readonly type: T }): EdgeTypeDefinition<EdgeOf<T>> =>
  edgeTypes[type];

/** Returns the identity of an edge without `id`: `from/type/to`, with `/port` or `/topic` for types that have one. */
export const impliedIdentity = (edge: Edge): string => {
  const base = `${edge.from}/${edge.type}/${edge.to}`;
  const distinction = definitionOf(edge).distinction(edge);
  return distinction === undefined ? base : `${base}/${distinction}`;
};

/** Returns the identity of an edge: its `id`, or otherwise its {@link impliedIdentity}. */
export const edgeIdentity = (edge: Edge): string => edge.id ?? impliedIdentity(edge);

/** Returns the label of an edge in a picture: its type and its important details. */
export const edgeLabel = (edge: Edge): string => `${edge.type}${definitionOf(edge).detail(edge)}`;
