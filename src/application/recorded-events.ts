import { defined, type RecordedEvent } from "../domain/kernel/mod.ts";
import type { Aggregate } from "./aggregate.ts";
import type { Commit } from "./ports/mod.ts";

/** The events derived from a commit. All followers of the log share them. */
interface Made {
  readonly by: Aggregate<unknown> | undefined;
  readonly events: ReadonlyArray<RecordedEvent>;
}

/**
 * Where the derived events are kept: as a symbol in the commit, which is invisible to code that copies, compares or
 * writes it. A `WeakMap` would need longer look-ups and more garbage collection, and every commit of the log passes here.
 */
const made = Symbol("recorded events");

/** Returns the events of a commit as all readers but the store see them: upcast, each with its position. */
export const recordedEvents = (
  by: Aggregate<unknown> | undefined,
  commit: Commit & { readonly [made]?: Made },
): ReadonlyArray<RecordedEvent> => {
  const known = commit[made];
  if (known !== undefined && known.by === by) return known.events;
  const events = record(by, commit);
  Object.defineProperty(commit, made, { value: { by, events }, configurable: true });
  return events;
};

const record = (aggregate: Aggregate<unknown> | undefined, commit: Commit): ReadonlyArray<RecordedEvent> => {
  let previous = commit.previousCid;
  return commit.events.map((stored, index): RecordedEvent => {
    const { type, schemaVersion, data } = aggregate === undefined ? stored : aggregate.upcast(stored);
    const version = commit.firstVersion + index;
    // A plain literal instead of `defined`, because this runs for every event that is read.
    const event: RecordedEvent = {
      eventId: `${commit.aggregate}.${commit.id}.${version}`,
      aggregate: commit.aggregate,
      id: commit.id,
      type,
      schemaVersion,
      version,
      position: commit.position,
      lastOfCommit: index === commit.events.length - 1,
      time: commit.time,
      actor: commit.actor,
      commandId: commit.commandId,
      correlationId: commit.correlationId,
      cid: stored.cid,
      ...defined({ causationId: commit.causationId, traceparent: commit.traceparent, previousCid: previous }),
      data,
    };
    previous = stored.cid;
    return event;
  });
};
