import { isUdp } from "../../graph/edge.ts";
import type { GraphIndex } from "../../graph/graph-index.ts";
import type { MessageBusNode } from "../../graph/node.ts";
import type { RateLimit } from "../../graph/values.ts";
import { defined } from "../../kernel/mod.ts";
import { type Secret, secretFile } from "../host/secrets.ts";

/** The rights of a node on a bus. */
export interface Permission {
  readonly node: string;
  readonly publish: ReadonlyArray<PublishRight>;
  readonly subscribe: ReadonlyArray<SubscribeRight>;
}

/** The right to publish to a topic. No engine limits the rate of a topic, so the programs must keep to it. */
export interface PublishRight {
  readonly topic: string;
  readonly rateLimit?: RateLimit;
}

export interface SubscribeRight extends PublishRight {
  readonly consumerGroup?: string;
}

/** The types of edges by which a node uses a bus. */
const uses = ["publishes-to", "subscribes-to", "connects-to", "depends-on"] as const;

/** Returns the buses that a node uses. */
export const busesOf = (topology: GraphIndex, node: string): ReadonlyArray<MessageBusNode> =>
  [...new Set(uses.flatMap((type) => topology.from(node, type).map(({ to }) => to)))].sort().flatMap((id) => {
    const target = topology.nodes.get(id);
    return target?.type === "message-bus" ? [target] : [];
  });

/** Returns the subscriptions of the agents that use a bus, by agent. */
const subscriptionsOf = (topology: GraphIndex, bus: string): ReadonlyMap<string, ReadonlyArray<SubscribeRight>> => {
  const users = new Set(uses.flatMap((type) => topology.to(bus, type).map(({ from }) => from)));
  return new Map(
    [...users].flatMap((id) => {
      const node = topology.nodes.get(id);
      return node?.type === "agent" && node.subscriptions !== undefined && node.subscriptions.length > 0
        ? [[id, node.subscriptions.map((topic) => ({ topic }))]]
        : [];
    }),
  );
};

/**
 * Returns the rights of each node on a bus, from its `publishes-to` and `subscribes-to` edges and from an agent's
 * `subscriptions`. If any node has a right, the bus asks its clients for passwords, and a node without a right can do
 * nothing there. If no node has one, everyone who reaches the bus may do anything.
 */
export const permissionsOf = (topology: GraphIndex, bus: string): ReadonlyArray<Permission> => {
  const publish = Map.groupBy(topology.to(bus, "publishes-to"), ({ from }) => from);
  const subscribe = Map.groupBy(topology.to(bus, "subscribes-to"), ({ from }) => from);
  const subscriptions = subscriptionsOf(topology, bus);
  return [...new Set([...publish.keys(), ...subscribe.keys(), ...subscriptions.keys()])].sort().map((node) => ({
    node,
    publish: (publish.get(node) ?? []).map(({ topic, rateLimit }) => defined({ topic, rateLimit })),
    subscribe: [
      ...(subscribe.get(node) ?? []).map(({ topic, consumerGroup, rateLimit }) =>
        defined({ topic, consumerGroup, rateLimit }),
      ),
      ...(subscriptions.get(node) ?? []),
    ],
  }));
};

/** Returns the buses that ask a node for a password. */
export const guardedBusesOf = (topology: GraphIndex, node: string): ReadonlyArray<string> =>
  busesOf(topology, node)
    .map(({ id }) => id)
    .filter((bus) => permissionsOf(topology, bus).some((permission) => permission.node === node));

/** Returns the file with the password of a client, both on the hosts of the bus and on those of the client. */
export const passwordFile = (bus: string, client: string): string => secretFile(bus, `${client}.password`);

/** Returns the description of that file for the operator. */
export const passwordSecret = (bus: string, client: string, reader: string): Secret => ({
  path: passwordFile(bus, client),
  node: reader,
  content: `the password of ${client} on ${bus}, one line`,
});

/** Whether a bus has clients that ask for TLS (`encrypted`), and clients that do not (`plain`). */
export const encryptionOf = (
  topology: GraphIndex,
  bus: string,
): { readonly encrypted: boolean; readonly plain: boolean } => {
  const connections = topology.to(bus, "connects-to").filter(({ protocol }) => !isUdp(protocol));
  const connected = new Set(connections.map(({ from }) => from));
  const others = permissionsOf(topology, bus).filter(({ node }) => !connected.has(node));
  return {
    encrypted: connections.some(({ encrypted }) => encrypted === true),
    plain: others.length > 0 || connections.some(({ encrypted }) => encrypted !== true),
  };
};
