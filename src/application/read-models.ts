import { Context, Deferred, Effect, Layer, Queue, Schedule, Stream } from "effect";
import type { Aggregate } from "./aggregate.ts";
import { CommandError } from "./command-error.ts";
import { recordedEvents } from "./history.ts";
import { applyTo, type Documents, type MaintainedView, resume } from "./live-view.ts";
import { EventStore, Leases, type LogItem, ViewStore } from "./ports/mod.ts";
import { spanOf } from "./trace-context.ts";
import { publish } from "./view-publishing.ts";

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

interface Waiter {
  readonly position: number;
  readonly reached: Deferred.Deferred<void>;
}

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
              message:
                applied < position
                  ? `the views have seen position ${applied}, not yet ${position}: ask again`
                  : `the views are being read from the log, and have come to position ${applied}: ask again`,
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
