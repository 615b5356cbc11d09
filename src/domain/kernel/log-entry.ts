import { Schema } from "effect";
import { Principal } from "./ids.ts";
import type { RecordedEvent } from "./recorded-event.ts";
import { Instant } from "./time.ts";

/** Where an event is in the log, who caused it and when, and its content id: what an auditor looks it up by. */
export const LogEntry = Schema.Struct({
  /** The event's id, `<aggregate>.<id>.<version>`. */
  event: Schema.String,
  position: Schema.Int,
  time: Instant,
  actor: Principal,
  cid: Schema.String,
});
export type LogEntry = typeof LogEntry.Type;

/** Where a recorded event is in the log. */
export const logEntryOf = ({
  eventId: event,
  position,
  time,
  actor,
  cid,
}: Pick<RecordedEvent, "eventId" | "position" | "time" | "actor" | "cid">): LogEntry => ({
  event,
  position,
  time,
  actor,
  cid,
});
