import { Effect, type Schema } from "effect";
import { defined, isEventOf, jsonBytes, type RecordedEvent, type RecordedEventOf } from "../domain/kernel/mod.ts";
import type { ParkedWork } from "../domain/parked-step/contract.ts";
import { parkedStep } from "../domain/parked-step/decider.ts";
import { type Action, attempt, type Cause, type GivenUp, keyOf, type Performer, performOnce } from "./action.ts";
import type { Step } from "./action-pipeline.ts";
import { isTransient } from "./command-error.ts";
import { CommandHandling } from "./command-handling.ts";
import { stepsParked } from "./metrics.ts";
import type { Inbox, Timers } from "./ports/mod.ts";

/** The services that steps need, besides those of their process manager's operations. */
export type StepServices = CommandHandling | Timers | Inbox;

/** The maximum size of an action that is stored with its parked step, in bytes of JSON. */
const keptAction = 64 * 1024;

/** A step to park. */
interface Parked {
  readonly id: string;
  readonly work: Omit<ParkedWork, "reason" | "attempts">;
}

const causeOf = ({ event: eventId, correlationId, traceparent }: Parked["work"]): Cause => ({
  eventId,
  correlationId,
  ...defined({ traceparent }),
});

/** Returns the parked form of a step. `place` is the index of its action among those of the event. */
const parkedOf = (manager: string, event: RecordedEvent, place: number | "event", action?: Action): Parked => {
  const json = action === undefined ? undefined : (action as Schema.Json);
  return {
    id: `${manager}-${event.position}-${event.version}-${place}`,
    work: {
      manager,
      event: event.eventId,
      eventPosition: event.position,
      correlationId: event.correlationId,
      key: action === undefined ? `${event.aggregate}.${event.id}` : keyOf(action),
      ...defined({
        traceparent: event.traceparent,
        action: json !== undefined && jsonBytes(json) <= keptAction ? json : undefined,
      }),
    },
  };
};

/**
 * Parks a step in the log, where all backends see it. Returns false if the store does not answer; the step is then
 * tried again. Without parking, one step that always fails would block all later steps with its key.
 */
const park = Effect.fnUntraced(function* ({ id, work }: Parked, { reason, attempts }: GivenUp) {
  const { handle } = yield* CommandHandling;
  const parked = yield* Effect.result(
    handle({
      aggregate: parkedStep.name,
      id,
      command: "park",
      payload: { ...work, reason, attempts },
      principal: work.manager,
      audience: "internal",
      correlationId: work.correlationId,
      causationId: work.event,
    }),
  );
  if (parked._tag === "Failure" && isTransient(parked.failure)) return false;
  yield* stepsParked(work.manager);
  const line = `${work.manager} after ${work.event}: parked after ${attempts} attempts: ${reason}`;
  yield* Effect.logError(parked._tag === "Success" ? `${line}: cim parked list` : `${line}: ${parked.failure.message}`);
  return true;
});

/** Runs a step until it succeeds or is parked. */
const doOrPark = Effect.fnUntraced(function* <R>(parked: Parked, step: Effect.Effect<void, StepFailure, R>) {
  for (;;) {
    const givenUp = yield* attempt(parked.work.manager, causeOf(parked.work), step);
    if (givenUp === undefined) return true;
    if (yield* park(parked, givenUp)) return false;
  }
});

type StepFailure = Effect.Error<ReturnType<typeof performOnce>>;

/**
 * Returns the step that performs an action of an event. If it keeps failing, it is parked, and later steps continue.
 */
export const stepOf = <R>(
  manager: Performer<R>,
  event: RecordedEvent,
  action: Action,
  place: number,
): Step<never, R | StepServices> => ({
  key: keyOf(action),
  run: Effect.asVoid(doOrPark(parkedOf(manager.name, event, place, action), performOnce<R>(manager, event, action))),
});

/** Returns the step that parks an event on which the process manager itself failed. */
export const stepOfFailure = (
  manager: Performer<never>["name"],
  event: RecordedEvent,
  error: unknown,
): Step<never, StepServices> => ({
  key: `${event.aggregate}.${event.id}`,
  run: Effect.asVoid(doOrPark(parkedOf(manager, event, "event"), Effect.die(error))),
});

/** The parked steps of one process manager, according to the log. */
export class ParkedSteps {
  readonly #manager: string;
  #steps: ReadonlyMap<string, ParkedWork>;

  constructor(manager: string, steps: ReadonlyMap<string, ParkedWork> = new Map()) {
    this.#manager = manager;
    this.#steps = steps;
  }

  /** The parked steps by id. The map is a snapshot: later events do not change it. */
  get steps(): ReadonlyMap<string, ParkedWork> {
    return this.#steps;
  }

  /** Applies an event. Returns the step if somebody wants it tried again. */
  take(event: RecordedEvent): Parked | undefined {
    if (!isEventOf(parkedStep, event)) return undefined;
    return this.#take(event);
  }

  #take(event: RecordedEventOf<typeof parkedStep.events>): Parked | undefined {
    const { id } = event;
    switch (event.type) {
      case "step-parked":
        if (event.data.manager === this.#manager) this.#steps = new Map([...this.#steps, [id, event.data]]);
        return undefined;
      case "step-retried": {
        const work = this.#steps.get(id);
        return work === undefined ? undefined : { id, work };
      }
      case "step-settled":
      case "step-dropped":
        if (this.#steps.has(id)) this.#steps = new Map([...this.#steps].filter(([other]) => other !== id));
        return undefined;
    }
  }
}

/** Returns the step that retries a parked one. `otherwise` computes the actions if the action itself was not stored. */
export const stepOfRetry = <R>(
  manager: Performer<R>,
  parked: Parked,
  otherwise: Effect.Effect<ReadonlyArray<Action>, StepFailure, R>,
): Step<never, R | StepServices> => {
  const { key, action } = parked.work;
  const cause = causeOf(parked.work);
  const actions = action === undefined ? otherwise : Effect.succeed([action as Action]);
  const again = Effect.flatMap(actions, (all) =>
    Effect.forEach(all, (one) => performOnce<R>(manager, cause, one), { discard: true }),
  );
  const settle = Effect.flatMap(CommandHandling, ({ handle }) =>
    handle({
      aggregate: parkedStep.name,
      id: parked.id,
      command: "settle",
      payload: {},
      principal: manager.name,
      audience: "internal",
      correlationId: cause.correlationId,
    }),
  );
  return { key, run: Effect.asVoid(doOrPark(parked, Effect.andThen(again, Effect.asVoid(settle)))) };
};
