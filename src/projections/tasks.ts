import { Schema } from "effect";
import { Capabilities } from "../domain/agent/capability.ts";
import { AggregateId, addSeconds, Instant, Principal, type RecordedEventOf } from "../domain/kernel/mod.ts";
import { defaultStrategy, Priority, Strategy } from "../domain/task/contract.ts";
import { task } from "../domain/task/decider.ts";
import { TaskStatus } from "../domain/task/state.ts";
import { defineView, documentFields, foldEvents, stampOf, type View } from "./view.ts";

/** One assignment: to whom and why, and how it ended where it is over. */
const AttemptDocument = Schema.Struct({
  attempt: Schema.Int,
  agent: AggregateId,
  strategy: Schema.String,
  reasons: Schema.Array(Schema.String),
  assignedAt: Instant,
  ended: Schema.optionalKey(Schema.Struct({ at: Instant, why: Schema.String })),
});
type AttemptDocument = typeof AttemptDocument.Type;

const TaskDocument = Schema.Struct({
  ...documentFields,
  type: Schema.String,
  status: TaskStatus,
  /** Since when it has this status. */
  since: Instant,
  priority: Priority,
  requiredCapabilities: Capabilities,
  preferredCapabilities: Capabilities,
  to: Schema.optionalKey(AggregateId),
  strategy: Strategy,
  payload: Schema.optionalKey(Schema.Json),
  /** Until when it must be over. */
  deadline: Schema.optionalKey(Instant),
  agent: Schema.optionalKey(AggregateId),
  attempt: Schema.Int,
  maxAttempts: Schema.Int,
  /** Why the newest assignment went to its agent. */
  reasons: Schema.optionalKey(Schema.Array(Schema.String)),
  attempts: Schema.Array(AttemptDocument),
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
  parent: Schema.optionalKey(AggregateId),
  chain: Schema.optionalKey(Schema.Array(AggregateId)),
  children: Schema.optionalKey(
    Schema.Array(Schema.Struct({ id: AggregateId, type: Schema.String, status: TaskStatus })),
  ),
  /** The children that the task waits for before it can be completed. */
  openChildren: Schema.Array(AggregateId),
  submittedBy: Principal,
  submittedAt: Instant,
  /** The log's position of its submission: its age in the queue. */
  submitted: Schema.Int,
  updatedAt: Instant,
});
export type TaskDocument = typeof TaskDocument.Type;

type Event = RecordedEventOf<typeof task.events>;

const submitted = (event: Event & { type: "task-submitted" }): TaskDocument => {
  const { acknowledgeWithinSeconds: _, deadlineSeconds, ...request } = event.data;
  return {
    ...stampOf(event),
    ...request,
    ...{ status: "submitted", since: event.time, strategy: request.strategy ?? defaultStrategy },
    ...(deadlineSeconds === undefined ? {} : { deadline: addSeconds(event.time, deadlineSeconds) }),
    ...{ attempt: 0, attempts: [], openChildren: [] },
    submittedBy: request.chain?.at(-1) ?? event.actor,
    ...{ submittedAt: event.time, submitted: event.position, updatedAt: event.time },
  };
};

const withoutAgent = ({ agent: _, ...document }: TaskDocument): TaskDocument => document;

/** The attempts, of which the last one is over now. */
const ended = ({ attempts }: TaskDocument, at: string, why: string): ReadonlyArray<AttemptDocument> => {
  const last = attempts.at(-1);
  return last === undefined || last.ended !== undefined
    ? attempts
    : [...attempts.slice(0, -1), { ...last, ended: { at, why } }];
};

const given = (document: TaskDocument, { data, time }: Event & { type: "task-assigned" }): TaskDocument => {
  const { agent, attempt, strategy, reasons } = data;
  const attempts = [...document.attempts, { attempt, agent, strategy, reasons, assignedAt: time }];
  return { ...document, status: "assigned", since: time, agent, attempt, reasons, attempts };
};

const evolve = (before: TaskDocument | undefined, event: Event): TaskDocument | undefined => {
  if (event.type === "task-submitted") return submitted(event);
  if (before === undefined) return undefined;
  const { time: since } = event;
  const document = { ...before, ...stampOf(event), updatedAt: since };
  switch (event.type) {
    case "task-assigned":
      return given(document, event);
    case "task-acknowledged":
      return { ...document, status: "acknowledged", since };
    case "task-started":
      return { ...document, status: "in-progress", since };
    case "progress-reported": {
      const { agent: _, ...progress } = event.data;
      return { ...document, progress: { ...progress, at: since } };
    }
    case "task-delegated": {
      const children = event.data.tasks.map(({ id, type }) => ({ id, type, status: "submitted" as const }));
      return {
        ...document,
        children: [...(document.children ?? []), ...children],
        openChildren: [...document.openChildren, ...children.map(({ id }) => id)],
      };
    }
    case "child-ended": {
      const { child, status } = event.data;
      const openChildren = document.openChildren.filter((id) => id !== child);
      return { ...withChild(document, child, status), openChildren };
    }
    case "task-completed": {
      const { agent: _, ...outcome } = event.data;
      return { ...document, status: "completed", since, attempts: ended(document, since, "completed"), ...outcome };
    }
    case "task-failed": {
      const { agent: _, ...failure } = event.data;
      const attempts = ended(document, since, failure.reason);
      return { ...document, status: "failed", since, attempts, failure, openChildren: [] };
    }
    case "assignment-expired":
    case "attempt-failed":
      return {
        ...withoutAgent(document),
        ...{ status: "submitted", since, attempts: ended(document, since, event.data.reason), openChildren: [] },
      };
    case "task-cancelled":
      return {
        ...document,
        status: "cancelled",
        since,
        attempts: ended(document, since, "cancelled"),
        openChildren: [],
      };
  }
};

const withChild = (document: TaskDocument, id: string, status: TaskStatus): TaskDocument => ({
  ...document,
  children: (document.children ?? []).map((child) => (child.id === id ? { ...child, status } : child)),
});

const foldTask = foldEvents(task, evolve);

/** A parent shows how far its children are; its `position` moves then, its `version` does not. */
const apply: View<TaskDocument>["apply"] = (get, commit) => {
  const changed = foldTask(get, commit);
  const [[, child] = []] = changed;
  if (child?.parent === undefined || child.status === get(child.id)?.status) return changed;
  const parent = get(child.parent);
  return parent?.children?.some(({ id }) => id === child.id) === true
    ? [...changed, [parent.id, { ...withChild(parent, child.id, child.status), position: child.position }] as const]
    : changed;
};

/** What is to be done, by whom, and how far it is. */
export const tasks = defineView<TaskDocument>({ name: "tasks", version: 2, document: TaskDocument, apply });
