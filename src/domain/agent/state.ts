import { Schema } from "effect";
import {
  AgentMetadata,
  Capabilities,
  DetailsByCapability,
  Instance,
  MaxConcurrentTasks,
  PresenceStatus,
  PublicKey,
} from "./contract.ts";

/** An agent that has registered at least once; null before. */
export const AgentState = Schema.NullOr(
  Schema.Struct({
    registered: Schema.Boolean,
    status: PresenceStatus,
    name: Schema.optionalKey(Schema.String),
    capabilities: Capabilities,
    capabilityDetails: Schema.optionalKey(DetailsByCapability),
    maxConcurrentTasks: MaxConcurrentTasks,
    publicKey: Schema.optionalKey(PublicKey),
    metadata: Schema.optionalKey(AgentMetadata),
    instance: Schema.optionalKey(Instance),
  }),
);
export type AgentState = typeof AgentState.Type;
