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

/** Only admins decide which capabilities are guarded. */
const by = ["admin"] as const;

export const capabilityCommands = {
  guard: command(
    Schema.Struct({ reason: NonEmptyText(bounds.text) }),
    "Guards a capability, so that an agent has it only if an admin granted it. Agents without a grant lose it at once.",
    { by, creates: true },
  ),
  unguard: command(
    Schema.Struct({ reason: NonEmptyText(bounds.text) }),
    "Ends the guard, so that an agent's own claim is enough again.",
    { by },
  ),
};

export const capabilityEvents = {
  "capability-guarded": event(
    Schema.Struct({ reason: Schema.String }),
    "From now on, an agent has the capability only if it was granted.",
  ),
  "capability-unguarded": event(
    Schema.Struct({ reason: Schema.String }),
    "From now on, every agent that claims the capability has it.",
  ),
};

export type CapabilityEvent = EventOf<typeof capabilityEvents>;
export type CapabilityContext = DecisionContext<undefined>;
export type CapabilityDecision = DecisionOf<typeof capabilityEvents>;
