import { Effect, Option, Queue, Result, Stream } from "effect";
import type { RecordedEvent } from "../domain/kernel/mod.ts";
import type { ParkedWork } from "../domain/parked-step/contract.ts";
import { parkedStep } from "../domain/parked-step/decider.ts";
import type { Action, Performer } from "./action.ts";
import { makePipeline, type Step } from "./action-pipeline.ts";
import type { Aggregate } from "./aggregate.ts";
import { type CheckedItem, CheckedLog } from "./checked-log.ts";
import { isBeyondLog } from "./end-of-log.ts";
import { type Delivery, doAgain } from "./owed.ts";
import { ParkedSteps, type StepServices, stepOf, stepOfFailure, stepOfRetry } from "./parking.ts";
import { Checkpoints, type Commit, EventStore, Inbox, Leases, StoreUnavailable, Timers } from "./ports/mod.ts";
import { recordedEvents } from "./recorded-events.ts";
import { forEachInSlices } from "./time-slices.ts";

/**
 * A process manager: a pure fold over the log that requests actions. `state` depends only on the log, so another
 * backend reaches the same state. `react` sees the state after the event.
 */
export interface ProcessManager<State, R = never> extends Performer<R> {
  /** The aggregates whose events it reads. */
  readonly aggregates: ReadonlyArray<string>;
  /** Events, as `<aggregate>.<type>`, that do not change its state. A commit with no other events may be skipped. */
  readonly ignores?: ReadonlyArray<string>;
  readonly initial: State;
  readonly evolve: (state: State, event: RecordedEvent) => State;
  readonly react: (state: State, event: RecordedEvent) => ReadonlyArray<Action>;
  /**
   * The most actions that may run at once; 1 by default. Actions on one aggregate, timer or inbox keep their order.
   * With more than 1, actions on different ones have no order.
   */
  readonly concurrency?: number;
  /** Whether its progress is kept with its deliveries instead of in a checkpoint. */
  readonly delivers?: boolean;
  /** The agents that have an inbox. */
  readonly owners?: (state: State) => Iterable<string>;
  /**
   * Returns the key of a past delivery that still matters; undefined if it does not. If inboxes were lost, the newest
   * delivery with each key is made again.
   */
  readonly stillMatters?: (state: State, delivery: Delivery) => string | undefined;
}

/** A checkpoint is also written after this many commits without actions. */
const checkpointEvery = 1_000;
/** The minimum pause between checkpoints, because each is a durable write. */
const checkpointPause = "100 millis";

/** The fold of a process manager up to a position of the log. It is immutable, so keeping it costs nothing. */
interface Fold<State> {
  readonly position: number;
  readonly state: State;
  readonly parked: ReadonlyMap<string, ParkedWork>;
}

/** The part that outlives a term: the fold at the newest checkpoint that this backend has saved. */
interface Memory<State> {
  fold: Fold<State>;
}

/**
 * Runs a process manager in one backend at a time. Folds the log, and acts only on events after its checkpoint. Never
 * returns.
 *
 * The first term of a backend folds the log from its start. A later term continues from the fold at the last checkpoint.
 * Without it, a busy machine, which loses its leases repeatedly, would read the whole log for each term.
 */
export const runProcessManager = Effect.fnUntraced(function* <State, R>(
  manager: ProcessManager<State, R>,
  aggregates: ReadonlyArray<Aggregate<unknown>>,
) {
  const leases = yield* Leases;
  const memory: Memory<State> = { fold: beforeLog(manager) };
  return yield* leases.whileHeld(`process-${manager.name}`, lead(manager, aggregates, memory));
});

const beforeLog = <State>({ initial }: Pick<ProcessManager<State>, "initial">): Fold<State> => ({
  position: 0,
  state: initial,
  parked: new Map(),
});

const lead = Effect.fnUntraced(function* <State, R>(
  manager: ProcessManager<State, R>,
  aggregates: ReadonlyArray<Aggregate<unknown>>,
  memory: Memory<State>,
) {
  const log = yield* CheckedLog;
  const store = yield* EventStore;
  const timers = yield* Timers;
  const inbox = yield* Inbox;
  const progress = yield* progressOf(manager);
  const byName = new Map(aggregates.map((aggregate) => [aggregate.name, aggregate]));
  const isOurs = wantedBy(manager);
  const wanted = (commit: Commit) => isOurs(commit) || commit.aggregate === parkedStep.name;
  const { position: done, inboxesLost, isNew } = yield* progress.resume;
  // Events after the progress are acted on, so they are needed: the progress may have been set back.
  const before = memory.fold.position <= done ? memory.fold : beforeLog(manager);
  // Saved concurrently with the actions, and only the newest. Actions that a crash repeats change nothing.
  const toSave = yield* Queue.sliding<Fold<State>>(1);
  let checkpoint = done;
  let state = before.state;

  const saving = Queue.take(toSave).pipe(
    Effect.tap(({ position }) => progress.save(position)),
    Effect.tap((fold) =>
      Effect.sync(() => {
        memory.fold = fold;
      }),
    ),
    Effect.andThen(Effect.sleep(checkpointPause)),
    Effect.forever,
  );
  /** The folds at the positions that the pipeline has started and not settled, in order. */
  const folds: Array<Fold<State>> = [];
  const pipeline = yield* makePipeline<never, R | StepServices>(manager.concurrency ?? 1, (position, matters) => {
    const fold = folds.shift();
    if (position <= checkpoint || (!matters && position - checkpoint < checkpointEvery)) return Effect.void;
    checkpoint = position;
    return fold === undefined ? Effect.void : Effect.asVoid(Queue.offer(toSave, fold));
  });
  const parked = new ParkedSteps(manager.name, before.parked);
  const reactionTo = (event: RecordedEvent) =>
    Result.try({
      try: () => {
        state = manager.evolve(state, event);
        return event.position <= done ? [] : manager.react(state, event);
      },
      catch: (error) => error,
    });
  /** Returns the actions of an event whose reaction was parked, from the manager's current state. */
  const reactAgain = (position: number, eventId: string) =>
    store.commitAt(position).pipe(
      Effect.catchTag("LogDamaged", ({ message }) => new StoreUnavailable({ message })),
      Effect.flatMap((found) =>
        Effect.sync(() => {
          const events = Option.match(found, { onNone: () => [], onSome: eventsOf });
          const event = events.find((one) => one.eventId === eventId);
          return event === undefined ? [] : manager.react(state, event);
        }),
      ),
    );
  const eventsOf = (commit: Commit) => recordedEvents(byName.get(commit.aggregate), commit);
  const timersLost = !(yield* timers.isArmed(manager.name));
  if (done > 0 && (timersLost || inboxesLost)) {
    yield* log.ready;
    yield* doAgain(manager, eventsOf, isOurs, done, { timers: timersLost, inboxes: inboxesLost, recent: isNew });
    if (inboxesLost) yield* progress.save(done);
  }
  if (timersLost) yield* timers.arm(manager.name);
  /** The agents that had an inbox at `done`; undefined before the log was read up to there. */
  let owners: ReadonlySet<string> | undefined;
  let ownersChecked = manager.delivers !== true;
  /** A single inbox may be lost. Then all are created again, with the deliveries that still matter. */
  const checkOwners = Effect.gen(function* () {
    if (ownersChecked || owners === undefined) return;
    ownersChecked = true;
    const there = yield* inbox.owners;
    const missing = [...owners].filter((agent) => !there.has(agent));
    if (missing.length === 0) return;
    yield* inbox.progress.forget;
    return yield* new StoreUnavailable({ message: `the inboxes of ${missing.slice(0, 10).join(", ")} are gone` });
  });
  const stepsOf = (commit: Commit): ReadonlyArray<Step<never, R | StepServices>> =>
    eventsOf(commit).flatMap((event): ReadonlyArray<Step<never, R | StepServices>> => {
      const again = parked.take(event);
      if (again !== undefined && commit.position > done) {
        const { eventPosition, event: eventId } = again.work;
        return [stepOfRetry(manager, again, reactAgain(eventPosition, eventId))];
      }
      if (!isOurs(commit)) return [];
      const reaction = reactionTo(event);
      if (Result.isSuccess(reaction))
        return reaction.success.map((action, place) => stepOf(manager, event, action, place));
      return commit.position <= done ? [] : [stepOfFailure(manager.name, event, reaction.failure)];
    });
  const entryOf = (item: CheckedItem) => {
    const isPast = item.kind === "commit" && item.commit.position <= done;
    if (!isPast && owners === undefined) owners = new Set(manager.owners?.(state));
    const steps = item.kind === "commit" && wanted(item.commit) ? stepsOf(item.commit) : [];
    const position = item.kind === "commit" ? item.commit.position : item.position;
    return { steps, fold: { position, state, parked: parked.steps } };
  };
  const acting = Stream.runForEachArray(
    log.follow(before.position, wanted),
    Effect.fnUntraced(function* (items) {
      const entries: Array<ReturnType<typeof entryOf>> = [];
      yield* forEachInSlices(items, (item) => entries.push(entryOf(item)));
      yield* checkOwners;
      // Most entries have no steps. Of those, the last one is enough to show the progress.
      const telling = entries.filter(({ steps }, index) => steps.length > 0 || index === entries.length - 1);
      // Nothing is done before the log is known to contain nothing that only a newer backend understands.
      if (telling.some(({ steps }) => steps.length > 0)) yield* log.ready;
      const start = ({ steps, fold }: ReturnType<typeof entryOf>) => {
        folds.push(fold);
        return pipeline.start(fold.position, steps);
      };
      yield* Effect.forEach(telling, start, { discard: true });
    }),
  );
  yield* Effect.raceAllFirst([acting, saving, pipeline.failed, progress.lost, timers.lost]);
}, Effect.scoped);

const wantedBy = ({ aggregates, ignores = [] }: Pick<ProcessManager<never>, "aggregates" | "ignores">) => {
  const ofThese = new Set(aggregates);
  const ignored = new Set(ignores);
  return ({ aggregate, events }: Commit): boolean =>
    ofThese.has(aggregate) && (ignored.size === 0 || events.some(({ type }) => !ignored.has(`${aggregate}.${type}`)));
};

/**
 * Returns where a process manager keeps its progress. Besides the progress in the inbox, there is a checkpoint that
 * lags behind it. If somebody empties the inbox, the whole history is not delivered again.
 */
const progressOf = Effect.fnUntraced(function* ({ name, delivers }: Pick<ProcessManager<never>, "name" | "delivers">) {
  const checkpoints = yield* Checkpoints;
  const { lastPosition } = yield* EventStore;
  const { progress } = yield* Inbox;
  const checkpoint = Effect.gen(function* () {
    const position = yield* checkpoints.load(name);
    if (!(yield* isBeyondLog(name, position))) return position;
    yield* checkpoints.startOver(name);
    return 0;
  });
  const resumed = (position: number, inboxesLost = false, isNew = false) => ({ position, inboxesLost, isNew });
  /**
   * Returns the starting point without progress in the inbox: the log was restored or imported, or the installation is
   * new. Restarted agents no longer know the ids of old deliveries. So only old deliveries that still matter are made
   * again.
   */
  const fromCheckpoint = Effect.gen(function* () {
    const position = yield* checkpoint;
    return position > 0 ? resumed(position, true) : resumed(yield* lastPosition, true, true);
  });
  if (delivers !== true)
    return {
      resume: Effect.map(checkpoint, (position) => resumed(position)),
      save: (position: number) => checkpoints.save(name, position),
      lost: Effect.never,
    };
  return {
    ...progress,
    resume: Effect.gen(function* () {
      const position = yield* progress.resume;
      if (position === undefined) return yield* fromCheckpoint;
      if (!(yield* isBeyondLog(`${name} with its deliveries`, position))) return resumed(position);
      yield* progress.startOver;
      return yield* fromCheckpoint;
    }),
    save: (position: number) => Effect.flatMap(progress.save(position), (settled) => checkpoints.save(name, settled)),
  };
});
