import { Clock, Effect, Queue } from "effect";
import { type Document, damageOf, type LiveView, positionOf } from "./live-view.ts";
import type { StoreUnavailable, ViewStore } from "./ports/mod.ts";
import { forEachInSlices } from "./time-slices.ts";

/**
 * The pause after a publication, in milliseconds. It grows with the time that the publication took and with the
 * characters that were written, so that a document that changes all the time is written less often under load.
 */
const shortestPause = 100;
const longestPause = 1_000;
const charactersPerMillisecond = 2_000;
const pauseAfter = (took: number, characters: number): number =>
  Math.min(longestPause, Math.max(shortestPause, 2 * took, characters / charactersPerMillisecond));

/**
 * The interval between writes of a view's position, in milliseconds: while documents change, and while none do. It is a durable
 * write, so a position that was written is not written again.
 */
const busyInterval = 1_000;
const idleInterval = 5_000;

/** The characters of a view that are written at a time. More would delay all other work. */
const charactersAtATime = 64_000;

/** The publication of a view: rounds of all changed documents, each round in parts. */
interface Publication {
  readonly one: LiveView;
  /** The documents that remain in this round. */
  readonly pending: Set<string>;
  /** The view's position at the start of this round. */
  position: number;
  /** The number of documents that together have about `charactersAtATime`. */
  share: number;
  /** When the position of the view was last written. */
  completeAt: number;
  /** The last written position; undefined before the first. */
  written: number | undefined;
}

/** Takes a part out of a round, with the current content of each document. */
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

/** Publishes the next part of a round, or starts a new round. Returns the number of characters written. */
const publishPart = Effect.fnUntraced(function* (viewStore: ViewStore["Service"], publication: Publication) {
  const { one, pending } = publication;
  const { name, version } = one.view;
  if (pending.size === 0) {
    for (const id of one.changed) pending.add(id);
    publication.position = one.position;
  }
  const documents = takeShare(publication);
  const now = yield* Clock.currentTimeMillis;
  const isNews = publication.position !== publication.written;
  const completes = pending.size === 0 && isNews && now - publication.completeAt >= busyInterval;
  if (completes) {
    publication.completeAt = now;
    publication.written = publication.position;
  }
  const characters = yield* viewStore.save(name, version, documents, completes ? publication.position : undefined);
  if (documents.size > 0)
    publication.share = Math.max(1, Math.floor((charactersAtATime * documents.size) / Math.max(1, characters)));
  return characters;
});

/**
 * Publishes the views while the lease is held. First it publishes everything that differs from the published documents,
 * also after a rebuild or a change of the publisher. Then it publishes changes. It starts only at the end of the log,
 * so that no published document moves back in time. It ends if a newer version is published, so that a backend with
 * that version can take the lease.
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
    // Later changes belong to the next round, so this round does not claim to include them.
    const { position } = one;
    one.changed.clear();
    const pending = new Set<string>();
    yield* forEachInSlices(one.documents, ([id, document]) => {
      const published = stored.documents.get(id);
      const isPublished =
        !one.distrusted &&
        stored.version === one.view.version &&
        positionOf(published) === positionOf(document) &&
        damageOf(published)?.position === damageOf(document)?.position;
      if (!isPublished || one.view.isIntact?.(published) === false) pending.add(id);
    });
    yield* forEachInSlices(stored.documents.keys(), (id) => {
      if (!one.documents.has(id)) pending.add(id);
    });
    publications.push({ one, pending, position, share: 1, completeAt: begun - busyInterval, written: undefined });
  }
  return yield* Effect.forever(
    Effect.gen(function* () {
      if (publications.every(({ pending }) => pending.size === 0))
        yield* Queue.take(wake).pipe(Effect.timeoutOption(busyInterval));
      const now = yield* Clock.currentTimeMillis;
      const written = yield* Effect.forEach(
        publications.filter(
          ({ one, pending, completeAt, written }) =>
            pending.size > 0 || one.changed.size > 0 || (one.position !== written && now - completeAt >= idleInterval),
        ),
        (publication) => publishPart(viewStore, publication),
        { concurrency: "unbounded" },
      );
      const characters = written.reduce((sum, one) => sum + one, 0);
      yield* Effect.sleep(pauseAfter((yield* Clock.currentTimeMillis) - now, characters));
    }),
  );
});
