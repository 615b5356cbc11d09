import { Schema } from "effect";
import type { EventOf, EventSpecs } from "./decider.ts";
import { Principal } from "./ids.ts";
import { Instant } from "./time.ts";

/** An event as read from the log, upcast to the newest schema version of its type. */
export interface RecordedEvent {
  /** `<aggregate>.<id>.<version>`, unique in a log and the same at every read. It is the feed's `ce-id`. */
  readonly eventId: string;
  readonly aggregate: string;
  readonly id: string;
  readonly type: string;
  readonly schemaVersion: number;
  /** The number of the event in its aggregate, from 1. */
  readonly version: number;
  /** The stream sequence of its commit. Events of one commit share it. */
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

/** A recorded event that is one of `E`. */
export type RecordedEventOf<E extends EventSpecs> = Omit<RecordedEvent, "type" | "data"> & EventOf<E>;

/**
 * Narrows a recorded event to a decider's own: `if (isEventOf(graph, event) && event.type === "node-added") …`.
 *
 * This is sound because the log decodes every event with its decider's schema before it hands the event out.
 */
export const isEventOf = <E extends EventSpecs>(
  decider: { readonly name: string; readonly events: E },
  event: RecordedEvent,
): event is RecordedEvent & RecordedEventOf<E> => event.aggregate === decider.name && event.type in decider.events;

/** The reference of an event in the log, with which an auditor finds it: its position, actor, time and content id. */
export const LogEntry = Schema.Struct({
  /** The event's id, `<aggregate>.<id>.<version>`. */
  event: Schema.String,
  position: Schema.Int,
  time: Instant,
  actor: Principal,
  cid: Schema.String,
});
export type LogEntry = typeof LogEntry.Type;

/** Returns the reference of a recorded event in the log. */
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
