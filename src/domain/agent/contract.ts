import { Effect, Schema } from "effect";
import {
  bounds,
  command,
  type DecisionContext,
  type DecisionOf,
  type EventOf,
  event,
  internalCommand,
  JsonUpTo,
  maxKeys,
  NonEmptyText,
  Role,
} from "../kernel/mod.ts";
import { Capabilities, DetailsByCapability, type Grants, OfferedCapabilities } from "./capability.ts";
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

/** Why an admin speaks for an agent. */
const givenReason = { reason: Schema.optionalKey(NonEmptyText(bounds.text)) };
const reason = Schema.optionalKey(Schema.String);

const ability = {
  capabilities: Capabilities,
  /** Capabilities that the agent says it has, and that nobody has granted it. */
  askedFor: Schema.optionalKey(Capabilities),
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
      ...givenReason,
    }),
    "Registers an agent, or replaces the profile it registered before. Its signing key stays: `principal.rotate-key` changes it.",
    { by: selfOrAdmin, creates: true },
  ),
  "update-capabilities": command(
    Schema.Struct({
      capabilities: OfferedCapabilities,
      maxConcurrentTasks: Schema.optionalKey(MaxConcurrentTasks),
      ...givenReason,
    }),
    "Replaces what a registered agent can do.",
    { by: selfOrAdmin },
  ),
  deregister: command(
    Schema.Struct({ instance: Schema.optionalKey(Instance), ...givenReason }),
    "Takes an agent out of service; it may register again. Refused if another `instance` has registered since.",
    { by: selfOrAdmin },
  ),
  "apply-authority": internalCommand(
    Schema.Struct({
      roles: Schema.Array(Role),
      /** Of what the agent names, what was granted to its principal, and what is guarded. */
      capabilities: Schema.optionalKey(Capabilities),
      guarded: Schema.optionalKey(Capabilities),
      publicKey: Schema.optionalKey(PublicKey),
    }),
    "The grants or the key of the agent's principal have changed: its capabilities are those that it was granted.",
  ),
  "record-presence": internalCommand(
    Schema.Struct({ status: PresenceStatus }),
    "Records a change of the agent's presence, as its heartbeats show it.",
  ),
};

export const agentEvents = {
  "agent-registered": event(
    Schema.Struct({ ...profile, ...ability, reason }),
    "An agent registered with this profile and these capabilities.",
  ),
  "capabilities-updated": event(Schema.Struct({ ...ability, reason }), "The agent can do this from now on."),
  "key-changed": event(
    Schema.Struct({ publicKey: Schema.optionalKey(PublicKey) }),
    "The agent signs with this key from now on; with none if its key was revoked.",
  ),
  "presence-changed": event(
    Schema.Struct({ status: PresenceStatus, previous: PresenceStatus }),
    "The agent's heartbeats came back, became late or stopped.",
  ),
  "agent-deregistered": event(Schema.Struct({ reason }), "The agent is out of service, and offline."),
};

/** What the principal of an agent was given, looked up for what the agent says of itself. */
export interface KnownToAgents extends Grants {
  readonly publicKey?: string;
  /** Whether a key was revoked: only an admin gives another one then. */
  readonly isKeyRevoked?: boolean;
}

export type AgentContext = DecisionContext<KnownToAgents | undefined>;
export type AgentEvent = EventOf<typeof agentEvents>;
export type AgentDecision = DecisionOf<typeof agentEvents>;
