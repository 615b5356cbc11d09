import { Schema } from "effect";
import type { NodeTypeDefinition } from "./node-type.ts";
import { AgentNode, agent } from "./node-types/agent.ts";
import { DatabaseNode, database } from "./node-types/database.ts";
import { HostNode, host } from "./node-types/host.ts";
import { LoadBalancerNode, loadBalancer } from "./node-types/load-balancer.ts";
import { MessageBusNode, messageBus } from "./node-types/message-bus.ts";
import { MonitoringNode, monitoring } from "./node-types/monitoring.ts";
import { ServiceNode, service } from "./node-types/service.ts";
import { StorageNode, storage } from "./node-types/storage.ts";
import { choiceOf, type NodeType, nodeTypeNames } from "./types.ts";

export {
  AgentNode,
  DatabaseNode,
  HostNode,
  LoadBalancerNode,
  MessageBusNode,
  MonitoringNode,
  ServiceNode,
  StorageNode,
};

/** A node of any type. `type` alone decides which fields it has. */
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
  .annotate({ expected: `a node whose type is ${choiceOf(nodeTypeNames)}` })
  .pipe(Schema.toTaggedUnion("type")) satisfies { readonly cases: Readonly<Record<NodeType, unknown>> };
export type Node = typeof Node.Type;
/** A node of one type. */
export type NodeOf<T extends NodeType> = Extract<Node, { readonly type: T }>;

/** All types of nodes. A new type needs a file in `node-types/`, its name in `types.ts`, and its lines here. */
export const nodeTypes: { readonly [T in NodeType]: NodeTypeDefinition<NodeOf<T>> } = {
  host,
  service,
  agent,
  database,
  "message-bus": messageBus,
  "load-balancer": loadBalancer,
  storage,
  monitoring,
};

/** Returns the definition of a node's type. */
export const definitionOf = <T extends NodeType>({ type }: { readonly type: T }): NodeTypeDefinition<NodeOf<T>> =>
  nodeTypes[type];
