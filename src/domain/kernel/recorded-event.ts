import { Schema } from "effect";
import type { EventOf, EventSpecs } from "./decider.ts";
import { Principal } from "./ids.ts";
import { Instant } from "./time.ts";

/** An event as read from the log, upcast to the newest schema version of its type. */
export interface RecordedEvent {
  /** `<aggregate>.<id>.<version>`, unique in a log and the same at every reading; the feed's `ce-id`. */
  readonly eventId: string;
  readonly aggregate: string;
  readonly id: string;
  readonly type: string;
  readonly schemaVersion: number;
  /** The number of the event in its aggregate, from 1. */
  readonly version: number;
  /** The stream sequence of the commit that holds it. Events of one commit share it. */
  readonly position: number;
  /** True for the last event of its commit. */
  readonly lastOfCommit: boolean;
  readonly time: string;
  readonly actor: string;
  readonly commandId: string;
  readonly correlationId: string;
  readonly causationId?: string;
  readonly traceparent?: string;
  readonly cid: string;
  readonly previousCid?: string;
  readonly data: Schema.Json;
}

/** A recorded event that is known to be one of `E`. */
export type RecordedEventOf<E extends EventSpecs> = Omit<RecordedEvent, "type" | "data"> & EventOf<E>;

/**
 * Narrows a recorded event to a decider's own: `if (isEventOf(graph, event) && event.type === "node-added") …`.
 *
 * Sound because the log decodes every event with the schema of its decider before anyone sees it.
 */
export const isEventOf = <E extends EventSpecs>(
  decider: { readonly name: string; readonly events: E },
  event: RecordedEvent,
): event is RecordedEvent & RecordedEventOf<E> => event.aggregate === decider.name && event.type in decider.events;

/** The place of an event in the log, its actor, its time and its content id, by which an auditor looks it up. */
export const LogEntry = Schema.Struct({
  /** The event's id, `<aggregate>.<id>.<version>`. */
  event: Schema.String,
  position: Schema.Int,
  time: Instant,
  actor: Principal,
  cid: Schema.String,
});
export type LogEntry = typeof LogEntry.Type;

/** Returns the place of a recorded event in the log. */
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
