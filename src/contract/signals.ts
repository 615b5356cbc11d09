import { Schema } from "effect";
import { Step } from "../domain/deployment/steps.ts";
import { Name } from "../domain/kernel/mod.ts";
import { Entry } from "../domain/knowledge/record.ts";

/** A sign of life of an agent, on `cim.hb.<agentId>`; an empty message counts too. */
export const Heartbeat = Schema.Struct({
  activeTasks: Schema.optionalKey(Schema.Int),
  /** The share of `maxConcurrentTasks` that is in use. */
  load: Schema.optionalKey(Schema.Finite),
  /** The run of the agent's program that sends it. */
  instance: Schema.optionalKey(Schema.String),
}).annotate({ identifier: "Heartbeat" });
export type Heartbeat = typeof Heartbeat.Type;

/**
 * What a replica of a knowledge space writes, sent to the other replicas on core NATS before the log has it. Without it
 * a replica would see what others write only after a round through the backend.
 */
export const Announcement = Entry;
export type Announcement = typeof Announcement.Type;

/** The most that one message of a step's output may carry. */
const longestOutput = 100;
const longestLine = 1_000;

/**
 * What the programs of a deployment's step have printed, sent on core NATS while they run; nothing keeps it. It is to be
 * believed of the agent that has the deployment's task, and of nobody else.
 */
export const StepOutput = Schema.Struct({
  host: Name,
  step: Step,
  lines: Schema.Array(Schema.String.check(Schema.isMaxLength(longestLine))).check(Schema.isMaxLength(longestOutput)),
}).annotate({ identifier: "StepOutput" });
export type StepOutput = typeof StepOutput.Type;

/** The most characters of one message about a draft. */
export const longestDraftMessage = 512 * 1024;

/**
 * What one page that has a draft open tells the others, on core NATS; nothing keeps it. `ask`: a yjs state vector, and
 * whoever has more answers with an `update`. `update`: a yjs update. `presence`: what is selected there; `leave`: nothing
 * any more; `arranged`, under the id of a graph: it has another arrangement. It is to be believed of the principal in the subject.
 */
export const DraftMessage = Schema.Struct({
  /** The page that says it: one person may have several open. */
  page: Schema.String.check(Schema.isMaxLength(64)),
  kind: Schema.Literals(["ask", "update", "presence", "leave", "arranged"]),
  /** Base64 of `ask` and `update`; the key of what is selected of `presence`. */
  data: Schema.String.check(Schema.isMaxLength(longestDraftMessage)),
}).annotate({ identifier: "DraftMessage" });
export type DraftMessage = typeof DraftMessage.Type;
