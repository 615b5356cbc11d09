import { Schema } from "effect";
import { Step } from "../domain/deployment/steps.ts";
import { Name } from "../domain/kernel/mod.ts";
import { Entry } from "../domain/knowledge/record.ts";

/** A heartbeat of an agent, on `cim.hb.<agentId>`. An empty message counts too. */
export const Heartbeat = Schema.Struct({
  activeTasks: Schema.optionalKey(Schema.Int),
  /** The share of `maxConcurrentTasks` that is in use. */
  load: Schema.optionalKey(Schema.Finite),
  /** The run of the agent's program that sends the heartbeat. */
  instance: Schema.optionalKey(Schema.String),
}).annotate({ identifier: "Heartbeat" });
export type Heartbeat = typeof Heartbeat.Type;

/**
 * A new record of a replica of a knowledge space, sent to the other replicas on core NATS before the log has it.
 * Without it, a replica would see the writes of others only after a round trip through the backend.
 */
export const Announcement = Entry;
export type Announcement = typeof Announcement.Type;

/** The most lines of a step's output in one message. */
const longestOutput = 100;
const longestLine = 1_000;

/**
 * Output of the programs of a deployment's step, sent on core NATS while they run. It is not stored. Readers believe it
 * only if it comes from the agent that has the deployment's task.
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
 * A message between the pages that have the same draft open, on core NATS. It is not stored. `ask` has a yjs state
 * vector; a page that has more answers with an `update`. `update` has a yjs update. `presence` says what is selected on
 * that page, and `leave` ends it. `arranged`, under the id of a graph, says that its boxes have another arrangement.
 * Readers attribute the message to the principal in the subject.
 */
export const DraftMessage = Schema.Struct({
  /** The page that sends it. One person may have several pages open. */
  page: Schema.String.check(Schema.isMaxLength(64)),
  kind: Schema.Literals(["ask", "update", "presence", "leave", "arranged"]),
  /** Base64 for `ask` and `update`; the key of the selected thing for `presence`. */
  data: Schema.String.check(Schema.isMaxLength(longestDraftMessage)),
}).annotate({ identifier: "DraftMessage" });
export type DraftMessage = typeof DraftMessage.Type;
