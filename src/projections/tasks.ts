import { Schema } from "effect";
import { Capabilities } from "../domain/agent/contract.ts";
import { AggregateId, Instant, Principal, type RecordedEventOf } from "../domain/kernel/mod.ts";
import { Priority } from "../domain/task/contract.ts";
import { task } from "../domain/task/decider.ts";
import { TaskStatus } from "../domain/task/state.ts";
import { defineView, documentFields, foldEvents, stampOf } from "./view.ts";

const TaskDocument = Schema.Struct({
  ...documentFields,
  type: Schema.String,
  status: TaskStatus,
  priority: Priority,
  requiredCapabilities: Capabilities,
  preferredCapabilities: Capabilities,
  payload: Schema.optionalKey(Schema.Json),
  agent: Schema.optionalKey(AggregateId),
  attempt: Schema.Int,
  maxAttempts: Schema.Int,
  /** Why the newest assignment went to its agent. */
  reasons: Schema.optionalKey(Schema.Array(Schema.String)),
  progress: Schema.optionalKey(
    Schema.Struct({
      percent: Schema.optionalKey(Schema.Finite),
      message: Schema.optionalKey(Schema.String),
      data: Schema.optionalKey(Schema.Json),
      at: Instant,
    }),
  ),
  result: Schema.optionalKey(Schema.Json),
  failure: Schema.optionalKey(Schema.Struct({ reason: Schema.String, data: Schema.optionalKey(Schema.Json) })),
  submittedBy: Principal,
  submittedAt: Instant,
  updatedAt: Instant,
});
export type TaskDocument = typeof TaskDocument.Type;

type Event = RecordedEventOf<typeof task.events>;

const submitted = (event: Event & { type: "task-submitted" }): TaskDocument => {
  const { acknowledgeWithinSeconds: _, ...request } = event.data;
  return {
    ...stampOf(event),
    ...request,
    status: "submitted",
    attempt: 0,
    submittedBy: event.actor,
    submittedAt: event.time,
    updatedAt: event.time,
  };
};

const withoutAgent = ({ agent: _, ...document }: TaskDocument): TaskDocument => document;

const evolve = (before: TaskDocument | undefined, event: Event): TaskDocument | undefined => {
  if (event.type === "task-submitted") return submitted(event);
  if (before === undefined) return undefined;
  const document = { ...before, ...stampOf(event), updatedAt: event.time };
  switch (event.type) {
    case "task-assigned": {
      const { agent, attempt, reasons } = event.data;
      return { ...document, status: "assigned", agent, attempt, reasons };
    }
    case "task-acknowledged":
      return { ...document, status: "acknowledged" };
    case "task-started":
      return { ...document, status: "in-progress" };
    case "progress-reported": {
      const { agent: _, ...progress } = event.data;
      return { ...document, progress: { ...progress, at: event.time } };
    }
    case "task-completed": {
      const { agent: _, ...outcome } = event.data;
      return { ...document, status: "completed", ...outcome };
    }
    case "task-failed": {
      const { agent: _, ...failure } = event.data;
      return { ...document, status: "failed", failure };
    }
    case "assignment-expired":
      return { ...withoutAgent(document), status: "submitted" };
    case "task-cancelled":
      return { ...document, status: "cancelled" };
  }
};

/** What is to be done, by whom, and how far it is. */
export const tasks = defineView<TaskDocument>({
  name: "tasks",
  version: 1,
  document: TaskDocument,
  apply: foldEvents(task, evolve),
});
