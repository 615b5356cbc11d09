import { Clock, Context, Deferred, Effect, Layer, Queue, Result, Schedule, type Schema, Stream } from "effect";
import type { RecordedEvent } from "../domain/kernel/mod.ts";
import type { Aggregate } from "./aggregate.ts";
import { CommandError } from "./command-error.ts";
import { recordedEvents } from "./history.ts";
import { EventStore, Leases, type LogItem, type StoreUnavailable, ViewStore } from "./ports/mod.ts";
import { spanOf } from "./trace-context.ts";

type Document = Schema.Json;
type Documents = ReadonlyMap<string, Document>;

/**
 * A view as the engine sees it: a pure function from the events of one commit to the documents they change. A document
 * carries the `position` of the newest event in it.
 */
export interface MaintainedView {
  readonly name: string;
  /** Grows when `apply` or the documents change; the view is then rebuilt beside the one in use. */
  readonly version: number;
  apply(
    get: (id: string) => unknown,
    commit: ReadonlyArray<RecordedEvent>,
  ): ReadonlyArray<readonly [id: string, document: unknown]>;
}

/** How often changed documents are published, at most. */
const publishInterval = "25 millis";
/** A checkpoint without changed documents is written after so many milliseconds. */
const checkpointInterval = 5_000;
/** How long a reader waits for a position. */
const waitTimeout = "5 seconds";

/** All views, in memory in every backend, and published by one of them. */
export class ReadModels extends Context.Service<
  ReadModels,
  {
    /** The documents of a view, complete up to at least `minPosition` (bounded wait, then `timeout`). */
    readonly documents: (
      view: string,
      minPosition?: number,
    ) => Effect.Effect<{ readonly position: number; readonly documents: Documents }, CommandError>;
    /** The documents of a view, complete up to the end of the log at the moment of the call. */
    readonly upToDate: (view: string) => Effect.Effect<Documents, CommandError>;
  }
>()("cim/application/ReadModels") {
  /** Follows the log and keeps these views; publishes them while this backend holds the lease `views`. */
  static readonly layer = (views: ReadonlyArray<MaintainedView>, aggregates: ReadonlyArray<Aggregate<unknown>>) =>
    Layer.effect(ReadModels, makeReadModels(views, aggregates));
}

interface Live {
  readonly view: MaintainedView;
  readonly documents: Map<string, Document>;
  /** Ids changed since the last publication. */
  readonly changed: Set<string>;
  position: number;
  /** Said already that a newer version is published. */
  superseded: boolean;
  /** Why the view stands still: it could not take a commit. The others go on. */
  stuck: string | undefined;
}

interface Waiter {
  readonly position: number;
  readonly reached: Deferred.Deferred<void>;
}

const positionOf = (document: Document | undefined): number => {
  if (typeof document !== "object" || document === null || !("position" in document)) return 0;
  return typeof document.position === "number" ? document.position : 0;
};

const makeReadModels = Effect.fnUntraced(function* (
  views: ReadonlyArray<MaintainedView>,
  aggregates: ReadonlyArray<Aggregate<unknown>>,
) {
  const store = yield* EventStore;
  const viewStore = yield* ViewStore;
  const leases = yield* Leases;
  const byName = new Map(aggregates.map((aggregate) => [aggregate.name, aggregate]));
  const live = yield* Effect.forEach(views, (view) => resume(viewStore, view), { concurrency: "unbounded" });
  const liveByName = new Map(live.map((one) => [one.view.name, one]));
  let applied = Math.min(...live.map((one) => one.position));
  let waiters: ReadonlyArray<Waiter> = [];
  const ready = yield* Deferred.make<void>();
  const wake = yield* Queue.sliding<void>(1);

  const reach = (position: number) =>
    Effect.suspend(() => {
      applied = Math.max(applied, position);
      const reached = waiters.filter((waiter) => waiter.position <= applied);
      if (reached.length > 0) waiters = waiters.filter((waiter) => waiter.position > applied);
      return Effect.forEach(reached, (waiter) => Deferred.succeed(waiter.reached, undefined), { discard: true });
    });

  const take = (item: LogItem) => {
    if (item.kind === "caught-up") {
      for (const one of live) if (one.stuck === undefined) one.position = Math.max(one.position, item.position);
      return Effect.andThen(reach(item.position), Deferred.succeed(ready, undefined));
    }
    const { commit } = item;
    const events = recordedEvents(byName.get(commit.aggregate), commit);
    const stuck = live.filter((one) => !applyTo(one, events, commit.position));
    const applying = Effect.forEach(stuck, (one) => Effect.logError(one.stuck), { discard: true }).pipe(
      Effect.andThen(reach(commit.position)),
      Effect.andThen(Queue.offer(wake, undefined)),
    );
    return commit.traceparent === undefined ? applying : spanOf("project", commit.traceparent, applying);
  };

  yield* Stream.suspend(() => store.follow(applied)).pipe(
    Stream.runForEach(take),
    Effect.tapError((error) => Effect.logWarning(`the views cannot read the log: ${error.message}`)),
    Effect.retry(Schedule.spaced("1 second")),
    Effect.forkScoped,
  );

  const reached = Effect.fnUntraced(function* (position: number) {
    yield* Deferred.await(ready);
    if (applied >= position) return;
    const waiter = { position, reached: yield* Deferred.make<void>() };
    waiters = [...waiters, waiter];
    yield* Deferred.await(waiter.reached).pipe(
      Effect.ensuring(
        Effect.sync(() => {
          waiters = waiters.filter((other) => other !== waiter);
        }),
      ),
    );
  });

  const endOfLog = Effect.flatMap(store.lastPosition, reached);
  yield* leases.whileHeld("views", publish(viewStore, live, endOfLog, wake)).pipe(Effect.forkScoped);

  const waitFor = (position: number) =>
    reached(position).pipe(
      Effect.timeoutOrElse({
        duration: waitTimeout,
        orElse: () =>
          Effect.fail(
            new CommandError({
              code: "timeout",
              message: `the views have seen position ${applied}, not yet ${position}: ask again`,
            }),
          ),
      }),
    );

  const documents = Effect.fnUntraced(function* (view: string, minPosition = 0) {
    const one = liveByName.get(view);
    if (one === undefined) {
      return yield* new CommandError({ code: "unknown-command", message: `there is no view \`${view}\`` });
    }
    yield* waitFor(minPosition);
    if (one.stuck !== undefined) return yield* new CommandError({ code: "unavailable", message: one.stuck });
    const all: Documents = one.documents;
    return { position: applied, documents: all };
  });

  const upToDate = Effect.fnUntraced(
    function* (view: string) {
      return (yield* documents(view, yield* store.lastPosition)).documents;
    },
    Effect.catchTag("StoreUnavailable", ({ message }) => new CommandError({ code: "unavailable", message })),
  );

  return ReadModels.of({ documents, upToDate });
});

/** A view as it was published last, or empty where another version of it was: it is then rebuilt from the log. */
const resume = Effect.fnUntraced(function* (viewStore: ViewStore["Service"], view: MaintainedView) {
  const stored = yield* viewStore.load(view.name).pipe(Effect.retry(Schedule.spaced("1 second")));
  const same = stored.version === view.version;
  const one: Live = {
    view,
    documents: same ? new Map(stored.documents) : new Map(),
    changed: new Set(),
    position: same ? stored.position : 0,
    superseded: false,
    stuck: undefined,
  };
  return one;
});

/**
 * Applies a commit to a view; false where the view cannot take it, and stands still from then on. Documents may be newer
 * than the checkpoint they were loaded with: what they have seen is not applied again.
 */
const applyTo = (one: Live, events: ReadonlyArray<RecordedEvent>, position: number): boolean => {
  if (one.stuck !== undefined || position <= one.position) return true;
  const applied = Result.try(() => one.view.apply((key) => one.documents.get(key), events));
  if (Result.isFailure(applied)) {
    one.stuck = `view ${one.view.name} cannot take the commit at position ${position} (${String(applied.failure)}): it stands still until a backend with a mended view starts`;
    return false;
  }
  for (const [id, document] of applied.success) {
    if (positionOf(one.documents.get(id)) >= position) continue;
    if (document === undefined) one.documents.delete(id);
    else one.documents.set(id, document as Document);
    one.changed.add(id);
  }
  one.position = position;
  return true;
};

/**
 * Publishes the views for as long as the lease lasts: first all that differs from what is published (also after a
 * rebuild or a change of the publisher), then what changes. It starts at the end of the log, so that nothing published
 * goes back; and it ends where a newer version is published, so that a backend that has it can have the lease.
 */
const publish = Effect.fnUntraced(function* (
  viewStore: ViewStore["Service"],
  live: ReadonlyArray<Live>,
  endOfLog: Effect.Effect<void, StoreUnavailable>,
  wake: Queue.Dequeue<void>,
) {
  yield* endOfLog;
  const publishedAt = new Map<string, number>();
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
      if (stored.version !== one.view.version || positionOf(published) !== positionOf(document)) {
        changes.set(id, document);
      }
    }
    for (const id of stored.documents.keys()) if (!one.documents.has(id)) changes.set(id, undefined);
    yield* viewStore.save(one.view.name, one.view.version, changes, one.position);
  }
  return yield* Effect.forever(
    Effect.gen(function* () {
      yield* Queue.take(wake).pipe(Effect.timeoutOption(checkpointInterval));
      const now = yield* Clock.currentTimeMillis;
      yield* Effect.forEach(
        live.filter((one) => one.changed.size > 0 || now - (publishedAt.get(one.view.name) ?? 0) >= checkpointInterval),
        (one) => {
          const changes = new Map([...one.changed].map((id) => [id, one.documents.get(id)]));
          one.changed.clear();
          publishedAt.set(one.view.name, now);
          return viewStore.save(one.view.name, one.view.version, changes, one.position);
        },
        { concurrency: "unbounded", discard: true },
      );
      yield* Effect.sleep(publishInterval);
    }),
  );
});
