import { Clock, Effect, Queue } from "effect";
import { type Document, type LiveView, positionOf } from "./live-view.ts";
import type { StoreUnavailable, ViewStore } from "./ports/mod.ts";

/**
 * The pause after changed documents were published, in milliseconds: the longer, the longer that took and the more it
 * was, so that a document that changes all the time is written less often when there is much to do.
 */
const shortestPause = 2;
const longestPause = 1_000;
const charactersPerMillisecond = 2_000;
const pauseAfter = (took: number, characters: number): number =>
  Math.min(longestPause, Math.max(shortestPause, 2 * took, characters / charactersPerMillisecond));

/** How far a view is complete is written after so many milliseconds where documents change, and where none do. */
const busyInterval = 1_000;
const idleInterval = 5_000;

/** So many characters of a view are written at a time: what more takes keeps everything else waiting. */
const charactersAtATime = 64_000;

/** What is to be published of a view: rounds of all that has changed, each in parts. */
interface Publication {
  readonly one: LiveView;
  /** What is left of this round. */
  readonly pending: Set<string>;
  /** The view's position when this round began. */
  position: number;
  /** So many documents are about `charactersAtATime`. */
  share: number;
  /** When it was last written how far the view is complete. */
  completeAt: number;
}

/** Takes a share of a round out of it, each document as it is by now. */
const takeShare = ({ one, pending, share }: Publication): ReadonlyMap<string, Document | undefined> => {
  const documents = new Map<string, Document | undefined>();
  for (const id of pending) {
    if (documents.size === share) break;
    pending.delete(id);
    one.changed.delete(id);
    documents.set(id, one.documents.get(id));
  }
  return documents;
};

/** Publishes the next part of a round, or begins a new one. Gives how much that was, in characters. */
const publishPart = Effect.fnUntraced(function* (viewStore: ViewStore["Service"], publication: Publication) {
  const { one, pending } = publication;
  const { name, version } = one.view;
  if (pending.size === 0) {
    for (const id of one.changed) pending.add(id);
    publication.position = one.position;
  }
  const documents = takeShare(publication);
  const now = yield* Clock.currentTimeMillis;
  const completes = pending.size === 0 && now - publication.completeAt >= busyInterval;
  if (completes) publication.completeAt = now;
  const characters = yield* viewStore.save(name, version, documents, completes ? publication.position : undefined);
  if (documents.size > 0)
    publication.share = Math.max(1, Math.floor((charactersAtATime * documents.size) / Math.max(1, characters)));
  return characters;
});

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
  const begun = yield* Clock.currentTimeMillis;
  const publications: Array<Publication> = [];
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
    const pending = new Set<string>();
    for (const [id, document] of one.documents) {
      const published = stored.documents.get(id);
      const isPublished = stored.version === one.view.version && positionOf(published) === positionOf(document);
      if (!isPublished || one.view.isIntact?.(published) === false) pending.add(id);
    }
    for (const id of stored.documents.keys()) if (!one.documents.has(id)) pending.add(id);
    publications.push({ one, pending, position: one.position, share: 1, completeAt: begun - busyInterval });
  }
  return yield* Effect.forever(
    Effect.gen(function* () {
      if (publications.every(({ pending }) => pending.size === 0))
        yield* Queue.take(wake).pipe(Effect.timeoutOption(busyInterval));
      const now = yield* Clock.currentTimeMillis;
      const written = yield* Effect.forEach(
        publications.filter(
          ({ one, pending, completeAt }) =>
            pending.size > 0 || one.changed.size > 0 || now - completeAt >= idleInterval,
        ),
        (publication) => publishPart(viewStore, publication),
        { concurrency: "unbounded" },
      );
      const characters = written.reduce((sum, one) => sum + one, 0);
      yield* Effect.sleep(pauseAfter((yield* Clock.currentTimeMillis) - now, characters));
    }),
  );
});
