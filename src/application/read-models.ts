import { Context, Deferred, Effect, Layer, Queue, Schedule, Stream } from "effect";
import type { DocumentOf, ViewName } from "../contract/views/mod.ts";
import type { Damage } from "../contract/views/view.ts";
import type { Aggregate } from "./aggregate.ts";
import { type CheckedItem, CheckedLog, standByMessage } from "./checked-log.ts";
import { CommandError } from "./command-error.ts";
import { applyTo, type Document, type Documents, type MaintainedView, markAll, resume } from "./live-view.ts";
import { Pace } from "./pace.ts";
import { type Commit, EventStore, Leases, ViewStore } from "./ports/mod.ts";
import { recordedEvents } from "./recorded-events.ts";
import { forEachInSlices } from "./time-slices.ts";
import { spanOf } from "./trace-context.ts";
import { publish } from "./view-publishing.ts";

/** How long a reader waits for a position. */
const waitTimeout = "5 seconds";
/** Milliseconds of the views' {@link Pace}. */
const pause = 20;
/** How long a reader without a position waits for items that have arrived. */
const moment = "1 second";

/**
 * The documents of a view by id, typed by the published contract if the view is known at compile time. They are not
 * decoded, because a view's documents come only from its own projection of the same version.
 */
type DocumentsIn<V extends string> = Documents<
  string extends V ? Document : V extends ViewName ? DocumentOf<V> : never
>;

/** All views. Every backend has them in memory, and one of them publishes them. */
export class ReadModels extends Context.Service<
  ReadModels,
  {
    /**
     * Returns the documents of a view, complete up to at least `minPosition`. Fails with `timeout` after a bounded
     * wait.
     */
    readonly documents: <V extends string>(
      view: V,
      minPosition?: number,
    ) => Effect.Effect<{ readonly position: number; readonly documents: DocumentsIn<V> }, CommandError>;
    /**
     * Waits, for a moment at most, until the views have everything that has arrived from the log. So a client that got
     * an answer or saw an event here finds the result in a view, without naming a position.
     */
    readonly settled: Effect.Effect<void>;
    /** Returns the damage that a view noted for a document's aggregate. */
    readonly damageOf: (view: string, id: string) => Damage | undefined;
    /** Returns the documents of a view, complete up to the end of the log at the moment of the call. */
    readonly upToDate: <V extends string>(view: V) => Effect.Effect<DocumentsIn<V>, CommandError>;
  }
>()("cim/application/ReadModels") {
  /** Follows the log and maintains these views. Publishes them while this backend holds the lease `views`. */
  static readonly layer = (views: ReadonlyArray<MaintainedView>, aggregates: ReadonlyArray<Aggregate<unknown>>) =>
    Layer.effect(ReadModels, makeReadModels(views, aggregates));
}

interface Waiter {
  readonly position: number;
  readonly reached: Deferred.Deferred<void>;
}

const makeReadModels = Effect.fnUntraced(function* (
  views: ReadonlyArray<MaintainedView>,
  aggregates: ReadonlyArray<Aggregate<unknown>>,
) {
  const store = yield* EventStore;
  const log = yield* CheckedLog;
  const viewStore = yield* ViewStore;
  const leases = yield* Leases;
  const byName = new Map(aggregates.map((aggregate) => [aggregate.name, aggregate]));
  const live = yield* Effect.forEach(views, (view) => resume(viewStore, view), { concurrency: "unbounded" });
  const liveByName = new Map(live.map((one) => [one.view.name, one]));
  let applied = Math.min(...live.map((one) => one.position));
  /** Why the log is currently unreadable. */
  let trouble: string | undefined;
  let waiters: ReadonlyArray<Waiter> = [];
  const ready = yield* Deferred.make<void>();
  const wake = yield* Queue.sliding<void>(1);
  const pace = new Pace(pause, () => waiters.length > 0);

  const reach = (position: number): void => {
    applied = Math.max(applied, position);
    if (!waiters.some((waiter) => waiter.position <= applied)) return;
    const reached = waiters.filter((waiter) => waiter.position <= applied);
    waiters = waiters.filter((waiter) => waiter.position > applied);
    for (const waiter of reached) Deferred.doneUnsafe(waiter.reached, Effect.void);
  };

  /** Applies a commit to all views. Returns the damages of views that failed on it. */
  const apply = (commit: Commit): ReadonlyArray<Damage> => {
    const events = recordedEvents(byName.get(commit.aggregate), commit);
    const damages: Array<Damage> = [];
    for (const one of live) {
      const damage = applyTo(one, events, commit.position);
      if (damage !== undefined) damages.push(damage);
    }
    reach(commit.position);
    return damages;
  };

  const pass = (position: number): void => {
    for (const one of live) one.position = Math.max(one.position, position);
    reach(position);
  };

  const take = (item: CheckedItem): Effect.Effect<void> => {
    if (item.kind !== "commit") {
      if (item.kind === "damaged") markAll(live, item);
      if (item.kind === "caught-up" && !Deferred.isDoneUnsafe(ready)) {
        // Damage before the published position is not met while following the log.
        for (const damaged of log.condition.damaged.values())
          if (damaged.damage.position <= item.position) markAll(live, damaged);
        Deferred.doneUnsafe(ready, Effect.void);
      }
      pass(item.position);
      return Effect.void;
    }
    const { commit } = item;
    const said = (damages: ReadonlyArray<Damage>) =>
      damages.length === 0
        ? Effect.void
        : Effect.forEach(
            damages,
            ({ position, problem }) =>
              Effect.logError(
                `${problem} at position ${position}: ${commit.aggregate} ${commit.id} stays as it was before`,
              ),
            { discard: true },
          );
    if (commit.traceparent === undefined) return said(apply(commit));
    return spanOf(
      "project",
      commit.traceparent,
      Effect.suspend(() => said(apply(commit))),
    );
  };

  const isTraced = (item: CheckedItem) => item.kind === "commit" && item.commit.traceparent !== undefined;

  const takeAll = (items: ReadonlyArray<CheckedItem>): Effect.Effect<void> => {
    trouble = undefined;
    // Without traced items, all are applied at once, and usually no effect is left to run.
    const left: Array<Effect.Effect<void>> = [];
    const taking = items.some(isTraced)
      ? Effect.forEach(items, (item) => Effect.suspend(() => take(item)), { discard: true })
      : forEachInSlices(items, (item) => {
          const effect = take(item);
          if (effect !== Effect.void) left.push(effect);
        });
    return Effect.andThen(
      Effect.andThen(
        taking,
        Effect.suspend(() => Effect.all(left, { discard: true })),
      ),
      Queue.offer(wake, undefined),
    );
  };

  yield* Stream.suspend(() => log.follow(applied, undefined, pace)).pipe(
    Stream.runForEachArray(takeAll),
    Effect.tapError((error) => {
      trouble = `the views cannot read the log: ${error.message}`;
      return Effect.logWarning(trouble);
    }),
    Effect.retry(Schedule.spaced("1 second")),
    Effect.forkScoped,
  );

  const reached = Effect.fnUntraced(function* (position: number) {
    yield* Deferred.await(ready);
    if (applied >= position) return;
    // No commit may be applied between the check and the wait, so this runs no effect that could yield.
    const waiter = { position, reached: Deferred.makeUnsafe<void>() };
    waiters = [...waiters, waiter];
    pace.hurry();
    yield* Deferred.await(waiter.reached).pipe(
      Effect.ensuring(
        Effect.sync(() => {
          waiters = waiters.filter((other) => other !== waiter);
        }),
      ),
    );
  });

  const endOfLog = Effect.flatMap(store.lastPosition, reached);
  const publishing = Effect.raceFirst(publish(viewStore, live, endOfLog, wake), viewStore.lost);
  yield* leases.whileHeld("views", publishing).pipe(Effect.forkScoped);

  /** Returns why a position was not reached in time. */
  const late = (position: number) => {
    if (trouble !== undefined) return new CommandError({ code: "unavailable", message: trouble });
    const message =
      applied < position
        ? `the views have seen position ${applied}, not yet ${position}: ask again`
        : `the views are being read from the log, and have come to position ${applied}: ask again`;
    return new CommandError({ code: "timeout", message });
  };

  /** Views that stopped before a commit of a newer backend do not answer as if nothing had come after it. */
  const understood = Effect.suspend(() => {
    const { stop } = log.condition;
    return stop === undefined
      ? Effect.void
      : Effect.fail(new CommandError({ code: "unavailable", message: standByMessage(stop) }));
  });

  const waitFor = (position: number) =>
    Effect.andThen(
      understood,
      Effect.raceFirst(reached(position), Effect.andThen(log.stopped, Effect.andThen(understood, Effect.never))).pipe(
        Effect.timeoutOrElse({ duration: waitTimeout, orElse: () => Effect.fail(late(position)) }),
      ),
    );

  /** Every command asks for documents, so this does not wait if the views are already complete. */
  const documents = <V extends string>(view: V, minPosition = 0) =>
    Effect.suspend(() => {
      const one = liveByName.get(view);
      if (one === undefined)
        return Effect.fail(new CommandError({ code: "unknown-command", message: `there is no view \`${view}\`` }));
      const all: Documents<unknown> = one.documents;
      const answer = () => ({ position: applied, documents: all as DocumentsIn<V> });
      const isThere = Deferred.isDoneUnsafe(ready) && applied >= minPosition && log.condition.stop === undefined;
      return isThere ? Effect.succeed(answer()) : Effect.map(waitFor(minPosition), answer);
    });

  const settled = Effect.suspend(() => {
    const position = store.received();
    if (!Deferred.isDoneUnsafe(ready) || applied >= position) return Effect.void;
    return Effect.raceFirst(reached(position), Effect.sleep(moment));
  });

  const upToDate = Effect.fnUntraced(
    function* <V extends string>(view: V) {
      return (yield* documents(view, yield* store.lastPosition)).documents;
    },
    Effect.catchTag("StoreUnavailable", ({ message }) => new CommandError({ code: "unavailable", message })),
  );

  const damageOf = (view: string, id: string) => liveByName.get(view)?.damaged.get(id);

  return ReadModels.of({ documents, settled, upToDate, damageOf });
});
