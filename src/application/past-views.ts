import { Context, Deferred, Effect, Exit, Layer, Option, Semaphore, Stream } from "effect";
import type { Aggregate } from "./aggregate.ts";
import { type CheckedItem, CheckedLog } from "./checked-log.ts";
import { CommandError } from "./command-error.ts";
import { unavailableLog } from "./history.ts";
import { applyTo, emptyView, type LiveView, type MaintainedView, markAll } from "./live-view.ts";
import { EventStore, type EventStoreShape, Snapshots } from "./ports/mod.ts";
import { ReadModels } from "./read-models.ts";
import { recordedEvents } from "./recorded-events.ts";
import { forEachInSlices } from "./time-slices.ts";

/** A moment of the past: everything up to a position of the log, or up to a time. */
export type Moment = { readonly position: number } | { readonly time: string };

/** The views and the log at a past moment. */
export interface Past {
  /** The last position of the log that belongs to the moment. */
  readonly position: number;
  /** Answers an operation as if the log ended there. */
  readonly provide: <A, E, R>(
    effect: Effect.Effect<A, E, R>,
  ) => Effect.Effect<A, E, Exclude<R, ReadModels | EventStore | Snapshots>>;
}

/** All views up to a position. Never changed after it was kept. */
interface Folded {
  readonly position: number;
  /** Time of its last commit; empty before the first commit. */
  readonly time: string;
  readonly views: ReadonlyArray<LiveView>;
}

/** How long a query waits while its moment is read from the log. */
const waitTimeout = "5 seconds";
/** The number of moments that are kept, by latest use. */
const mostKept = 12;
/** The most moments that are waited for at the same time. */
const mostWaiting = 16;
/** The usual least number of commits between two waypoints. */
const waypointEvery = 20_000;
/** The most waypoints: each has a copy of the tables of all views, though not of their documents. */
const mostWaypoints = 16;

/**
 * The views at any past moment. A moment is folded from the log, starting at the nearest earlier kept moment. While a long
 * log is folded, the views are kept at waypoints too, spread over all of it: without them, a moment far from those asked
 * for last would be folded from the beginning each time. Only one moment is folded at a time, in slices, so that queries about the past hardly slow down queries about the present.
 */
export class PastViews extends Context.Service<
  PastViews,
  {
    /** Returns the views at a moment. Fails with `timeout` while they are being read; ask again then. */
    readonly at: (moment: Moment) => Effect.Effect<Past, CommandError>;
  }
>()("cim/application/PastViews") {
  /** `every` is the least number of commits between two waypoints. */
  static readonly layer = (
    views: ReadonlyArray<MaintainedView>,
    aggregates: ReadonlyArray<Aggregate<unknown>>,
    every = waypointEvery,
  ) => Layer.effect(PastViews, makePastViews(views, aggregates, every));
}

const nothing = (views: ReadonlyArray<MaintainedView>): Folded => ({
  position: 0,
  time: "",
  views: views.map(emptyView),
});

const copyOf = (one: LiveView): LiveView => ({
  ...one,
  documents: new Map(one.documents),
  changed: new Set(),
  damaged: new Map(one.damaged),
});

const isWithin = (moment: Moment, position: number, time: string): boolean =>
  "position" in moment ? position <= moment.position : time <= moment.time;

const keyOf = (moment: Moment): string => ("position" in moment ? String(moment.position) : moment.time);

const placeOf = (item: CheckedItem): number => (item.kind === "commit" ? item.commit.position : item.position);

const makePastViews = Effect.fnUntraced(function* (
  views: ReadonlyArray<MaintainedView>,
  aggregates: ReadonlyArray<Aggregate<unknown>>,
  every: number,
) {
  const store = yield* EventStore;
  const snapshots = yield* Snapshots;
  const log = yield* CheckedLog;
  const scope = yield* Effect.scope;
  const byName = new Map(aggregates.map((aggregate) => [aggregate.name, aggregate]));
  const oneAtATime = yield* Semaphore.make(1);
  const waiting = new Map<string, Deferred.Deferred<Folded, CommandError>>();
  let kept: ReadonlyArray<Folded> = [];
  let waypoints: ReadonlyArray<Folded> = [];
  let reading = 0;

  const keep = (folded: Folded): void => {
    kept = [...kept.filter(({ position }) => position !== folded.position), folded].slice(-mostKept);
  };

  /** Returns the nearest earlier moment that is kept. */
  const before = (moment: Moment): Folded =>
    [...waypoints, ...kept]
      .filter(({ position, time }) => isWithin(moment, position, time))
      .reduce((best, one) => (one.position > best.position ? one : best), nothing(views));

  const fold = Effect.fnUntraced(function* (moment: Moment) {
    const end = yield* unavailableLog(store.lastPosition);
    if ("position" in moment && moment.position > end) {
      return yield* new CommandError({
        code: "rejected",
        message: `the log ends at position ${end}: position ${moment.position} is not there yet`,
        details: { reason: "not-there-yet", end },
      });
    }
    const from = before(moment);
    const live = from.views.map(copyOf);
    let { position, time } = from;
    const spacing = Math.max(every, Math.ceil(end / mostWaypoints));
    // Those of a log that was shorter stand closer together than is needed now.
    if (waypoints.length > mostWaypoints) waypoints = waypoints.filter((_, index) => index % 2 === 1);
    let next = (waypoints.findLast((one) => one.position <= position)?.position ?? 0) + spacing;
    const finished = (item: CheckedItem): boolean =>
      placeOf(item) >= end ||
      (item.kind === "commit" && !isWithin(moment, item.commit.position, item.commit.time)) ||
      ("position" in moment && placeOf(item) >= moment.position);

    const take = (item: CheckedItem): void => {
      if (item.kind === "caught-up") return;
      if (item.kind === "commit") {
        const { commit } = item;
        if (commit.position > end || !isWithin(moment, commit.position, commit.time)) return;
        const events = recordedEvents(byName.get(commit.aggregate), commit);
        for (const one of live) applyTo(one, events, commit.position);
        time = commit.time > time ? commit.time : time;
        if (commit.position >= next) {
          next = commit.position + spacing;
          const here: Folded = { position: commit.position, time, views: live.map(copyOf) };
          waypoints = [...waypoints, here].toSorted((one, other) => one.position - other.position);
        }
      } else if (!isWithin(moment, item.position, time)) return;
      else if (item.kind === "damaged") markAll(live, item);
      position = placeOf(item);
      reading = position;
    };
    if (position < end)
      yield* log.follow(position).pipe(
        Stream.takeUntil(finished),
        Stream.runForEachArray((items) => forEachInSlices(items, take)),
        unavailableLog,
      );
    return { position, time, views: live };
  });

  const folded = Effect.fnUntraced(function* (moment: Moment) {
    const known = "position" in moment ? kept.find(({ position }) => position === moment.position) : undefined;
    if (known !== undefined) {
      keep(known);
      return known;
    }
    const key = keyOf(moment);
    const begun = waiting.get(key);
    if (begun !== undefined) return yield* Deferred.await(begun);
    if (waiting.size >= mostWaiting) {
      return yield* new CommandError({
        code: "timeout",
        message: `${waiting.size} moments of the past are being read from the log already: ask again later`,
      });
    }
    const result = yield* Deferred.make<Folded, CommandError>();
    waiting.set(key, result);
    // Continues even if nobody waits any longer, so that the next query finds the answer.
    yield* oneAtATime
      .withPermits(1)(fold(moment))
      .pipe(
        Effect.onExit((exit) =>
          Effect.suspend(() => {
            waiting.delete(key);
            if (Exit.isSuccess(exit)) keep(exit.value);
            return Deferred.done(result, exit);
          }),
        ),
        Effect.ignore,
        Effect.forkIn(scope),
      );
    return yield* Deferred.await(result);
  });

  const late = (moment: Moment) =>
    new CommandError({
      code: "timeout",
      message: `the views as of ${keyOf(moment)} are being read from the log, and have come to position ${reading}: ask again`,
    });

  const at = Effect.fnUntraced(function* (moment: Moment) {
    const { position, views: live } = yield* folded(moment).pipe(
      Effect.timeoutOrElse({ duration: waitTimeout, orElse: () => Effect.fail(late(moment)) }),
    );
    const past = pastOf(position, live, store, snapshots);
    return {
      position,
      provide: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.provide(effect, past),
    };
  });

  return PastViews.of({ at });
});

/** Returns the services of an operation as they were when the log ended at `position`. */
const pastOf = (
  position: number,
  live: ReadonlyArray<LiveView>,
  store: EventStoreShape,
  snapshots: Snapshots["Service"],
) => {
  const byView = new Map(live.map((one) => [one.view.name, one]));
  const documents: ReadModels["Service"]["documents"] = (view) => {
    const one = byView.get(view);
    return one === undefined
      ? Effect.fail(new CommandError({ code: "unknown-command", message: `there is no view \`${view}\`` }))
      : // The documents come from the view with this name, so their type fits.
        Effect.succeed({ position, documents: one.documents as never });
  };
  const readModels = ReadModels.of({
    documents,
    upToDate: (view) => Effect.map(documents(view), (read) => read.documents),
    settled: Effect.void,
    damageOf: (view, id) => byView.get(view)?.damaged.get(id),
  });
  const pastStore = EventStore.of({
    append: () => Effect.die(new Error("nothing is appended to the past")),
    read: (aggregate, id, options) =>
      store.read(aggregate, id, options).pipe(
        Effect.catchTag("LogDamaged", (damaged) =>
          damaged.position > position ? Effect.succeed(damaged.before) : Effect.fail(damaged),
        ),
        Effect.map((commits) => commits.filter((commit) => commit.position <= position)),
      ),
    heard: () => [],
    commitAt: (place) => (place > position ? Effect.succeed(Option.none()) : store.commitAt(place)),
    readAll: (after, last = position) => store.readAll(after, Math.min(last, position)),
    follow: () => Stream.die(new Error("the past does not go on")),
    lastPosition: Effect.succeed(position),
    received: () => position,
    replaced: Effect.never,
  });
  const pastSnapshots = Snapshots.of({
    load: (aggregate, id) =>
      Effect.map(
        snapshots.load(aggregate, id),
        Option.filter((snapshot) => snapshot.position <= position),
      ),
    save: () => Effect.void,
  });
  return Context.make(ReadModels, readModels).pipe(
    Context.add(EventStore, pastStore),
    Context.add(Snapshots, pastSnapshots),
  );
};
