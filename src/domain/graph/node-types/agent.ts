import { Schema } from "effect";
import { List } from "../../kernel/mod.ts";
import { always, askedResources, identity, type NodeTypeDefinition, none, nothing } from "../node-type.ts";
import { described, NonEmptyText, optional, RateLimit, Resources } from "../values.ts";

/** A program that takes part in the deployment's dialogs and tasks. */
export const AgentNode = Schema.Struct({
  ...identity("agent"),
  capabilities: described(List(NonEmptyText), "What the agent can do; tasks are given by these names."),
  subscriptions: optional(List(NonEmptyText), "The NATS subjects that the agent may subscribe to."),
  rateLimit: optional(RateLimit, "How often the agent may act."),
  command: optional(NonEmptyText, "The program that runs on the host; none runs there unless given."),
  resources: optional(Resources, askedResources),
}).annotate({ identifier: "AgentNode" });
export type AgentNode = typeof AgentNode.Type;

export const agent: NodeTypeDefinition<AgentNode> = {
  schema: AgentNode,
  meaning: "A program that takes part in the deployment's dialogs and tasks.",
  port: nothing,
  portUse: {},
  innerPorts: none,
  programs: none,
  metricsPort: nothing,
  monitoredPorts: none,
  onceAHost: nothing,
  needsHost: always,
  encryptionRemedy: nothing,
  picture: { detail: nothing, mermaid: ["[", "]"], graphviz: "oval" },
  rules: [],
};
