import { Effect, Queue, Result, Schedule, type Schema, Stream } from "effect";
import type { RecordedEvent } from "../domain/kernel/mod.ts";
import { makePipeline } from "./action-pipeline.ts";
import type { Aggregate } from "./aggregate.ts";
import type { CommandError } from "./command-error.ts";
import { CommandHandling } from "./command-handling.ts";
import { recordedEvents } from "./history.ts";
import {
  Checkpoints,
  type Commit,
  EventStore,
  Inbox,
  type InboxChannel,
  Leases,
  type LogItem,
  type StoreUnavailable,
  type TimerCommand,
  Timers,
} from "./ports/mod.ts";
import { spanOf } from "./trace-context.ts";

/**
 * What a process manager wants done because of an event. `step` names the action among those of one event: with the
 * event's id it makes the command id, so that doing it again changes nothing.
 */
export type Action =
  | {
      readonly kind: "command";
      readonly step: string;
      readonly aggregate: string;
      readonly id: string;
      readonly command: string;
      readonly payload: Schema.Json;
      /** What is done where a rule refuses the command. */
      readonly otherwise?: Action;
    }
  | {
      /** A timer id is used for one moment only: it is the command id of what follows. */
      readonly kind: "schedule";
      readonly timerId: string;
      readonly at: string;
      readonly command: Omit<TimerCommand, "correlationId">;
    }
  | { readonly kind: "cancel-timer"; readonly timerId: string }
  | {
      readonly kind: "deliver";
      readonly agent: string;
      readonly channel: InboxChannel;
      readonly deliveryId: string;
      readonly message: Schema.Json;
    }
  | { readonly kind: "open-inbox" | "close-inbox"; readonly agent: string }
  /** Something that needs more than the state of the process: answered with the actions that follow from it. */
  | { readonly kind: "operation"; readonly operation: string; readonly input: Schema.Json };

/** An operation of a process manager: must be repeatable, for it may run again after a failure. */
export type ProcessOperation<R> = (
  input: Schema.Json,
) => Effect.Effect<ReadonlyArray<Action>, CommandError | StoreUnavailable, R>;

/**
 * A process manager: a fold over the log that wants actions. Pure: `state` is what the log says, so another backend
 * comes to the same one; `react` sees the state after the event.
 */
export interface ProcessManager<State, R = never> {
  /** Also the principal of its commands, its lease and its checkpoint. */
  readonly name: string;
  /** The aggregates whose events it wants to see. */
  readonly aggregates: ReadonlyArray<string>;
  /** Their events, as `<aggregate>.<type>`, that change nothing for it: commits of nothing else may pass it by. */
  readonly ignores?: ReadonlyArray<string>;
  readonly initial: State;
  readonly evolve: (state: State, event: RecordedEvent) => State;
  readonly react: (state: State, event: RecordedEvent) => ReadonlyArray<Action>;
  readonly operations?: Readonly<Record<string, ProcessOperation<R>>>;
  /**
   * How many actions may be under way at once; 1 where it says nothing. What concerns one aggregate, timer or inbox is
   * done in order; what concerns different ones then has no order.
   */
  readonly concurrency?: number;
  /** Whether its progress is kept with the deliveries that it makes, not as a checkpoint of its own. */
  readonly delivers?: boolean;
}

/** A checkpoint is written after so many commits that asked for nothing. */
const checkpointEvery = 1_000;
/** Checkpoints follow one another with at least this pause: each is a durable write of its own. */
const checkpointPause = "100 millis";
const retryDelay = "500 millis";

/**
 * Runs a process manager in one backend at a time: folds the log from its start, and acts on what lies after its
 * checkpoint. Never returns.
 */
export const runProcessManager = Effect.fnUntraced(function* <State, R>(
  manager: ProcessManager<State, R>,
  aggregates: ReadonlyArray<Aggregate<unknown>>,
) {
  const leases = yield* Leases;
  return yield* leases.whileHeld(`process-${manager.name}`, lead(manager, aggregates));
});

const lead = Effect.fnUntraced(function* <State, R>(
  manager: ProcessManager<State, R>,
  aggregates: ReadonlyArray<Aggregate<unknown>>,
) {
  const store = yield* EventStore;
  const progress = yield* progressOf(manager);
  const byName = new Map(aggregates.map((aggregate) => [aggregate.name, aggregate]));
  const wanted = wantedBy(manager);
  const done = yield* progress.resume;
  // Saved beside the acting, the newest one only: what is done again after a crash changes nothing.
  const toSave = yield* Queue.sliding<number>(1);
  let checkpoint = done;
  let state = manager.initial;

  const saving = Queue.take(toSave).pipe(
    Effect.flatMap(progress.save),
    Effect.andThen(Effect.sleep(checkpointPause)),
    Effect.forever,
  );
  const pipeline = yield* makePipeline<never, R | CommandHandling | Timers | Inbox>(
    manager.concurrency ?? 1,
    (position, matters) => {
      if (position <= checkpoint || (!matters && position - checkpoint < checkpointEvery)) return Effect.void;
      checkpoint = position;
      return Effect.asVoid(Queue.offer(toSave, position));
    },
  );
  const stepsOf = (commit: Commit) =>
    recordedEvents(byName.get(commit.aggregate), commit).flatMap((event) => {
      state = manager.evolve(state, event);
      if (commit.position <= done) return [];
      return manager
        .react(state, event)
        .map((action) => ({ key: keyOf(action), run: perform(manager, event, action) }));
    });
  const entryOf = (item: LogItem) => {
    if (item.kind === "caught-up") return { position: item.position, steps: [] };
    const { commit } = item;
    return { position: commit.position, steps: wanted(commit) ? stepsOf(commit) : [] };
  };
  const acting = Stream.runForEachArray(store.follow(0, wanted), (items) => {
    const entries = items.map(entryOf);
    // Most want nothing, and of those the last one tells how far it has come.
    const telling = entries.filter(({ steps }, index) => steps.length > 0 || index === entries.length - 1);
    return Effect.forEach(telling, ({ position, steps }) => pipeline.start(position, steps), { discard: true });
  });
  yield* Effect.raceAllFirst([acting, saving, pipeline.failed, progress.lost]);
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
  const { progress } = yield* Inbox;
  const checkpoint = checkpoints.load(name);
  if (delivers !== true)
    return { resume: checkpoint, save: (position: number) => checkpoints.save(name, position), lost: Effect.never };
  return {
    ...progress,
    resume: Effect.flatMap(progress.resume, (position) =>
      position === undefined ? checkpoint : Effect.succeed(position),
    ),
    save: (position: number) => Effect.flatMap(progress.save(position), (settled) => checkpoints.save(name, settled)),
  };
});

/** What an action concerns: actions of one process manager with the same key are done in order. */
const keyOf = (action: Action): string => {
  switch (action.kind) {
    case "command":
      return `${action.aggregate}.${action.id}`;
    case "schedule":
    case "cancel-timer":
      return `timer.${action.timerId}`;
    case "deliver":
    case "open-inbox":
    case "close-inbox":
      return `inbox.${action.agent}`;
    case "operation":
      return `operation.${action.operation}`;
  }
};

const perform = <State, R>(
  manager: ProcessManager<State, R>,
  event: RecordedEvent,
  action: Action,
): Effect.Effect<void, never, R | CommandHandling | Timers | Inbox> => {
  const performed: Effect.Effect<void, never, R | CommandHandling | Timers | Inbox> = Effect.catch(
    performOnce(manager, event, action),
    (error) =>
      Effect.logWarning(`${manager.name} after ${event.eventId}: ${error.message}: again`).pipe(
        Effect.andThen(Effect.sleep(retryDelay)),
        Effect.andThen(Effect.suspend(() => performed)),
      ),
  );
  return event.traceparent === undefined ? performed : spanOf(`process ${manager.name}`, event.traceparent, performed);
};

const performOnce = Effect.fnUntraced(function* <State, R>(
  manager: ProcessManager<State, R>,
  event: RecordedEvent,
  action: Action,
): Effect.fn.Return<void, StoreUnavailable | CommandError, R | CommandHandling | Timers | Inbox> {
  switch (action.kind) {
    case "command": {
      const refused = yield* give(manager.name, event, action);
      if (refused && action.otherwise !== undefined) yield* performOnce(manager, event, action.otherwise);
      return;
    }
    case "schedule":
      return yield* (yield* Timers).schedule(action.timerId, action.at, {
        ...action.command,
        correlationId: event.correlationId,
      });
    case "cancel-timer":
      return yield* (yield* Timers).cancel(action.timerId);
    case "deliver":
      return yield* (yield* Inbox).deliver(action.agent, action.channel, action.deliveryId, action.message);
    case "open-inbox":
      return yield* (yield* Inbox).open(action.agent);
    case "close-inbox":
      return yield* (yield* Inbox).close(action.agent);
    case "operation": {
      const operation = manager.operations?.[action.operation];
      if (operation === undefined) {
        return yield* Effect.die(new Error(`${manager.name} has no operation ${action.operation}`));
      }
      for (const next of yield* operation(action.input)) yield* performOnce(manager, event, next);
    }
  }
});

/**
 * Gives a command; true where a rule refuses it, which means that things have moved on. Only a silent store is tried
 * again.
 */
const give = Effect.fnUntraced(function* (
  principal: string,
  event: Pick<RecordedEvent, "eventId" | "correlationId" | "traceparent">,
  action: Extract<Action, { kind: "command" }>,
) {
  const handling = yield* CommandHandling;
  const outcome = yield* Effect.result(
    handling.handle({
      aggregate: action.aggregate,
      id: action.id,
      command: action.command,
      payload: action.payload,
      principal,
      audience: "internal",
      commandId: `${event.eventId}:${principal}:${action.step}`,
      correlationId: event.correlationId,
      causationId: event.eventId,
      ...(event.traceparent === undefined ? {} : { traceparent: event.traceparent }),
    }),
  );
  if (Result.isSuccess(outcome)) return false;
  const error = outcome.failure;
  if (error.code === "unavailable" || error.code === "timeout") return yield* error;
  const line = `${principal}: ${action.aggregate}.${action.command} on \`${action.id}\` was refused: ${error.message}`;
  yield* error.code === "rejected" ? Effect.logDebug(line) : Effect.logError(line);
  return error.code === "rejected";
});

/** Gives the command of each timer that fires, once: its command id is the timer's. Never returns. */
export const runTimers = Effect.gen(function* () {
  const timers = yield* Timers;
  const leases = yield* Leases;
  const handling = yield* CommandHandling;
  return yield* leases.whileHeld(
    "timers",
    timers.onFired((timerId, command) =>
      handling
        .handle({
          aggregate: command.aggregate,
          id: command.id,
          command: command.command,
          payload: command.payload,
          principal: "timers",
          audience: "internal",
          commandId: `timer:${timerId}`,
          correlationId: command.correlationId,
        })
        .pipe(
          Effect.tapError((error) => Effect.logDebug(`timer ${timerId}: ${error.message}`)),
          Effect.retry({
            while: (error) => error.code === "unavailable" || error.code === "timeout",
            schedule: Schedule.spaced(retryDelay),
          }),
          Effect.ignore,
        ),
    ),
  );
});
