import { Schema } from "effect";
import { bounds, command, event, internalCommand, NonEmptyText, Principal, Text } from "../kernel/mod.ts";

/** A step that a process manager could not do. */
export const ParkedWork = Schema.Struct({
  /** The process manager. */
  manager: Principal,
  /** The event that asked for the step, by its id and the position of its commit. */
  event: Schema.String,
  eventPosition: Schema.Int,
  correlationId: Schema.String,
  traceparent: Schema.optionalKey(Schema.String),
  /** What the step concerns: steps with the same key are done in order. */
  key: Schema.String,
  /** What was to be done; absent if the manager failed at the event itself, or if it is too large to be kept here. */
  action: Schema.optionalKey(Schema.Json),
  /** Why it failed the last time. */
  reason: Schema.String,
  /** How often it was tried before it was parked. */
  attempts: Schema.Int,
});
export type ParkedWork = typeof ParkedWork.Type;

const by = ["admin"] as const;

export const parkedStepCommands = {
  park: internalCommand(ParkedWork, "A process manager has given a step up for now.", { creates: true }),
  settle: internalCommand(Schema.Struct({}), "The step that was tried again is done."),
  retry: command(
    Schema.Struct({ reason: Schema.optionalKey(Text(bounds.text)) }),
    "Has the step tried again, by the process manager that parked it.",
    { by },
  ),
  drop: command(Schema.Struct({ reason: NonEmptyText(bounds.text) }), "Gives the step up for good.", { by }),
};

const reason = Schema.optionalKey(Schema.String);

export const parkedStepEvents = {
  "step-parked": event(ParkedWork, "A step kept failing. The process manager goes on without it."),
  "step-retried": event(Schema.Struct({ reason }), "The step is tried again."),
  "step-settled": event(Schema.Struct({}), "The step is done."),
  "step-dropped": event(Schema.Struct({ reason: Schema.String }), "The step will never be done."),
};
