import { Schema } from "effect";
import { AggregateId, Instant, Principal } from "../kernel/mod.ts";
import { ContextValues } from "./context.ts";
import { Participant } from "./contract.ts";
import { dialogFields } from "./state.ts";

/** An event of a dialog, with its number, from 1. */
export const TranscriptEntry = Schema.Struct({
  number: Schema.Int,
  at: Instant,
  actor: Principal,
  event: Schema.String,
  data: Schema.Json,
});
export type TranscriptEntry = typeof TranscriptEntry.Type;

/**
 * A part of a dialog's history, oldest first, and the current state of the dialog. If there are more entries, `next` is
 * the number of the next one.
 */
export const Transcript = Schema.Struct({
  dialog: AggregateId,
  type: dialogFields.type,
  topic: dialogFields.topic,
  task: dialogFields.task,
  status: dialogFields.status,
  routing: dialogFields.routing,
  speaker: dialogFields.speaker,
  /** The named and joined participants. `presence` is absent if no agent of that name was ever registered. */
  participants: Schema.Array(Schema.Struct({ ...Participant.fields, presence: Schema.optionalKey(Schema.String) })),
  context: Schema.Struct({
    dialog: ContextValues,
    participant: Schema.Record(Principal, ContextValues),
    topic: ContextValues,
    global: ContextValues,
  }),
  entries: Schema.Array(TranscriptEntry),
  next: Schema.optionalKey(Schema.Int),
});
export type Transcript = typeof Transcript.Type;
