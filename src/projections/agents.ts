import { Struct } from "effect";
import type { AgentDocument } from "../contract/views/agents.ts";
import { agent } from "../domain/agent/decider.ts";
import { defined, type EventOf, isEventOf, type RecordedEventOf } from "../domain/kernel/mod.ts";
import { task } from "../domain/task/decider.ts";
import { defineView, foldEvents, oneForEach, stampOf, type View } from "./view.ts";

const evolve = (
  document: AgentDocument | undefined,
  event: RecordedEventOf<typeof agent.events>,
): AgentDocument | undefined => {
  if (event.type === "agent-registered") {
    const { status = "offline", activeTasks = [], registered = false, registeredAt, lastSeen } = document ?? {};
    return {
      ...stampOf(event),
      ...Struct.omit(event.data, ["reason"]),
      ...defined({ status, registered: true, activeTasks, lastSeen }),
      registeredAt: (registered ? registeredAt : undefined) ?? event.time,
    };
  }
  if (document === undefined) return undefined;
  switch (event.type) {
    case "capabilities-updated":
      return {
        ...Struct.omit(document, ["capabilityDetails", "askedFor"]),
        ...stampOf(event),
        ...Struct.omit(event.data, ["reason"]),
      };
    case "key-changed":
      return { ...Struct.omit(document, ["publicKey"]), ...stampOf(event), ...event.data };
    case "presence-changed":
      return { ...document, ...stampOf(event), status: event.data.status, lastSeen: event.time };
    case "agent-deregistered":
      return {
        ...document,
        ...stampOf(event),
        registered: false,
        ...(document.status === "offline" ? {} : { status: "offline", lastSeen: event.time }),
      };
  }
};

/** Returns the agent whose tasks an event changes, and whether it has the task afterwards. */
const holderChange = (
  event: EventOf<typeof task.events>,
): { readonly agent: string | undefined; readonly holds: boolean } | undefined => {
  switch (event.type) {
    case "task-assigned":
      return { agent: event.data.agent, holds: true };
    case "task-completed":
    case "task-failed":
    case "task-cancelled":
    case "assignment-expired":
    case "attempt-failed":
      return { agent: event.data.agent, holds: false };
    default:
      return undefined;
  }
};

const foldAgent = foldEvents(agent, evolve);

/** Updates an agent's `activeTasks` from events of tasks. This changes its `position` but not its `version`. */
const foldTask: View<"agents">["apply"] = (get, commit) => {
  const changed = new Map<string, AgentDocument>();
  for (const event of commit) {
    const change = isEventOf(task, event) ? holderChange(event) : undefined;
    if (change?.agent === undefined) continue;
    const document = changed.get(change.agent) ?? get(change.agent);
    if (document === undefined) continue;
    const others = document.activeTasks.filter((id) => id !== event.id);
    changed.set(change.agent, {
      ...document,
      activeTasks: change.holds ? [...others, event.id] : others,
      position: event.position,
    });
  }
  return [...changed];
};

/** Capabilities, presence and tasks of each agent. */
export const agents = defineView({
  name: "agents",
  version: 3,
  keyOf: oneForEach(agent),
  apply: (get, commit) => (commit[0]?.aggregate === task.name ? foldTask(get, commit) : foldAgent(get, commit)),
});
