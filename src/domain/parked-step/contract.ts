import { Schema } from "effect";
import { bounds, command, event, internalCommand, NonEmptyText, Principal, Text } from "../kernel/mod.ts";

/** A step that a process manager could not complete. */
export const ParkedWork = Schema.Struct({
  /** The process manager. */
  manager: Principal,
  /** The event that caused the step, by its id and the position of its commit. */
  event: Schema.String,
  eventPosition: Schema.Int,
  correlationId: Schema.String,
  traceparent: Schema.optionalKey(Schema.String),
  /** The key of the step. Steps with the same key run in order. */
  key: Schema.String,
  /** The action; absent if the manager failed at the event itself, or if the action is too large to store. */
  action: Schema.optionalKey(Schema.Json),
  /** Why the last attempt failed. */
  reason: Schema.String,
  /** The number of attempts before it was parked. */
  attempts: Schema.Int,
});
export type ParkedWork = typeof ParkedWork.Type;

const by = ["admin"] as const;

export const parkedStepCommands = {
  park: internalCommand(ParkedWork, "Parks a step that a process manager could not complete.", { creates: true }),
  settle: internalCommand(Schema.Struct({}), "Records that a retried step succeeded."),
  retry: command(
    Schema.Struct({ reason: Schema.optionalKey(Text(bounds.text)) }),
    "Retries the step in the process manager that parked it.",
    { by },
  ),
  drop: command(Schema.Struct({ reason: NonEmptyText(bounds.text) }), "Drops the step permanently.", { by }),
};

const reason = Schema.optionalKey(Schema.String);

export const parkedStepEvents = {
  "step-parked": event(ParkedWork, "A step kept failing, so the process manager continues without it."),
  "step-retried": event(Schema.Struct({ reason }), "A retry of the step was requested."),
  "step-settled": event(Schema.Struct({}), "The step succeeded."),
  "step-dropped": event(Schema.Struct({ reason: Schema.String }), "The step was dropped and will never run."),
};
