import { Cause as Causes, Effect, Exit, Option, Result, Schedule, type Schema } from "effect";
import type { InboxChannel } from "../contract/deliveries.ts";
import { defined, type RecordedEvent } from "../domain/kernel/mod.ts";
import { type CommandError, isTransient } from "./command-error.ts";
import { CommandHandling } from "./command-handling.ts";
import { Inbox, type StoreUnavailable, type TimerCommand, Timers } from "./ports/mod.ts";
import { spanOf } from "./trace-context.ts";

/**
 * An action that a process manager wants because of an event. `step` names the action among those of one event.
 * Together with the event's id it forms the command id. So an action that is repeated after a crash changes nothing.
 */
export type Action =
  | {
      readonly kind: "command";
      readonly step: string;
      readonly aggregate: string;
      readonly id: string;
      readonly command: string;
      readonly payload: Schema.Json;
      /** The action to take instead if a rule refuses the command. */
      readonly otherwise?: Action;
    }
  | {
      /** A timer id has one moment only, because it becomes the id of the command that follows. */
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
  | { readonly kind: "open-inbox" | "keep-inbox"; readonly agent: string }
  /** An action that needs more than the state of the process. The operation returns the actions that follow. */
  | { readonly kind: "operation"; readonly operation: string; readonly input: Schema.Json };

/** An operation of a process manager. It must be repeatable, because it may run again after a failure. */
export type ProcessOperation<R> = (
  input: Schema.Json,
) => Effect.Effect<ReadonlyArray<Action>, CommandError | StoreUnavailable, R>;

/** The owner of actions. */
export interface Performer<R> {
  /** Also the name of its principal, its lease and its checkpoint. */
  readonly name: string;
  readonly operations?: Readonly<Record<string, ProcessOperation<R>>>;
}

/** Repeats without end, with a pause. For requests that the store did not accept. */
export const untilDone = Schedule.spaced("500 millis");

/** Returns the key of an action. Actions of one process manager with the same key run in order. */
export const keyOf = (action: Action): string => {
  switch (action.kind) {
    case "command":
      return `${action.aggregate}.${action.id}`;
    case "schedule":
    case "cancel-timer":
      return `timer.${action.timerId}`;
    case "deliver":
    case "open-inbox":
    case "keep-inbox":
      return `inbox.${action.agent}`;
    case "operation":
      return `operation.${action.operation}`;
  }
};

/** The cause of an action. */
export type Cause = Pick<RecordedEvent, "eventId" | "correlationId" | "traceparent">;

/** The number of permanent failures after which a step is parked. */
const mostFailures = 4;
/** The pause after the first failure, in milliseconds. Each pause is twice as long as the previous one. */
const firstPause = 500;
/** The number of commands that timed out after which a step is parked. Each took ten seconds. */
const mostTimeouts = 30;

/** Why a step was parked. */
export interface GivenUp {
  readonly reason: string;
  readonly attempts: number;
}

/**
 * Runs a step until it succeeds. Returns the reason if it keeps failing permanently. Waits for an unresponsive store
 * without limit.
 */
export const attempt = Effect.fnUntraced(function* <R>(
  manager: string,
  { eventId, traceparent }: Cause,
  step: Effect.Effect<void, StoreUnavailable | CommandError, R>,
): Effect.fn.Return<GivenUp | undefined, never, R> {
  const work = traceparent === undefined ? step : spanOf(`process ${manager}`, traceparent, step);
  for (let [attempts, failures, timeouts] = [1, 0, 0]; ; attempts += 1) {
    const exit = yield* Effect.exit(work);
    if (Exit.isSuccess(exit)) return undefined;
    if (Causes.hasInterrupts(exit.cause)) return yield* Effect.interrupt;
    const error = Option.getOrUndefined(Causes.findErrorOption(exit.cause));
    const reason = error?.message ?? String(Causes.squash(exit.cause));
    if (error !== undefined && (error._tag === "StoreUnavailable" || isTransient(error))) {
      if (error._tag === "CommandError" && error.code === "timeout") timeouts += 1;
      if (timeouts >= mostTimeouts) return { reason, attempts };
      yield* Effect.logWarning(`${manager} after ${eventId}: ${reason}: again`);
      yield* Effect.sleep("500 millis");
      continue;
    }
    failures += 1;
    if (failures >= mostFailures) return { reason, attempts };
    yield* Effect.logWarning(`${manager} after ${eventId} fails: ${reason}: again`);
    yield* Effect.sleep(firstPause * 2 ** (failures - 1));
  }
});

/** Performs an action once. */
export const performOnce = Effect.fnUntraced(function* <R>(
  manager: Performer<R>,
  event: Cause,
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
    case "keep-inbox":
      return yield* (yield* Inbox).keep(action.agent);
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
 * Gives a command. Returns true if a rule refuses it, because the state has moved on. Any other refusal is a failure:
 * either the command was wrong, or its aggregate is read-only.
 */
const give = Effect.fnUntraced(function* (
  principal: string,
  event: Cause,
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
      ...defined({ traceparent: event.traceparent }),
    }),
  );
  if (Result.isSuccess(outcome)) return false;
  const error = outcome.failure;
  if (error.code !== "rejected") return yield* error;
  yield* Effect.logDebug(
    `${principal}: ${action.aggregate}.${action.command} on \`${action.id}\` was refused: ${error.message}`,
  );
  return true;
});
