import { Deferred, Effect, Stream } from "effect";
import type { RecordedEvent } from "../domain/kernel/mod.ts";
import type { Action, Performer } from "./action.ts";
import { makePipeline } from "./action-pipeline.ts";
import { type CheckedItem, CheckedLog } from "./checked-log.ts";
import { type StepServices, stepOf } from "./parking.ts";
import { type Commit, LogClock } from "./ports/mod.ts";
import { forEachInSlices } from "./time-slices.ts";

/** A delivery requested by a process manager. */
export type Delivery = Extract<Action, { readonly kind: "deliver" }>;

/** What the server has lost. */
export interface Lost {
  readonly timers: boolean;
  readonly inboxes: boolean;
  /**
   * Whether all deliveries of the last minute are owed, whatever they contain, because they may never have been made.
   */
  readonly recent: boolean;
}

/** See {@link Lost.recent}. */
const recentMs = 60_000;

/** The parts of a process manager that are needed to repeat its actions. */
interface Folding<State, R> extends Performer<R> {
  readonly initial: State;
  readonly evolve: (state: State, event: RecordedEvent) => State;
  readonly react: (state: State, event: RecordedEvent) => ReadonlyArray<Action>;
  readonly concurrency?: number;
  readonly stillMatters?: (state: State, delivery: Delivery) => string | undefined;
}

/** An action of an event, and its index among that event's actions. */
interface Owed {
  readonly event: RecordedEvent;
  readonly action: Action;
  readonly place: number;
}

/** The past actions that still apply. A newer action replaces older ones with the same key. */
class OwedActions {
  readonly #lost: Lost;
  readonly #matters: (event: RecordedEvent, delivery: Delivery) => string | undefined;
  readonly #timers = new Map<string, Owed>();
  readonly #inboxes = new Map<string, ReadonlyArray<Owed>>();
  readonly #deliveries = new Map<string, Owed>();

  /** `matters` returns the key of an owed delivery. */
  constructor(lost: Lost, matters: (event: RecordedEvent, delivery: Delivery) => string | undefined) {
    this.#lost = lost;
    this.#matters = matters;
  }

  take(owed: Owed): void {
    const { event, action } = owed;
    if (this.#lost.timers && action.kind === "schedule") this.#timers.set(action.timerId, owed);
    if (this.#lost.timers && action.kind === "cancel-timer") this.#timers.delete(action.timerId);
    if (!this.#lost.inboxes) return;
    if (action.kind === "open-inbox") this.#inboxes.set(action.agent, [owed]);
    if (action.kind === "keep-inbox")
      this.#inboxes.set(action.agent, [...(this.#inboxes.get(action.agent) ?? []), owed]);
    if (action.kind !== "deliver") return;
    const key = this.#matters(event, action);
    if (key === undefined) return;
    // Inserted again, so that the newest delivery is also last in order.
    this.#deliveries.delete(key);
    this.#deliveries.set(key, owed);
  }

  get all(): ReadonlyArray<Owed> {
    return [...[...this.#inboxes.values()].flat(), ...this.#deliveries.values(), ...this.#timers.values()];
  }
}

/**
 * Repeats the actions for events up to `until` that the server has lost: active timers, inboxes, and deliveries that
 * still matter. Without this, a lost timer would leave its vote or task open forever. The log is read twice, because
 * only the state at its end shows which deliveries matter. Repeating an action changes nothing: a timer's command has
 * the id of the timer, and agents recognise deliveries by their ids.
 */
export const doAgain = Effect.fnUntraced(function* <State, R>(
  manager: Folding<State, R>,
  eventsOf: (commit: Commit) => ReadonlyArray<RecordedEvent>,
  isOurs: (commit: Commit) => boolean,
  until: number,
  lost: Lost,
) {
  const log = yield* CheckedLog;
  const reactTo = (state: State, event: RecordedEvent): ReadonlyArray<Action> => {
    try {
      return manager.react(state, event);
    } catch {
      // Its step was parked at that time.
      return [];
    }
  };
  const fold = Effect.fnUntraced(function* (each: (state: State, event: RecordedEvent) => void) {
    let state = manager.initial;
    const take = (item: CheckedItem) => {
      if (item.kind !== "commit" || item.commit.position > until) return;
      for (const event of eventsOf(item.commit)) {
        try {
          state = manager.evolve(state, event);
        } catch {
          continue;
        }
        each(state, event);
      }
    };
    yield* log.follow(0, isOurs).pipe(
      Stream.takeUntil((item) => item.kind === "caught-up" || positionOf(item) >= until),
      Stream.runForEachArray((items) => forEachInSlices(items, take)),
    );
    return state;
  });
  const since = new Date((yield* (yield* LogClock).now) - recentMs).toISOString();
  const isRecent = ({ time }: RecordedEvent) => lost.recent && time > since;
  const state = yield* fold(() => {});
  const owed = new OwedActions(
    lost,
    (event, delivery) =>
      manager.stillMatters?.(state, delivery) ?? (isRecent(event) ? `recent ${delivery.deliveryId}` : undefined),
  );
  yield* fold((state, event) => {
    for (const [place, action] of reactTo(state, event).entries()) owed.take({ event, action, place });
  });
  const steps = owed.all.map(({ event, action, place }) => stepOf(manager, event, action, place));
  if (steps.length === 0) return;
  yield* lost.recent
    ? Effect.logDebug(`${manager.name} begins with ${steps.length} things of a log that it has not worked on`)
    : Effect.logWarning(`${manager.name} does ${steps.length} things again that the nats-server has lost`);
  const done = yield* Deferred.make<void>();
  const settled = () => Effect.asVoid(Deferred.succeed(done, undefined));
  const pipeline = yield* makePipeline<never, R | StepServices>(manager.concurrency ?? 1, settled);
  yield* pipeline.start(until, steps);
  yield* Effect.raceFirst(Deferred.await(done), pipeline.failed);
}, Effect.scoped);

const positionOf = (item: CheckedItem): number => (item.kind === "commit" ? item.commit.position : item.position);
