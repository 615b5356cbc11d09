import { Schema, Struct } from "effect";
import { Capabilities, DetailsByCapability } from "./capability.ts";
import { type AgentEvent, AgentMetadata, Instance, MaxConcurrentTasks, PublicKey } from "./contract.ts";
import { PresenceStatus } from "./presence.ts";

/** The state of an agent; null before its first registration. */
export const AgentState = Schema.NullOr(
  Schema.Struct({
    registered: Schema.Boolean,
    status: PresenceStatus,
    name: Schema.optionalKey(Schema.String),
    capabilities: Capabilities,
    askedFor: Schema.optionalKey(Capabilities),
    capabilityDetails: Schema.optionalKey(DetailsByCapability),
    maxConcurrentTasks: MaxConcurrentTasks,
    publicKey: Schema.optionalKey(PublicKey),
    metadata: Schema.optionalKey(AgentMetadata),
    instance: Schema.optionalKey(Instance),
  }),
);
export type AgentState = typeof AgentState.Type;
/** An agent that has registered. */
export type Agent = NonNullable<AgentState>;

/**
 * Returns the agent after an event. Presence is independent of registration: heartbeats may come before and after it.
 */
export const evolve = (agent: AgentState, event: AgentEvent): AgentState => {
  if (event.type === "agent-registered")
    return { ...Struct.omit(event.data, ["reason"]), registered: true, status: agent?.status ?? "offline" };
  if (agent === null) return agent;
  switch (event.type) {
    case "capabilities-updated":
      return { ...Struct.omit(agent, ["capabilityDetails", "askedFor"]), ...Struct.omit(event.data, ["reason"]) };
    case "key-changed":
      return { ...Struct.omit(agent, ["publicKey"]), ...event.data };
    case "presence-changed":
      return { ...agent, status: event.data.status };
    case "agent-deregistered":
      return { ...agent, registered: false, status: "offline" };
  }
};
