import { Schema } from "effect";
import { roleFor } from "../agent/capability.ts";
import {
  accept,
  type CommandOf,
  defineDecider,
  type EvolveContext,
  Instant,
  Principal,
  PublicId,
  refuse,
} from "../kernel/mod.ts";
import {
  type CapabilityContext,
  type CapabilityDecision,
  type CapabilityEvent,
  capabilityCommands,
  capabilityEvents,
} from "./contract.ts";

/** Whether a capability is guarded, and who decided it; null if it was never guarded. */
export const CapabilityState = Schema.NullOr(
  Schema.Struct({ guarded: Schema.Boolean, reason: Schema.String, by: Principal, since: Instant }),
);
export type CapabilityState = typeof CapabilityState.Type;

const decide = (
  { type, payload }: CommandOf<typeof capabilityCommands>,
  state: CapabilityState,
  { aggregateId: id }: CapabilityContext,
): CapabilityDecision => {
  const role = roleFor(id);
  if (role !== undefined)
    return refuse(
      "guarded-by-role",
      `\`${id}\` always needs the role \`${role}\`: give and take it with \`cim agents grant\` and \`revoke\``,
    );
  if (type === "guard")
    return state?.guarded === true ? accept() : accept({ type: "capability-guarded", data: payload });
  return state?.guarded === true ? accept({ type: "capability-unguarded", data: payload }) : accept();
};

const evolve = (
  _: CapabilityState,
  { type, data }: CapabilityEvent,
  { actor: by, time: since }: Pick<EvolveContext, "actor" | "time">,
): CapabilityState => ({ guarded: type === "capability-guarded", reason: data.reason, by, since });

/** Capabilities for which the installation does not accept an agent's own claim. */
export const capability = defineDecider<undefined>()({
  name: "capability",
  description: "Capabilities of agents that an admin must grant.",
  id: PublicId.check(Schema.isMaxLength(100)),
  commands: capabilityCommands,
  events: capabilityEvents,
  relations: {},
  state: CapabilityState,
  stateVersion: 1,
  initial: null,
  decide,
  evolve,
});
