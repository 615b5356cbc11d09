import { Effect, Schema } from "effect";
import {
  bounds,
  command,
  type DecisionOf,
  type EventOf,
  event,
  internalCommand,
  JsonUpTo,
  maxKeys,
  NonEmptyText,
} from "../kernel/mod.ts";
import { Capabilities, DetailsByCapability, OfferedCapabilities } from "./capability.ts";
import { PresenceStatus } from "./presence.ts";

/** How many tasks an agent takes at once. */
export const MaxConcurrentTasks = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1));

/** The public half of an agent's signing key: an Ed25519 nkey of a user. */
export const PublicKey = Schema.String.check(
  Schema.isPattern(/^U[A-Z2-7]{55}$/u, { expected: "the public nkey of a user: U and 55 characters of A-Z 2-7" }),
);

/** What an agent says of itself besides; `{"kind": "person"}` makes it a person. */
export const AgentMetadata = Schema.Record(Schema.String, Schema.Json);

/** The same within its bounds, as a command carries it. */
const GivenMetadata = Schema.Record(NonEmptyText(bounds.name), JsonUpTo(bounds.metadata)).check(maxKeys(bounds.list));

/** One run of an agent's program; a new one with each start. */
export const Instance = Schema.NonEmptyString.check(Schema.isMaxLength(100));

const profile = {
  name: Schema.optionalKey(Schema.NonEmptyString),
  publicKey: Schema.optionalKey(PublicKey),
  metadata: Schema.optionalKey(AgentMetadata),
  instance: Schema.optionalKey(Instance),
};

const ability = {
  capabilities: Capabilities,
  capabilityDetails: Schema.optionalKey(DetailsByCapability),
  maxConcurrentTasks: MaxConcurrentTasks,
};

/** Agents speak for themselves; an admin may speak for one, with a reason. */
const selfOrAdmin = ["self", "admin"] as const;

export const agentCommands = {
  register: command(
    Schema.Struct({
      ...profile,
      name: Schema.optionalKey(NonEmptyText(bounds.name)),
      metadata: Schema.optionalKey(GivenMetadata),
      capabilities: OfferedCapabilities,
      maxConcurrentTasks: MaxConcurrentTasks.pipe(Schema.withDecodingDefaultKey(Effect.succeed(1))),
    }),
    "Registers an agent, or replaces the profile it registered before.",
    { by: selfOrAdmin, creates: true },
  ),
  "update-capabilities": command(
    Schema.Struct({ capabilities: OfferedCapabilities, maxConcurrentTasks: Schema.optionalKey(MaxConcurrentTasks) }),
    "Replaces what a registered agent can do.",
    { by: selfOrAdmin },
  ),
  deregister: command(
    Schema.Struct({ instance: Schema.optionalKey(Instance) }),
    "Takes an agent out of service; it may register again. Refused if another `instance` has registered since.",
    { by: selfOrAdmin },
  ),
  "record-presence": internalCommand(
    Schema.Struct({ status: PresenceStatus }),
    "Records a change of the agent's presence, as its heartbeats show it.",
  ),
};

export const agentEvents = {
  "agent-registered": event(
    Schema.Struct({ ...profile, ...ability }),
    "An agent registered with this profile and these capabilities.",
  ),
  "capabilities-updated": event(Schema.Struct(ability), "The agent can do this from now on."),
  "presence-changed": event(
    Schema.Struct({ status: PresenceStatus, previous: PresenceStatus }),
    "The agent's heartbeats came back, became late or stopped.",
  ),
  "agent-deregistered": event(Schema.Struct({}), "The agent is out of service, and offline."),
};

export type AgentEvent = EventOf<typeof agentEvents>;
export type AgentDecision = DecisionOf<typeof agentEvents>;
