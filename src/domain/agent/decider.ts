import { Struct } from "effect";
import {
  accept,
  type CommandOf,
  canonicalJson,
  type DecisionContext,
  defineDecider,
  defined,
  isSelf,
  Name,
  type PayloadOf,
  refuse,
} from "../kernel/mod.ts";
import { abilityOf } from "./capability.ts";
import { type AgentDecision, agentCommands, agentEvents } from "./contract.ts";
import type { PresenceStatus } from "./presence.ts";
import { type Agent, AgentState, evolve } from "./state.ts";

/**
 * The last instance to register is the agent. An instance that registered before it has been replaced, and learns so
 * from this event.
 */
const register = (agent: AgentState, payload: PayloadOf<typeof agentCommands, "register">): AgentDecision => {
  const profile = { ...payload, ...abilityOf(payload.capabilities) };
  const isSame =
    agent?.registered === true &&
    canonicalJson(Struct.omit(agent, ["registered", "status"])) === canonicalJson(profile);
  return isSame ? accept() : accept({ type: "agent-registered", data: profile });
};

const updateCapabilities = (
  agent: Agent,
  {
    capabilities,
    maxConcurrentTasks = agent.maxConcurrentTasks,
  }: PayloadOf<typeof agentCommands, "update-capabilities">,
): AgentDecision => {
  const data = { ...abilityOf(capabilities), maxConcurrentTasks };
  const { capabilities: before, capabilityDetails, maxConcurrentTasks: most } = agent;
  const isSame =
    canonicalJson(data) ===
    canonicalJson(defined({ capabilities: before, capabilityDetails, maxConcurrentTasks: most }));
  return isSame ? accept() : accept({ type: "capabilities-updated", data });
};

const deregister = (agent: Agent, id: string, instance: string | undefined): AgentDecision => {
  if (!agent.registered) return accept();
  return instance !== undefined && agent.instance !== undefined && instance !== agent.instance
    ? refuse(
        "replaced",
        `agent \`${id}\` was registered again by another instance, \`${agent.instance}\`: leave it to that one`,
      )
    : accept({ type: "agent-deregistered", data: {} });
};

/** An agent that is out of service stays offline: a heartbeat that is still on its way changes nothing. */
const recordPresence = (agent: Agent, status: PresenceStatus): AgentDecision =>
  !agent.registered || status === agent.status
    ? accept()
    : accept({ type: "presence-changed", data: { status, previous: agent.status } });

const decide = (
  command: CommandOf<typeof agentCommands>,
  agent: AgentState,
  { aggregateId }: DecisionContext,
): AgentDecision => {
  if (command.type === "register") return register(agent, command.payload);
  if (agent === null) return refuse("not-found", `agent \`${aggregateId}\` is not known; register it first`);
  switch (command.type) {
    case "update-capabilities":
      return agent.registered
        ? updateCapabilities(agent, command.payload)
        : refuse("not-registered", `agent \`${aggregateId}\` has deregistered; register it again`);
    case "deregister":
      return deregister(agent, aggregateId, command.payload.instance);
    case "record-presence":
      return recordPresence(agent, command.payload.status);
  }
};

/** Those who do tasks, take part in dialogs and vote: programs and people. */
export const agent = defineDecider()({
  name: "agent",
  description: "Those who do tasks, take part in dialogs and vote: programs and people.",
  id: Name,
  commands: agentCommands,
  events: agentEvents,
  relations: { self: isSelf },
  state: AgentState,
  stateVersion: 2,
  initial: null,
  decide,
  evolve,
});
