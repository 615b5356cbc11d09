import { Schema } from "effect";
import { Name } from "../kernel/mod.ts";
import { AbsolutePath, NonEmptyText, Port, PositiveNumber, RateLimit, Text } from "./values.ts";

/** What every edge has. Its `id` is free text; without one it is known by its identity, see {@link edgeIdentity}. */
const ends = { id: Schema.optionalKey(NonEmptyText), from: Name, to: Name };

/** Placement on a host; several place replicas. */
export const RunsOnEdge = Schema.Struct({ ...ends, type: Schema.Literal("runs-on") }).annotate({
  identifier: "RunsOnEdge",
});
export type RunsOnEdge = typeof RunsOnEdge.Type;

/** The target is up before the source starts; `required` unless it says otherwise. */
export const DependsOnEdge = Schema.Struct({
  ...ends,
  type: Schema.Literal("depends-on"),
  required: Schema.optionalKey(Schema.Boolean),
  startupDelaySeconds: Schema.optionalKey(Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))),
}).annotate({ identifier: "DependsOnEdge" });
export type DependsOnEdge = typeof DependsOnEdge.Type;

/** A path through the firewalls; `port` is the target's unless it says otherwise. */
export const ConnectsToEdge = Schema.Struct({
  ...ends,
  type: Schema.Literal("connects-to"),
  protocol: NonEmptyText,
  port: Schema.optionalKey(Port),
  encrypted: Schema.optionalKey(Schema.Boolean),
}).annotate({ identifier: "ConnectsToEdge" });
export type ConnectsToEdge = typeof ConnectsToEdge.Type;

/** Whether connections of a protocol are no TCP ones. */
export const isUdp = (protocol: string): boolean => protocol.toLowerCase() === "udp";

/** Documentation and review only. */
export const DataFlowEdge = Schema.Struct({
  ...ends,
  type: Schema.Literal("data-flow"),
  direction: Schema.optionalKey(Text),
  format: Schema.optionalKey(Text),
  volume: Schema.optionalKey(Text),
}).annotate({ identifier: "DataFlowEdge" });
export type DataFlowEdge = typeof DataFlowEdge.Type;

/** A backend of a load balancer. */
export const LoadBalancesEdge = Schema.Struct({
  ...ends,
  type: Schema.Literal("load-balances"),
  weight: Schema.optionalKey(PositiveNumber),
  healthCheck: Schema.optionalKey(Schema.Boolean),
}).annotate({ identifier: "LoadBalancesEdge" });
export type LoadBalancesEdge = typeof LoadBalancesEdge.Type;

/** Use of a volume, at the volume's `mountPath` unless it says otherwise. */
export const MountsVolumeEdge = Schema.Struct({
  ...ends,
  type: Schema.Literal("mounts-volume"),
  mountPath: Schema.optionalKey(AbsolutePath),
  readOnly: Schema.optionalKey(Schema.Boolean),
}).annotate({ identifier: "MountsVolumeEdge" });
export type MountsVolumeEdge = typeof MountsVolumeEdge.Type;

const messaging = {
  topic: NonEmptyText,
  consumerGroup: Schema.optionalKey(NonEmptyText),
  rateLimit: Schema.optionalKey(RateLimit),
};

/** The right to publish on a topic of the bus. */
export const PublishesToEdge = Schema.Struct({ ...ends, type: Schema.Literal("publishes-to"), ...messaging }).annotate({
  identifier: "PublishesToEdge",
});
export type PublishesToEdge = typeof PublishesToEdge.Type;

/** The right to subscribe to a topic of the bus. */
export const SubscribesToEdge = Schema.Struct({
  ...ends,
  type: Schema.Literal("subscribes-to"),
  ...messaging,
}).annotate({ identifier: "SubscribesToEdge" });
export type SubscribesToEdge = typeof SubscribesToEdge.Type;

/** The source is a standby of the target. */
export const ReplicatesEdge = Schema.Struct({ ...ends, type: Schema.Literal("replicates") }).annotate({
  identifier: "ReplicatesEdge",
});
export type ReplicatesEdge = typeof ReplicatesEdge.Type;

/** What an agent may do with a node. */
export const ManagesEdge = Schema.Struct({
  ...ends,
  type: Schema.Literal("manages"),
  permissions: Schema.Array(Schema.Literals(["start", "stop", "restart", "configure", "monitor", "scale", "deploy"])),
}).annotate({ identifier: "ManagesEdge" });
export type ManagesEdge = typeof ManagesEdge.Type;

/** Scrape and alert. */
export const MonitorsEdge = Schema.Struct({ ...ends, type: Schema.Literal("monitors") }).annotate({
  identifier: "MonitorsEdge",
});
export type MonitorsEdge = typeof MonitorsEdge.Type;

/** An edge of any type; `type` alone decides which fields it has. */
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
  .annotate({
    expected:
      "an edge whose type is runs-on, depends-on, connects-to, data-flow, load-balances, mounts-volume, publishes-to, " +
      "subscribes-to, replicates, manages or monitors",
  })
  .pipe(Schema.toTaggedUnion("type"));
export type Edge = typeof Edge.Type;
export type EdgeType = Edge["type"];
/** An edge of one type. */
export type EdgeOf<T extends EdgeType> = Extract<Edge, { readonly type: T }>;

/** The identity that an edge has without an `id`: `from/type/to`, plus `/port` or `/topic` where the type has one. */
export const impliedIdentity = (edge: Edge): string => {
  const base = `${edge.from}/${edge.type}/${edge.to}`;
  switch (edge.type) {
    case "connects-to":
      return edge.port === undefined ? base : `${base}/${edge.port}`;
    case "publishes-to":
    case "subscribes-to":
      return `${base}/${edge.topic}`;
    default:
      return base;
  }
};

/** What an edge is known by: its `id`, else its {@link impliedIdentity}. */
export const edgeIdentity = (edge: Edge): string => edge.id ?? impliedIdentity(edge);
