import { Schema } from "effect";
import { Capabilities, DetailsByCapability } from "../domain/agent/capability.ts";
import { AgentMetadata, Instance, MaxConcurrentTasks, PublicKey } from "../domain/agent/contract.ts";
import { agent } from "../domain/agent/decider.ts";
import { PresenceStatus } from "../domain/agent/presence.ts";
import { AggregateId, type EventOf, Instant, isEventOf, Name, type RecordedEventOf } from "../domain/kernel/mod.ts";
import { task } from "../domain/task/decider.ts";
import { defineView, documentFields, foldEvents, stampOf, type View } from "./view.ts";

const AgentDocument = Schema.Struct({
  ...documentFields,
  id: Name,
  name: Schema.optionalKey(Schema.String),
  capabilities: Capabilities,
  capabilityDetails: Schema.optionalKey(DetailsByCapability),
  maxConcurrentTasks: MaxConcurrentTasks,
  publicKey: Schema.optionalKey(PublicKey),
  metadata: Schema.optionalKey(AgentMetadata),
  instance: Schema.optionalKey(Instance),
  status: PresenceStatus,
  registered: Schema.Boolean,
  activeTasks: Schema.Array(AggregateId),
  registeredAt: Instant,
  /** When the status last changed. */
  lastSeen: Schema.optionalKey(Instant),
});
export type AgentDocument = typeof AgentDocument.Type;

const evolve = (
  document: AgentDocument | undefined,
  event: RecordedEventOf<typeof agent.events>,
): AgentDocument | undefined => {
  if (event.type === "agent-registered") {
    const { status = "offline", activeTasks = [], registered = false, lastSeen } = document ?? {};
    return {
      ...stampOf(event),
      ...event.data,
      status,
      registered: true,
      activeTasks,
      registeredAt: registered && document !== undefined ? document.registeredAt : event.time,
      ...(lastSeen === undefined ? {} : { lastSeen }),
    };
  }
  if (document === undefined) return undefined;
  switch (event.type) {
    case "capabilities-updated": {
      const { capabilityDetails: _, ...rest } = document;
      return { ...rest, ...stampOf(event), ...event.data };
    }
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

/** The agent whose tasks an event of a task changes, and whether it has the task from then on. */
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

/** An agent's `activeTasks` follow the tasks; its `position` moves then, its `version` does not. */
const foldTask: View<AgentDocument>["apply"] = (get, commit) => {
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

/** Who can do what, who is there, and who has which tasks. */
export const agents = defineView<AgentDocument>({
  name: "agents",
  version: 2,
  document: AgentDocument,
  apply: (get, commit) => (commit[0]?.aggregate === task.name ? foldTask(get, commit) : foldAgent(get, commit)),
});
