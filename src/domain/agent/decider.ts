import { Result, Struct } from "effect";
import {
  accept,
  type CommandOf,
  canonicalJson,
  defineDecider,
  defined,
  isOwnPrincipal,
  isSelf,
  Name,
  type PayloadOf,
  type Rejection,
  refuse,
} from "../kernel/mod.ts";
import { abilityOf, grantedOf, namedBy } from "./capability.ts";
import {
  type AgentContext,
  type AgentDecision,
  type AgentEvent,
  agentCommands,
  agentEvents,
  type KnownToAgents,
} from "./contract.ts";
import type { PresenceStatus } from "./presence.ts";
import { type Agent, AgentState, evolve } from "./state.ts";

type Command = CommandOf<typeof agentCommands>;

/** For a context without look-up: nothing is granted. */
const nothingGranted: KnownToAgents = { roles: new Set(), capabilities: new Set(), guarded: new Set() };

/** Returns the key of a registering agent, or why it cannot register with the given key. */
const keyOf = (
  agent: AgentState,
  named: string | undefined,
  { aggregateId: id, known = nothingGranted }: AgentContext,
): Result.Result<string | undefined, Rejection> => {
  const key = known.publicKey ?? agent?.publicKey;
  if (named === undefined || named === key) return Result.succeed(key);
  if (key !== undefined)
    return refuse(
      "another-key",
      `agent \`${id}\` signs with ${key}: leave \`publicKey\` out, or change it first, signed with that key or by an admin: \`cim keys rotate ${id}\``,
    );
  return known.isKeyRevoked === true
    ? refuse(
        "key-revoked",
        `the key of agent \`${id}\` was revoked: an admin must give it another: \`cim keys rotate ${id}\``,
      )
    : Result.succeed(named);
};

/** Returns the abilities of an agent: what it offers, limited by its grants. */
const abilityUnder = (
  offered: PayloadOf<typeof agentCommands, "register">["capabilities"],
  { known = nothingGranted }: AgentContext,
) => {
  const ability = abilityOf(offered);
  return { ...ability, ...grantedOf(ability.capabilities, known) };
};

/**
 * Registers an agent. The latest instance to register is the agent. An earlier instance learns from this event that it
 * was replaced.
 */
const register = (
  agent: AgentState,
  { reason, publicKey: named, ...payload }: PayloadOf<typeof agentCommands, "register">,
  context: AgentContext,
): AgentDecision =>
  Result.map(keyOf(agent, named, context), (publicKey) => {
    const profile = { ...payload, ...abilityUnder(payload.capabilities, context), ...defined({ publicKey }) };
    const isSame =
      agent?.registered === true &&
      canonicalJson(Struct.omit(agent, ["registered", "status"])) === canonicalJson(profile);
    return isSame ? [] : [{ type: "agent-registered", data: { ...profile, ...defined({ reason }) } }];
  });

type Ability = Pick<Agent, "capabilities" | "capabilityDetails" | "askedFor" | "maxConcurrentTasks">;

const abilityFields = ["capabilities", "capabilityDetails", "askedFor", "maxConcurrentTasks"] as const;

/** Returns the event of a changed ability; empty if it is the same. */
const newAbility = (agent: Agent, data: Ability, reason?: string): ReadonlyArray<AgentEvent> =>
  canonicalJson(data) === canonicalJson(Struct.pick(agent, abilityFields))
    ? []
    : [{ type: "capabilities-updated", data: { ...data, ...defined({ reason }) } }];

const applyAuthority = (
  agent: Agent,
  { roles, publicKey, ...grants }: PayloadOf<typeof agentCommands, "apply-authority">,
): ReadonlyArray<AgentEvent> => {
  const { capabilityDetails, maxConcurrentTasks } = agent;
  const granted = grantedOf(namedBy(agent), {
    roles: new Set(roles),
    capabilities: new Set(grants.capabilities),
    guarded: new Set(grants.guarded),
  });
  const ability = { ...granted, ...defined({ capabilityDetails }), maxConcurrentTasks };
  return [
    ...newAbility(agent, ability),
    ...(publicKey === agent.publicKey ? [] : [{ type: "key-changed", data: defined({ publicKey }) } as const]),
  ];
};

const deregister = (
  agent: Agent,
  id: string,
  { instance, reason }: PayloadOf<typeof agentCommands, "deregister">,
): AgentDecision => {
  if (!agent.registered) return accept();
  return instance !== undefined && agent.instance !== undefined && instance !== agent.instance
    ? refuse(
        "replaced",
        `agent \`${id}\` was registered again by another instance, \`${agent.instance}\`: leave it to that one`,
      )
    : accept({ type: "agent-deregistered", data: defined({ reason }) });
};

/** Records presence. An agent out of service stays offline, so a heartbeat that is still in transit changes nothing. */
const recordPresence = (agent: Agent, status: PresenceStatus): AgentDecision =>
  !agent.registered || status === agent.status
    ? accept()
    : accept({ type: "presence-changed", data: { status, previous: agent.status } });

/** Refuses a command of another principal without a reason; undefined if the command is allowed. */
const reasonMissing = ({ payload }: Command, { aggregateId: id, principal }: AgentContext) =>
  principal === id || isOwnPrincipal(principal) || "reason" in payload
    ? undefined
    : refuse("reason-needed", `\`${principal}\` is not agent \`${id}\`: give a \`reason\` for acting on its behalf`);

const decide = (command: Command, agent: AgentState, context: AgentContext): AgentDecision => {
  const { aggregateId } = context;
  const unexplained = reasonMissing(command, context);
  if (unexplained !== undefined) return unexplained;
  if (command.type === "register") return register(agent, command.payload, context);
  if (agent === null) return refuse("not-found", `agent \`${aggregateId}\` is not known; register it first`);
  switch (command.type) {
    case "update-capabilities": {
      const { capabilities, maxConcurrentTasks = agent.maxConcurrentTasks, reason } = command.payload;
      const ability = { ...abilityUnder(capabilities, context), maxConcurrentTasks };
      return agent.registered
        ? accept(...newAbility(agent, ability, reason))
        : refuse("not-registered", `agent \`${aggregateId}\` has deregistered; register it again`);
    }
    case "deregister":
      return deregister(agent, aggregateId, command.payload);
    case "apply-authority":
      return accept(...applyAuthority(agent, command.payload));
    case "record-presence":
      return recordPresence(agent, command.payload.status);
  }
};

/** The programs and people that do tasks, take part in dialogs and vote. */
export const agent = defineDecider<KnownToAgents | undefined>()({
  name: "agent",
  description: "The programs and people that do tasks, take part in dialogs and vote.",
  id: Name,
  commands: agentCommands,
  events: agentEvents,
  relations: { self: isSelf },
  state: AgentState,
  stateVersion: 3,
  initial: null,
  decide,
  evolve,
});
