import { Schema } from "effect";
import { Capabilities } from "../../domain/agent/capability.ts";
import { AggregateId, Instant, Principal } from "../../domain/kernel/mod.ts";
import { Priority, Strategy } from "../../domain/task/contract.ts";
import { TaskStatus } from "../../domain/task/state.ts";
import { ById, documentFields, documentOperations, Limit, type PublishedView } from "./view.ts";

/** One assignment: the agent, the reasons for the choice, and its end if it is over. */
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
  /** The moment by which the task must have ended. */
  deadline: Schema.optionalKey(Instant),
  agent: Schema.optionalKey(AggregateId),
  attempt: Schema.Int,
  maxAttempts: Schema.Int,
  /** Why the newest assignment chose its agent. */
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
  /** The position of its submission in the log, which orders the queue. */
  submitted: Schema.Int,
  updatedAt: Instant,
}).annotate({ identifier: "TaskDocument" });
export type TaskDocument = typeof TaskDocument.Type;

const { id, type, priority, since, requiredCapabilities } = TaskDocument.fields;

/** The position of a task in the queue, from 1, and what the task waits for. */
const queuePlace = { place: Schema.Int, waitsFor: Schema.String };

export const tasks = {
  description: "Each task: what it asks for, the agent that has it, and its progress.",
  document: TaskDocument,
  operations: {
    ...documentOperations("tasks", TaskDocument, TaskDocument),
    get: {
      description: "The document of one tasks entry; if the task waits, also `queue: {place, waitsFor}`",
      input: ById,
      answer: Schema.Struct({
        ...TaskDocument.fields,
        /** Present only while the task waits for an agent. */
        queue: Schema.optionalKey(Schema.Struct(queuePlace)),
      }),
    },
    queue: {
      description: "The tasks that wait for an agent, next first, and what each waits for",
      input: Schema.Struct({ limit: Limit(1000, 100) }),
      answer: Schema.Struct({
        /** The number of waiting tasks on all pages. */
        waiting: Schema.Int,
        items: Schema.Array(Schema.Struct({ ...queuePlace, id, type, priority, since, requiredCapabilities })),
      }),
    },
  },
} satisfies PublishedView;
