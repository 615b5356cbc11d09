import { Clock, Effect, Queue } from "effect";
import { type Document, type LiveView, positionOf } from "./live-view.ts";
import type { StoreUnavailable, ViewStore } from "./ports/mod.ts";

/**
 * The pause after changed documents were published, in milliseconds: the longer, the longer that took and the more it
 * was, so that a document that changes all the time is written less often when there is much to do.
 */
const shortestPause = 2;
const longestPause = 1_000;
const charactersPerMillisecond = 4_000;
const pauseAfter = (took: number, characters: number): number =>
  Math.min(longestPause, Math.max(shortestPause, 2 * took, characters / charactersPerMillisecond));

/** How far a view is complete is written after so many milliseconds where documents change, and where none do. */
const busyInterval = 1_000;
const idleInterval = 5_000;

/**
 * Publishes the views for as long as the lease lasts: first all that differs from what is published (also after a
 * rebuild or a change of the publisher), then what changes. It starts at the end of the log, so that nothing published
 * goes back; and it ends where a newer version is published, so that a backend that has it can have the lease.
 */
export const publish = Effect.fnUntraced(function* (
  viewStore: ViewStore["Service"],
  live: ReadonlyArray<LiveView>,
  endOfLog: Effect.Effect<void, StoreUnavailable>,
  wake: Queue.Dequeue<void>,
) {
  yield* endOfLog;
  /** When it was last written how far a view is complete. */
  const completeAt = new Map<string, number>();
  for (const one of live) {
    const stored = yield* viewStore.load(one.view.name);
    if (stored.version > one.view.version) {
      if (one.superseded) return;
      one.superseded = true;
      return yield* Effect.logWarning(
        `view ${one.view.name}: a newer backend publishes version ${stored.version}; this one has ${one.view.version} and leaves it alone`,
      );
    }
    one.changed.clear();
    const changes = new Map<string, Document | undefined>();
    for (const [id, document] of one.documents) {
      const published = stored.documents.get(id);
      const isPublished = stored.version === one.view.version && positionOf(published) === positionOf(document);
      if (!isPublished || one.view.isIntact?.(published) === false) {
        changes.set(id, document);
      }
    }
    for (const id of stored.documents.keys()) if (!one.documents.has(id)) changes.set(id, undefined);
    yield* viewStore.save(one.view.name, one.view.version, changes, one.position);
  }
  return yield* Effect.forever(
    Effect.gen(function* () {
      yield* Queue.take(wake).pipe(Effect.timeoutOption(busyInterval));
      const now = yield* Clock.currentTimeMillis;
      const since = ({ view }: LiveView) => now - (completeAt.get(view.name) ?? 0);
      const written = yield* Effect.forEach(
        live.filter((one) => one.changed.size > 0 || since(one) >= idleInterval),
        (one) => {
          const { name, version } = one.view;
          const changes = new Map([...one.changed].map((id) => [id, one.documents.get(id)]));
          one.changed.clear();
          if (since(one) < busyInterval) return viewStore.save(name, version, changes);
          completeAt.set(name, now);
          return viewStore.save(name, version, changes, one.position);
        },
        { concurrency: "unbounded" },
      );
      const characters = written.reduce((sum, one) => sum + one, 0);
      yield* Effect.sleep(pauseAfter((yield* Clock.currentTimeMillis) - now, characters));
    }),
  );
});
