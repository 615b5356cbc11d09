import { Schema } from "effect";
import { Capabilities } from "../../domain/agent/capability.ts";
import { AggregateId, Instant, Principal } from "../../domain/kernel/mod.ts";
import { Priority, Strategy } from "../../domain/task/contract.ts";
import { TaskStatus } from "../../domain/task/state.ts";
import { ById, documentFields, documentOperations, Limit, type PublishedView } from "./view.ts";

/** One assignment: the agent, the reasons for it, and its end if it is over. */
export const AttemptDocument = Schema.Struct({
  attempt: Schema.Int,
  agent: AggregateId,
  strategy: Schema.String,
  reasons: Schema.Array(Schema.String),
  assignedAt: Instant,
  ended: Schema.optionalKey(Schema.Struct({ at: Instant, why: Schema.String })),
}).annotate({ identifier: "AttemptDocument" });
export type AttemptDocument = typeof AttemptDocument.Type;

export const TaskDocument = Schema.Struct({
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
}).annotate({ identifier: "TaskDocument" });
export type TaskDocument = typeof TaskDocument.Type;

const { id, type, priority, since, requiredCapabilities } = TaskDocument.fields;

/** The place of a task in the queue, from 1, and what it waits for, in words. */
const queuePlace = { place: Schema.Int, waitsFor: Schema.String };

export const tasks = {
  description: "What is to be done, by which agent, and how far it is.",
  document: TaskDocument,
  operations: {
    ...documentOperations("tasks", TaskDocument, TaskDocument),
    get: {
      description: "The document of one tasks entry; of one that waits, also `queue: {place, waitsFor}`",
      input: ById,
      answer: Schema.Struct({
        ...TaskDocument.fields,
        /** Absent unless the task waits for an agent. */
        queue: Schema.optionalKey(Schema.Struct(queuePlace)),
      }),
    },
    queue: {
      description: "The tasks that wait for an agent, the next one first, and what each waits for",
      input: Schema.Struct({ limit: Limit(1000, 100) }),
      answer: Schema.Struct({
        /** How many tasks wait, on all pages. */
        waiting: Schema.Int,
        items: Schema.Array(Schema.Struct({ ...queuePlace, id, type, priority, since, requiredCapabilities })),
      }),
    },
  },
} satisfies PublishedView;
