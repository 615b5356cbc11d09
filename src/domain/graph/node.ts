import { Schema } from "effect";
import { Name } from "../kernel/mod.ts";
import {
  AbsolutePath,
  Address,
  CronExpression,
  DatabaseName,
  Device,
  EnvironmentFile,
  EnvironmentName,
  HealthCheck,
  LeafUrl,
  NonEmptyText,
  Port,
  PositiveInteger,
  PositiveNumber,
  RateLimit,
  Resources,
  Size,
  Text,
  UserName,
} from "./values.ts";

/** A machine that other nodes run on. */
export const HostNode = Schema.Struct({
  id: Name,
  type: Schema.Literal("host"),
  system: Schema.Literals(["x86_64-linux", "aarch64-linux"]),
  address: Address,
  ssh: Schema.optionalKey(
    Schema.Struct({
      user: Schema.optionalKey(UserName),
      port: Schema.optionalKey(Port),
      identityFile: Schema.optionalKey(NonEmptyText),
    }),
  ),
  resources: Schema.optionalKey(Resources),
  stateVersion: Schema.optionalKey(NonEmptyText),
  imports: Schema.optionalKey(Schema.Array(NonEmptyText)),
  rootDevice: Schema.optionalKey(Device),
  labels: Schema.optionalKey(Schema.Record(Text, Text)),
}).annotate({ identifier: "HostNode" });
export type HostNode = typeof HostNode.Type;

/** A program that systemd keeps running. */
export const ServiceNode = Schema.Struct({
  id: Name,
  type: Schema.Literal("service"),
  command: NonEmptyText,
  args: Schema.optionalKey(Schema.Array(Text)),
  environment: Schema.optionalKey(Schema.Record(EnvironmentName, Text)),
  environmentFiles: Schema.optionalKey(Schema.Array(EnvironmentFile)),
  package: Schema.optionalKey(NonEmptyText),
  port: Schema.optionalKey(Port),
  public: Schema.optionalKey(Schema.Boolean),
  healthCheck: Schema.optionalKey(HealthCheck),
  resources: Schema.optionalKey(Resources),
  user: Schema.optionalKey(UserName),
}).annotate({ identifier: "ServiceNode" });
export type ServiceNode = typeof ServiceNode.Type;

/** A program that takes part in the deployment's dialogs and tasks. */
export const AgentNode = Schema.Struct({
  id: Name,
  type: Schema.Literal("agent"),
  capabilities: Schema.Array(NonEmptyText),
  subscriptions: Schema.optionalKey(Schema.Array(NonEmptyText)),
  rateLimit: Schema.optionalKey(RateLimit),
  command: Schema.optionalKey(NonEmptyText),
  resources: Schema.optionalKey(Resources),
}).annotate({ identifier: "AgentNode" });
export type AgentNode = typeof AgentNode.Type;

/** A database; `persistent` unless it says otherwise. */
export const DatabaseNode = Schema.Struct({
  id: Name,
  type: Schema.Literal("database"),
  engine: Schema.Literals(["postgresql", "mysql", "mongodb", "redis", "sqlite"]),
  version: Schema.optionalKey(NonEmptyText),
  persistent: Schema.optionalKey(Schema.Boolean),
  port: Schema.optionalKey(Port),
  databases: Schema.optionalKey(Schema.Array(DatabaseName)),
  backupSchedule: Schema.optionalKey(CronExpression),
  resources: Schema.optionalKey(Resources),
}).annotate({ identifier: "DatabaseNode" });
export type DatabaseNode = typeof DatabaseNode.Type;

/** A message broker. */
export const MessageBusNode = Schema.Struct({
  id: Name,
  type: Schema.Literal("message-bus"),
  engine: Schema.Literals(["nats", "kafka", "rabbitmq", "redis"]),
  persistence: Schema.optionalKey(Schema.Boolean),
  topics: Schema.optionalKey(
    Schema.Array(
      Schema.Struct({
        name: NonEmptyText,
        partitions: Schema.optionalKey(PositiveInteger),
        replicationFactor: Schema.optionalKey(PositiveInteger),
        retentionHours: Schema.optionalKey(PositiveNumber),
      }),
    ),
  ),
  leafRemotes: Schema.optionalKey(
    Schema.Array(Schema.Struct({ url: LeafUrl, credentialsFile: Schema.optionalKey(AbsolutePath) })),
  ),
  resources: Schema.optionalKey(Resources),
}).annotate({ identifier: "MessageBusNode" });
export type MessageBusNode = typeof MessageBusNode.Type;

/** Spreads requests over the services it has `load-balances` edges to. */
export const LoadBalancerNode = Schema.Struct({
  id: Name,
  type: Schema.Literal("load-balancer"),
  strategy: Schema.Literals(["round-robin", "least-connections", "ip-hash", "random", "weighted"]),
  port: Port,
  public: Schema.optionalKey(Schema.Boolean),
  serverName: Schema.optionalKey(NonEmptyText),
  tls: Schema.optionalKey(Schema.Struct({ certificateFile: AbsolutePath, keyFile: AbsolutePath })),
  healthCheckIntervalSeconds: Schema.optionalKey(PositiveNumber),
}).annotate({ identifier: "LoadBalancerNode" });
export type LoadBalancerNode = typeof LoadBalancerNode.Type;

/** A volume that other nodes mount. */
export const StorageNode = Schema.Struct({
  id: Name,
  type: Schema.Literal("storage"),
  kind: Schema.Literals(["local-disk", "network-fs", "object-store", "block-storage"]),
  size: Size,
  mountPath: AbsolutePath,
  accessMode: Schema.Literals(["read-write-once", "read-only-many", "read-write-many"]),
  device: Schema.optionalKey(Device),
}).annotate({ identifier: "StorageNode" });
export type StorageNode = typeof StorageNode.Type;

/** Metrics, and on request dashboards and logs, of the nodes it `monitors`. */
export const MonitoringNode = Schema.Struct({
  id: Name,
  type: Schema.Literal("monitoring"),
  retentionDays: Schema.optionalKey(PositiveInteger),
  dashboards: Schema.optionalKey(Schema.Boolean),
  logs: Schema.optionalKey(Schema.Boolean),
}).annotate({ identifier: "MonitoringNode" });
export type MonitoringNode = typeof MonitoringNode.Type;

/** A node of any type; `type` alone decides which fields it has. */
export const Node = Schema.Union([
  HostNode,
  ServiceNode,
  AgentNode,
  DatabaseNode,
  MessageBusNode,
  LoadBalancerNode,
  StorageNode,
  MonitoringNode,
])
  .annotate({
    expected: "a node whose type is host, service, agent, database, message-bus, load-balancer, storage or monitoring",
  })
  .pipe(Schema.toTaggedUnion("type"));
export type Node = typeof Node.Type;
export type NodeType = Node["type"];
/** A node of one type. */
export type NodeOf<T extends NodeType> = Extract<Node, { readonly type: T }>;
