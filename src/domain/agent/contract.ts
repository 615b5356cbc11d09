import { Effect, Schema } from "effect";
import { command, event, internalCommand } from "../kernel/mod.ts";

/** Whether an agent's heartbeats arrive: `away` after one interval and a half without one, `offline` after three. */
export const PresenceStatus = Schema.Literals(["online", "away", "offline"]);
export type PresenceStatus = typeof PresenceStatus.Type;

/** What an agent can do, in free text: `review`, `deploy`, `security`. */
export const Capability = Schema.NonEmptyString.check(Schema.isMaxLength(100));

/** A set of capabilities: none twice. */
export const Capabilities = Schema.Array(Capability).check(Schema.isUnique());

/** How many tasks an agent takes at once. */
export const MaxConcurrentTasks = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1));

/** The public half of an agent's signing key: an Ed25519 nkey of a user. */
export const PublicKey = Schema.String.check(
  Schema.isPattern(/^U[A-Z2-7]{55}$/u, { expected: "the public nkey of a user: U and 55 characters of A-Z 2-7" }),
);

/** What an agent says of itself besides; `{"kind": "person"}` makes it a person. */
export const AgentMetadata = Schema.Record(Schema.String, Schema.Json);

const profile = {
  name: Schema.optionalKey(Schema.NonEmptyString),
  capabilities: Capabilities,
  publicKey: Schema.optionalKey(PublicKey),
  metadata: Schema.optionalKey(AgentMetadata),
};

export const agentCommands = {
  register: command(
    Schema.Struct({
      ...profile,
      maxConcurrentTasks: MaxConcurrentTasks.pipe(Schema.withDecodingDefaultKey(Effect.succeed(1))),
    }),
    "Makes an agent known, or replaces what was said of it before.",
    { creates: true },
  ),
  "update-capabilities": command(
    Schema.Struct({ capabilities: Capabilities, maxConcurrentTasks: Schema.optionalKey(MaxConcurrentTasks) }),
    "Replaces what a registered agent can do.",
  ),
  deregister: command(Schema.Struct({}), "Takes an agent out of service; it may register again."),
  "record-presence": internalCommand(
    Schema.Struct({ status: PresenceStatus }),
    "Records what the agent's heartbeats say, where that changed.",
  ),
};

export const agentEvents = {
  "agent-registered": event(
    Schema.Struct({ ...profile, maxConcurrentTasks: MaxConcurrentTasks }),
    "An agent is known by what it said of itself.",
  ),
  "capabilities-updated": event(
    Schema.Struct({ capabilities: Capabilities, maxConcurrentTasks: MaxConcurrentTasks }),
    "The agent can do this from now on.",
  ),
  "presence-changed": event(
    Schema.Struct({ status: PresenceStatus, previous: PresenceStatus }),
    "The agent's heartbeats came back, became late or stopped.",
  ),
  "agent-deregistered": event(Schema.Struct({}), "The agent is out of service."),
};
