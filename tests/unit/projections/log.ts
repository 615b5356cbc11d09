import { Schema } from "effect";
import { type DocumentOf, publishedViews, type ViewName } from "../../../src/contract/views/mod.ts";
import type { EventOf, EventSpecs, RecordedEvent } from "../../../src/domain/kernel/mod.ts";
import type { View } from "../../../src/projections/view.ts";

type Commit = ReadonlyArray<RecordedEvent>;

/** The moment of a commit: a second for each position, so that positions and times can be compared at a glance. */
export const timeAt = (position: number): string => new Date(Date.UTC(2026, 0, 1) + position * 1000).toISOString();

/**
 * A log in memory: `commit(task, "task-1", [...events])` appends one commit, `documents(view)` is the view of it all.
 * Every document is checked against the view's schema on the way.
 */
export const makeLog = () => {
  const commits: Array<Commit> = [];
  const versions = new Map<string, number>();
  return {
    commit: <E extends EventSpecs>(
      decider: { readonly name: string; readonly events: E },
      id: string,
      events: ReadonlyArray<EventOf<E>>,
      actor = "someone",
    ): void => {
      const position = commits.length + 1;
      const key = `${decider.name}.${id}`;
      const before = versions.get(key) ?? 0;
      commits.push(
        events.map((event, index) => ({
          eventId: `${key}.${before + index + 1}`,
          aggregate: decider.name,
          id,
          type: event.type,
          schemaVersion: 1,
          version: before + index + 1,
          position,
          lastOfCommit: index === events.length - 1,
          time: timeAt(position),
          actor,
          commandId: `command-${position}`,
          correlationId: `command-${position}`,
          cid: `cid-${key}.${before + index + 1}`,
          data: event.data as Schema.Json,
        })),
      );
      versions.set(key, before + events.length);
    },
    documents: <V extends ViewName>(view: View<V>): ReadonlyMap<string, DocumentOf<V>> => {
      const documents = new Map<string, DocumentOf<V>>();
      const check = Schema.decodeUnknownSync(publishedViews[view.name].document, { onExcessProperty: "error" });
      for (const commit of commits) {
        for (const [key, document] of view.apply((wanted) => documents.get(wanted), commit)) {
          if (document === undefined) documents.delete(key);
          else {
            check(document);
            documents.set(key, document);
          }
        }
      }
      return documents;
    },
  };
};
