import { Schema } from "effect";
import { Capabilities, Capability, CapabilityVersion, DetailsByCapability } from "../../domain/agent/capability.ts";
import { AgentMetadata, Instance, MaxConcurrentTasks, PublicKey } from "../../domain/agent/contract.ts";
import { PresenceStatus } from "../../domain/agent/presence.ts";
import { AggregateId, Instant, Name, Role } from "../../domain/kernel/mod.ts";
import { documentFields, documentOperations, type PublishedView } from "./view.ts";

export const AgentDocument = Schema.Struct({
  ...documentFields,
  id: Name,
  name: Schema.optionalKey(Schema.String),
  capabilities: Capabilities,
  /** Capabilities that the agent claims and that need a role which it was not given. */
  askedFor: Schema.optionalKey(Capabilities),
  capabilityDetails: Schema.optionalKey(DetailsByCapability),
  maxConcurrentTasks: MaxConcurrentTasks,
  publicKey: Schema.optionalKey(PublicKey),
  metadata: Schema.optionalKey(AgentMetadata),
  instance: Schema.optionalKey(Instance),
  status: PresenceStatus,
  registered: Schema.Boolean,
  activeTasks: Schema.Array(AggregateId),
  registeredAt: Instant,
  /** When the status last changed. */
  lastSeen: Schema.optionalKey(Instant),
}).annotate({ identifier: "AgentDocument" });
export type AgentDocument = typeof AgentDocument.Type;

/** An agent with its roles. */
export const AgentEntry = Schema.Struct({
  ...AgentDocument.fields,
  /** None while the principal is suspended. */
  roles: Schema.Array(Role),
  /** Why its principal is stopped. */
  stopped: Schema.optionalKey(Schema.String),
}).annotate({ identifier: "AgentEntry" });
export type AgentEntry = typeof AgentEntry.Type;

export const agents = {
  description: "The capabilities of each agent, whether it is online, and its tasks.",
  document: AgentDocument,
  operations: {
    ...documentOperations("agents", AgentEntry, AgentEntry),
    find: {
      description: "The registered agents with a capability: online agents first, then by load",
      input: Schema.Struct({
        capability: Capability,
        /** The same major number, and at least this minor number. */
        version: Schema.optionalKey(CapabilityVersion),
        /** Agents of this presence; without it, those that are online or away. */
        presence: Schema.optionalKey(PresenceStatus),
      }),
      answer: Schema.Struct({
        items: Schema.Array(
          Schema.Struct({
            ...AgentDocument.fields,
            /** Its tasks as a share of `maxConcurrentTasks`. */
            load: Schema.Finite,
          }),
        ),
      }),
    },
  },
} satisfies PublishedView;
