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
import { agentCommands, agentEvents } from "./contract.ts";
import { AgentState } from "./state.ts";

type Command = CommandOf<typeof agentCommands>;
type Event = EventOf<typeof agentEvents>;
type Decision = Result.Result<ReadonlyArray<Event>, Rejection>;
type Known = NonNullable<AgentState>;

const profileOf = ({ registered, status, ...profile }: Known) => profile;

/** Presence outlives registration: heartbeats arrive whether or not somebody is registered. */
const register = (agent: AgentState, profile: Omit<Known, "registered" | "status">): Decision =>
  agent?.registered === true && canonicalJson(profileOf(agent)) === canonicalJson(profile)
    ? accept()
    : accept({ type: "agent-registered", data: profile });

const updateCapabilities = (
  agent: Known,
  {
    capabilities,
    maxConcurrentTasks = agent.maxConcurrentTasks,
  }: (Command & { type: "update-capabilities" })["payload"],
): Decision =>
  maxConcurrentTasks === agent.maxConcurrentTasks && canonicalJson(capabilities) === canonicalJson(agent.capabilities)
    ? accept()
    : accept({ type: "capabilities-updated", data: { capabilities, maxConcurrentTasks } });

const decide = (command: Command, agent: AgentState, { aggregateId }: DecisionContext): Decision => {
  if (command.type === "register") return register(agent, command.payload);
  if (agent === null) return refuse("not-found", `agent \`${aggregateId}\` is not known; register it first`);
  switch (command.type) {
    case "update-capabilities":
      return agent.registered
        ? updateCapabilities(agent, command.payload)
        : refuse("not-registered", `agent \`${aggregateId}\` has deregistered; register it again`);
    case "deregister":
      return agent.registered ? accept({ type: "agent-deregistered", data: {} }) : accept();
    case "record-presence":
      return command.payload.status === agent.status
        ? accept()
        : accept({ type: "presence-changed", data: { status: command.payload.status, previous: agent.status } });
  }
};

const evolve = (agent: AgentState, event: Event): AgentState => {
  if (event.type === "agent-registered") return { ...event.data, registered: true, status: agent?.status ?? "offline" };
  if (agent === null) return agent;
  switch (event.type) {
    case "capabilities-updated":
      return { ...agent, ...event.data };
    case "presence-changed":
      return { ...agent, status: event.data.status };
    case "agent-deregistered":
      return { ...agent, registered: false };
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
  stateVersion: 1,
  initial: null,
  decide,
  evolve,
});
