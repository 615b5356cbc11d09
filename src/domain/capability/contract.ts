import { Schema } from "effect";
import {
  bounds,
  command,
  type DecisionContext,
  type DecisionOf,
  type EventOf,
  event,
  NonEmptyText,
} from "../kernel/mod.ts";

/** What an installation guards, its admins decide. */
const by = ["admin"] as const;

export const capabilityCommands = {
  guard: command(
    Schema.Struct({ reason: NonEmptyText(bounds.text) }),
    "Guards a capability: an agent has it only if an admin has granted it. Those that have it without a grant lose it at once.",
    { by, creates: true },
  ),
  unguard: command(
    Schema.Struct({ reason: NonEmptyText(bounds.text) }),
    "Ends that: an agent's own word is enough again.",
    { by },
  ),
};

export const capabilityEvents = {
  "capability-guarded": event(
    Schema.Struct({ reason: Schema.String }),
    "Only agents that were granted the capability have it.",
  ),
  "capability-unguarded": event(
    Schema.Struct({ reason: Schema.String }),
    "Every agent that names the capability has it.",
  ),
};

export type CapabilityEvent = EventOf<typeof capabilityEvents>;
export type CapabilityContext = DecisionContext<undefined>;
export type CapabilityDecision = DecisionOf<typeof capabilityEvents>;
