import type { Result } from "effect";
import {
  accept,
  type CommandOf,
  canonicalJson,
  type DecisionContext,
  defineDecider,
  type EventOf,
  Name,
  type Rejection,
  refuse,
} from "../kernel/mod.ts";
import { type Ability, abilityOf } from "./ability.ts";
import { agentCommands, agentEvents } from "./contract.ts";
import { AgentState } from "./state.ts";

type Command = CommandOf<typeof agentCommands>;
type Event = EventOf<typeof agentEvents>;
type Decision = Result.Result<ReadonlyArray<Event>, Rejection>;
type Known = NonNullable<AgentState>;

const profileOf = ({ registered, status, ...profile }: Known) => profile;

/**
 * Presence outlives registration. Whoever registers last is the agent: an instance that registered before it has been
 * replaced, and learns so from this event.
 */
const register = (agent: AgentState, payload: (Command & { type: "register" })["payload"]): Decision => {
  const profile = { ...payload, ...abilityOf(payload.capabilities) };
  return agent?.registered === true && canonicalJson(profileOf(agent)) === canonicalJson(profile)
    ? accept()
    : accept({ type: "agent-registered", data: profile });
};

const abilityIn = ({ capabilities, capabilityDetails }: Ability): Ability => ({
  capabilities,
  ...(capabilityDetails === undefined ? {} : { capabilityDetails }),
});

const updateCapabilities = (
  agent: Known,
  {
    capabilities,
    maxConcurrentTasks = agent.maxConcurrentTasks,
  }: (Command & { type: "update-capabilities" })["payload"],
): Decision => {
  const ability = abilityOf(capabilities);
  return maxConcurrentTasks === agent.maxConcurrentTasks && canonicalJson(ability) === canonicalJson(abilityIn(agent))
    ? accept()
    : accept({ type: "capabilities-updated", data: { ...ability, maxConcurrentTasks } });
};

const deregister = (agent: Known, id: string, instance: string | undefined): Decision => {
  if (!agent.registered) return accept();
  return instance !== undefined && agent.instance !== undefined && instance !== agent.instance
    ? refuse(
        "replaced",
        `agent \`${id}\` was registered anew by another instance, \`${agent.instance}\`: leave it to that one`,
      )
    : accept({ type: "agent-deregistered", data: {} });
};

/** Who is out of service is offline: what a heartbeat on its way says of it counts for nothing. */
const recordPresence = (agent: Known, status: Known["status"]): Decision =>
  !agent.registered || status === agent.status
    ? accept()
    : accept({ type: "presence-changed", data: { status, previous: agent.status } });

const decide = (command: Command, agent: AgentState, { aggregateId }: DecisionContext): Decision => {
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

const evolve = (agent: AgentState, event: Event): AgentState => {
  if (event.type === "agent-registered") return { ...event.data, registered: true, status: agent?.status ?? "offline" };
  if (agent === null) return agent;
  switch (event.type) {
    case "capabilities-updated": {
      const { capabilityDetails: _, ...rest } = agent;
      return { ...rest, ...event.data };
    }
    case "presence-changed":
      return { ...agent, status: event.data.status };
    case "agent-deregistered":
      return { ...agent, registered: false, status: "offline" };
  }
};

/** Those who do tasks, take part in dialogs and vote: programs and people. */
export const agent = defineDecider()({
  name: "agent",
  description: "Those who do tasks, take part in dialogs and vote: programs and people.",
  id: Name,
  commands: agentCommands,
  events: agentEvents,
  state: AgentState,
  stateVersion: 2,
  initial: null,
  decide,
  evolve,
});
