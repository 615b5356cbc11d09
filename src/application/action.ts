import { Effect, Result, Schedule, type Schema } from "effect";
import type { InboxChannel } from "../contract/deliveries.ts";
import { defined, type RecordedEvent } from "../domain/kernel/mod.ts";
import { type CommandError, isTransient } from "./command-error.ts";
import { CommandHandling } from "./command-handling.ts";
import { Inbox, type StoreUnavailable, type TimerCommand, Timers } from "./ports/mod.ts";
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
      /** The action that is done instead if a rule refuses the command. */
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
  | { readonly kind: "open-inbox" | "keep-inbox"; readonly agent: string }
  /** Something that needs more than the state of the process: answered with the actions that follow from it. */
  | { readonly kind: "operation"; readonly operation: string; readonly input: Schema.Json };

/** An operation of a process manager: must be repeatable, for it may run again after a failure. */
export type ProcessOperation<R> = (
  input: Schema.Json,
) => Effect.Effect<ReadonlyArray<Action>, CommandError | StoreUnavailable, R>;

/** Who wants actions. */
export interface Performer<R> {
  /** Also the principal of its commands, its lease and its checkpoint. */
  readonly name: string;
  readonly operations?: Readonly<Record<string, ProcessOperation<R>>>;
}

/** Again and again, with a pause: for what the store did not take. */
export const untilDone = Schedule.spaced("500 millis");

/** What an action concerns: actions of one process manager with the same key are done in order. */
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

/** Does an action that an event asked for, again and again until it is done. */
export const perform = <R>(
  manager: Performer<R>,
  event: RecordedEvent,
  action: Action,
): Effect.Effect<void, never, R | CommandHandling | Timers | Inbox> => {
  const performed = performOnce(manager, event, action).pipe(
    Effect.tapError(({ message }) => Effect.logWarning(`${manager.name} after ${event.eventId}: ${message}: again`)),
    Effect.retry(untilDone),
    // Never: the schedule has no end.
    Effect.orDie,
  );
  return event.traceparent === undefined ? performed : spanOf(`process ${manager.name}`, event.traceparent, performed);
};

const performOnce = Effect.fnUntraced(function* <R>(
  manager: Performer<R>,
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
 * Gives a command. Returns true if a rule refuses it: things have moved on. Only a silent store is tried
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
      ...defined({ traceparent: event.traceparent }),
    }),
  );
  if (Result.isSuccess(outcome)) return false;
  const error = outcome.failure;
  if (isTransient(error)) return yield* error;
  const line = `${principal}: ${action.aggregate}.${action.command} on \`${action.id}\` was refused: ${error.message}`;
  yield* error.code === "rejected" ? Effect.logDebug(line) : Effect.logError(line);
  return error.code === "rejected";
});
