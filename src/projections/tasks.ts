import { Struct } from "effect";
import type { AttemptDocument, TaskDocument } from "../contract/views/tasks.ts";
import { addSeconds, defined, type RecordedEventOf } from "../domain/kernel/mod.ts";
import { defaultStrategy } from "../domain/task/contract.ts";
import { task } from "../domain/task/decider.ts";
import type { TaskStatus } from "../domain/task/state.ts";
import { defineView, foldEvents, oneForEach, stampOf, type View } from "./view.ts";

type Event = RecordedEventOf<typeof task.events>;

const submitted = (event: Event & { type: "task-submitted" }): TaskDocument => {
  const { acknowledgeWithinSeconds: _, startWithinSeconds: __, deadlineSeconds, ...request } = event.data;
  return {
    ...stampOf(event),
    ...request,
    ...defined({
      deadline: deadlineSeconds === undefined ? undefined : addSeconds(event.time, deadlineSeconds),
    }),
    status: "submitted",
    since: event.time,
    strategy: request.strategy ?? defaultStrategy,
    attempt: 0,
    attempts: [],
    openChildren: [],
    submittedBy: request.chain?.at(-1) ?? event.actor,
    submittedAt: event.time,
    submitted: event.position,
    updatedAt: event.time,
  };
};

/** Returns the attempts with the last one ended. */
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
        ...Struct.omit(document, ["agent"]),
        status: "submitted",
        since,
        attempts: ended(document, since, event.data.reason),
        openChildren: [],
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

/** Updates a task, and its parent's list of children. This changes the parent's `position` but not its `version`. */
const apply: View<"tasks">["apply"] = (get, commit) => {
  const changed = foldTask(get, commit);
  const [[, child] = []] = changed;
  if (child?.parent === undefined || child.status === get(child.id)?.status) return changed;
  const parent = get(child.parent);
  return parent?.children?.some(({ id }) => id === child.id) === true
    ? [...changed, [parent.id, { ...withChild(parent, child.id, child.status), position: child.position }] as const]
    : changed;
};

/** The content, the agent and the progress of each task. */
export const tasks = defineView({ name: "tasks", version: 2, keyOf: oneForEach(task), apply });
