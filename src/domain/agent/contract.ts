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

/** The number of tasks that an agent takes at once. */
export const MaxConcurrentTasks = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1));

/** The public half of an agent's signing key: an Ed25519 nkey of a user. */
export const PublicKey = Schema.String.check(
  Schema.isPattern(/^U[A-Z2-7]{55}$/u, { expected: "the public nkey of a user: U and 55 characters of A-Z 2-7" }),
);

/** Other data about an agent. `{"kind": "person"}` marks it as a person. */
export const AgentMetadata = Schema.Record(Schema.String, Schema.Json);

/** The same within the bounds of a command. */
const GivenMetadata = Schema.Record(NonEmptyText(bounds.name), JsonUpTo(bounds.metadata)).check(maxKeys(bounds.list));

/** The id of one run of an agent's program. Each start has a new one. */
export const Instance = Schema.NonEmptyString.check(Schema.isMaxLength(100));

const profile = {
  name: Schema.optionalKey(Schema.NonEmptyString),
  publicKey: Schema.optionalKey(PublicKey),
  metadata: Schema.optionalKey(AgentMetadata),
  instance: Schema.optionalKey(Instance),
};

/** The reason of an admin that acts for an agent. */
const givenReason = { reason: Schema.optionalKey(NonEmptyText(bounds.text)) };
const reason = Schema.optionalKey(Schema.String);

const ability = {
  capabilities: Capabilities,
  /** Capabilities that the agent claims and that were not granted. */
  askedFor: Schema.optionalKey(Capabilities),
  capabilityDetails: Schema.optionalKey(DetailsByCapability),
  maxConcurrentTasks: MaxConcurrentTasks,
};

/** Agents act for themselves. An admin may act for one, with a reason. */
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
    "Registers an agent, or replaces its profile. Its signing key stays; only `principal.rotate-key` changes it.",
    { by: selfOrAdmin, creates: true },
  ),
  "update-capabilities": command(
    Schema.Struct({
      capabilities: OfferedCapabilities,
      maxConcurrentTasks: Schema.optionalKey(MaxConcurrentTasks),
      ...givenReason,
    }),
    "Replaces the capabilities of a registered agent.",
    { by: selfOrAdmin },
  ),
  deregister: command(
    Schema.Struct({ instance: Schema.optionalKey(Instance), ...givenReason }),
    "Takes an agent out of service. It may register again. Refused if another `instance` has registered in the meantime.",
    { by: selfOrAdmin },
  ),
  "apply-authority": internalCommand(
    Schema.Struct({
      roles: Schema.Array(Role),
      /** Of the capabilities that the agent claims: those granted to its principal, and those that are guarded. */
      capabilities: Schema.optionalKey(Capabilities),
      guarded: Schema.optionalKey(Capabilities),
      publicKey: Schema.optionalKey(PublicKey),
    }),
    "Applies changed grants or a changed key of the agent's principal to the agent.",
  ),
  "record-presence": internalCommand(
    Schema.Struct({ status: PresenceStatus }),
    "Records a change of the agent's presence, according to its heartbeats.",
  ),
};

export const agentEvents = {
  "agent-registered": event(
    Schema.Struct({ ...profile, ...ability, reason }),
    "An agent registered with this profile and these capabilities.",
  ),
  "capabilities-updated": event(Schema.Struct({ ...ability, reason }), "The agent's capabilities changed."),
  "key-changed": event(
    Schema.Struct({ publicKey: Schema.optionalKey(PublicKey) }),
    "The agent's signing key changed. Absent if its key was revoked.",
  ),
  "presence-changed": event(
    Schema.Struct({ status: PresenceStatus, previous: PresenceStatus }),
    "The agent's heartbeats came back, became late or stopped.",
  ),
  "agent-deregistered": event(Schema.Struct({ reason }), "The agent is out of service, and offline."),
};

/** The grants of an agent's principal, looked up when the agent claims capabilities. */
export interface KnownToAgents extends Grants {
  readonly publicKey?: string;
  /** Whether a key was revoked. Then only an admin gives another one. */
  readonly isKeyRevoked?: boolean;
}

export type AgentContext = DecisionContext<KnownToAgents | undefined>;
export type AgentEvent = EventOf<typeof agentEvents>;
export type AgentDecision = DecisionOf<typeof agentEvents>;
