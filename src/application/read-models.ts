import { Context, Deferred, Effect, Layer, Queue, Schedule, Stream } from "effect";
import type { DocumentOf, ViewName } from "../contract/views/mod.ts";
import type { Damage } from "../contract/views/view.ts";
import type { Aggregate } from "./aggregate.ts";
import { type CheckedItem, CheckedLog, standByMessage } from "./checked-log.ts";
import { CommandError } from "./command-error.ts";
import { recordedEvents } from "./history.ts";
import { applyTo, type Document, type Documents, type MaintainedView, markAll, resume } from "./live-view.ts";
import { Pace } from "./pace.ts";
import { type Commit, EventStore, Leases, ViewStore } from "./ports/mod.ts";
import { forEachInSlices } from "./time-slices.ts";
import { spanOf } from "./trace-context.ts";
import { publish } from "./view-publishing.ts";

/** How long a reader waits for a position. */
const waitTimeout = "5 seconds";
/** Milliseconds of the views' {@link Pace}. */
const pause = 20;
/** How long a reader that waits for no position waits for what has come. */
const moment = "1 second";

/**
 * The documents of a view, by id: of the type that the contract publishes if the view is known when this is compiled. They
 * are not decoded, because a view's documents come only from its own projection of the same version.
 */
type DocumentsIn<V extends string> = Documents<
  string extends V ? Document : V extends ViewName ? DocumentOf<V> : never
>;

/** All views, in memory in every backend, and published by one of them. */
export class ReadModels extends Context.Service<
  ReadModels,
  {
    /** The documents of a view, complete up to at least `minPosition` (bounded wait, then `timeout`). */
    readonly documents: <V extends string>(
      view: V,
      minPosition?: number,
    ) => Effect.Effect<{ readonly position: number; readonly documents: DocumentsIn<V> }, CommandError>;
    /**
     * Waits until the views have what had come from the log, for a moment at most. So somebody who was answered here, or has
     * seen an event, finds in a view what was done, without naming its position.
     */
    readonly settled: Effect.Effect<void>;
    /** What a view could not take of the aggregate that a document is of. */
    readonly damageOf: (view: string, id: string) => Damage | undefined;
    /** The documents of a view, complete up to the end of the log at the moment of the call. */
    readonly upToDate: <V extends string>(view: V) => Effect.Effect<DocumentsIn<V>, CommandError>;
  }
>()("cim/application/ReadModels") {
  /** Follows the log and keeps these views; publishes them while this backend holds the lease `views`. */
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
  /** Why the log cannot be read at the moment. */
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

  /** Applies a commit to all views. Returns what they cannot take. */
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
        // Damage that lies before what was published is not met on the way.
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
                `${problem} at position ${position}: ${commit.aggregate} ${commit.id} stays as it was there`,
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
    // If nothing is traced they are applied at once, and nearly always nothing is left to do.
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
    // Nothing may be applied between the look and the wait, so this takes no effect that could let others go on.
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

  /** Why a position was not reached in time. */
  const late = (position: number) => {
    if (trouble !== undefined) return new CommandError({ code: "unavailable", message: trouble });
    const message =
      applied < position
        ? `the views have seen position ${applied}, not yet ${position}: ask again`
        : `the views are being read from the log, and have come to position ${applied}: ask again`;
    return new CommandError({ code: "timeout", message });
  };

  /** Views that stop before what only a newer backend understands do not answer as if nothing had come after it. */
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

  /** Every command asks for documents, so nothing is waited for if nothing has to come. */
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
