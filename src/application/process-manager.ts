import { Effect, Option, Queue, Result, Stream } from "effect";
import type { RecordedEvent } from "../domain/kernel/mod.ts";
import type { ParkedWork } from "../domain/parked-step/contract.ts";
import { parkedStep } from "../domain/parked-step/decider.ts";
import type { Action, Performer } from "./action.ts";
import { makePipeline, type Step } from "./action-pipeline.ts";
import type { Aggregate } from "./aggregate.ts";
import { type CheckedItem, CheckedLog } from "./checked-log.ts";
import { isBeyondLog } from "./end-of-log.ts";
import { recordedEvents } from "./history.ts";
import { type Delivery, doAgain } from "./owed.ts";
import { ParkedSteps, type StepServices, stepOf, stepOfFailure, stepOfRetry } from "./parking.ts";
import { Checkpoints, type Commit, EventStore, Inbox, Leases, StoreUnavailable, Timers } from "./ports/mod.ts";
import { forEachInSlices } from "./time-slices.ts";

/**
 * A process manager: a fold over the log that wants actions. Pure: `state` is what the log says, so another backend
 * comes to the same one; `react` sees the state after the event.
 */
export interface ProcessManager<State, R = never> extends Performer<R> {
  /** The aggregates whose events it wants to see. */
  readonly aggregates: ReadonlyArray<string>;
  /** Their events, as `<aggregate>.<type>`, that change nothing for it: commits of nothing else may pass it by. */
  readonly ignores?: ReadonlyArray<string>;
  readonly initial: State;
  readonly evolve: (state: State, event: RecordedEvent) => State;
  readonly react: (state: State, event: RecordedEvent) => ReadonlyArray<Action>;
  /**
   * How many actions may be under way at once; 1 by default. What concerns one aggregate, timer or inbox is
   * done in order; what concerns different ones then has no order.
   */
  readonly concurrency?: number;
  /** Whether its progress is kept with the deliveries that it makes, not as a checkpoint of its own. */
  readonly delivers?: boolean;
  /** The agents that have an inbox. */
  readonly owners?: (state: State) => Iterable<string>;
  /**
   * Whether a delivery of the past still matters: the key under which the newest one is made again if inboxes were lost;
   * undefined if it does not.
   */
  readonly stillMatters?: (state: State, delivery: Delivery) => string | undefined;
}

/** A checkpoint is written after this many commits that asked for nothing. */
const checkpointEvery = 1_000;
/** Checkpoints follow one another with at least this pause: each is a durable write of its own. */
const checkpointPause = "100 millis";

/** What a process manager makes of the log up to a position. Nothing in it changes, so that keeping it costs nothing. */
interface Fold<State> {
  readonly position: number;
  readonly state: State;
  readonly parked: ReadonlyMap<string, ParkedWork>;
}

/** What outlives a term: the fold at the newest checkpoint that this backend has saved. */
interface Memory<State> {
  fold: Fold<State>;
}

/**
 * Runs a process manager in one backend at a time: folds the log, and acts on what lies after its checkpoint. Never
 * returns.
 *
 * The first term of a backend folds the log from its start. A later term goes on from the fold at the checkpoint before:
 * a busy machine loses its leases again and again, and would otherwise read the whole log each time.
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
  // What lies after the progress is acted on, so its events are needed: the progress may have been set back.
  const before = memory.fold.position <= done ? memory.fold : beforeLog(manager);
  // Saved beside the acting, the newest one only: what is done again after a crash changes nothing.
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
  /** The folds at the positions that the pipeline was given and has not settled, in their order. */
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
  /** The actions for an event whose own reaction was parked: they follow from the state that the manager has now. */
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
  /** An inbox alone may be gone. Then all are made again, with what still matters. */
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
      // Most want nothing. Of those the last one shows how far it has come.
      const telling = entries.filter(({ steps }, index) => steps.length > 0 || index === entries.length - 1);
      // Nothing is done before the log is known to have nothing that only a newer backend understands.
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
 * Where a process manager keeps how far it has acted. Beside the progress that is kept with deliveries there is a
 * checkpoint, some time behind it: should somebody empty the inbox, not all of history is delivered again.
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
   * Without any progress the log was restored or imported, or the installation has just begun. Agents that have started
   * again do not know the ids of what they were delivered long ago, so of that only what still matters is delivered.
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
