import { Result } from "effect";
import type { MessageBusNode } from "../graph/node.ts";
import { type NatsSpecification, nats } from "./nats.ts";
import type { NodeKind } from "./node-kind.ts";

export type MessageBusSpecification = NatsSpecification;

/** Message buses become what NixOS has for their engine. */
export const messageBus: NodeKind<MessageBusNode, MessageBusSpecification> = {
  unit: (node) => (node.engine === "nats" ? nats.unit(node) : `${node.id}.service`),
  units: (node) => (node.engine === "nats" ? nats.units(node) : []),
  specify: (node, site) =>
    node.engine === "nats"
      ? nats.specify(node, site)
      : Result.fail([`the message bus engine ${node.engine} cannot be deployed yet; use nats`]),
  ownPaths: (node, site) => (node.engine === "nats" ? (nats.ownPaths?.(node, site) ?? []) : []),
  options: (specification) => nats.options(specification),
};
