import { Effect, Schema } from "effect";
import { command, event, internalCommand } from "../kernel/mod.ts";
import { CapabilityVersion } from "./capability-version.ts";

/** Whether an agent's heartbeats arrive: `away` after one interval and a half without one, `offline` after three. */
export const PresenceStatus = Schema.Literals(["online", "away", "offline"]);
export type PresenceStatus = typeof PresenceStatus.Type;

/** What an agent can do, in free text: `review`, `deploy`, `security`. */
export const Capability = Schema.NonEmptyString.check(Schema.isMaxLength(100));

/** A set of capabilities: none twice. */
export const Capabilities = Schema.Array(Capability).check(Schema.isUnique());

/** How well and how often an agent can do something. */
export const CapabilityDetails = Schema.Struct({
  version: Schema.optionalKey(CapabilityVersion),
  /** How many tasks that require it the agent takes at once, within its `maxConcurrentTasks`. */
  maxConcurrent: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))),
});

/** A capability as an agent names it: its name alone, or with a version and a limit. */
export const OfferedCapability = Schema.Union([
  Capability,
  Schema.Struct({ name: Capability, ...CapabilityDetails.fields }),
]);
export type OfferedCapability = typeof OfferedCapability.Type;

const nameOf = (offered: OfferedCapability): string => (typeof offered === "string" ? offered : offered.name);

/** What an agent offers: no name twice. */
export const OfferedCapabilities = Schema.Array(OfferedCapability).check(
  Schema.makeFilter((offered) => new Set(offered.map(nameOf)).size === offered.length || "a capability is named twice"),
);

/** The details of those capabilities that have any, by name. */
export const DetailsByCapability = Schema.Record(Capability, CapabilityDetails);

/** How many tasks an agent takes at once. */
export const MaxConcurrentTasks = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1));

/** The public half of an agent's signing key: an Ed25519 nkey of a user. */
export const PublicKey = Schema.String.check(
  Schema.isPattern(/^U[A-Z2-7]{55}$/u, { expected: "the public nkey of a user: U and 55 characters of A-Z 2-7" }),
);

/** What an agent says of itself besides; `{"kind": "person"}` makes it a person. */
export const AgentMetadata = Schema.Record(Schema.String, Schema.Json);

/** One run of an agent's program; a new one with each start. */
export const Instance = Schema.NonEmptyString.check(Schema.isMaxLength(100));

const profile = {
  name: Schema.optionalKey(Schema.NonEmptyString),
  publicKey: Schema.optionalKey(PublicKey),
  metadata: Schema.optionalKey(AgentMetadata),
  instance: Schema.optionalKey(Instance),
};

/** What an agent can do as the log has it: the names, by which everyone matches, and the details beside them. */
const ability = {
  capabilities: Capabilities,
  capabilityDetails: Schema.optionalKey(DetailsByCapability),
  maxConcurrentTasks: MaxConcurrentTasks,
};

export const agentCommands = {
  register: command(
    Schema.Struct({
      ...profile,
      capabilities: OfferedCapabilities,
      maxConcurrentTasks: MaxConcurrentTasks.pipe(Schema.withDecodingDefaultKey(Effect.succeed(1))),
    }),
    "Makes an agent known, or replaces what was said of it before.",
    { creates: true },
  ),
  "update-capabilities": command(
    Schema.Struct({ capabilities: OfferedCapabilities, maxConcurrentTasks: Schema.optionalKey(MaxConcurrentTasks) }),
    "Replaces what a registered agent can do.",
  ),
  deregister: command(
    Schema.Struct({ instance: Schema.optionalKey(Instance) }),
    "Takes an agent out of service; it may register again. Refused where `instance` is not the one that registered last.",
  ),
  "record-presence": internalCommand(
    Schema.Struct({ status: PresenceStatus }),
    "Records what the agent's heartbeats say, where that changed.",
  ),
};

export const agentEvents = {
  "agent-registered": event(Schema.Struct({ ...profile, ...ability }), "An agent is known by what it said of itself."),
  "capabilities-updated": event(Schema.Struct(ability), "The agent can do this from now on."),
  "presence-changed": event(
    Schema.Struct({ status: PresenceStatus, previous: PresenceStatus }),
    "The agent's heartbeats came back, became late or stopped.",
  ),
  "agent-deregistered": event(Schema.Struct({}), "The agent is out of service, and offline."),
};
