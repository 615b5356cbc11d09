import { Context, type Effect, type Schema } from "effect";
import type { StoreUnavailable } from "./event-store.ts";

/** What to do when a timer fires: the command is issued with the command id `timer:<timer id>`. */
export interface TimerCommand {
  readonly aggregate: string;
  readonly id: string;
  readonly command: string;
  readonly payload: Schema.Json;
  readonly correlationId: string;
}

/** Deadlines that survive the death of any process: scheduled messages in the server, never in-process timers. */
export class Timers extends Context.Service<
  Timers,
  {
    /** Schedules or replaces the timer `timerId` (`[A-Za-z0-9_-]+`); a moment that has passed fires at once. */
    readonly schedule: (timerId: string, at: string, command: TimerCommand) => Effect.Effect<void, StoreUnavailable>;
    /** Cancels a timer; nothing happens where it has fired or never was. */
    readonly cancel: (timerId: string) => Effect.Effect<void, StoreUnavailable>;
    /**
     * Hands each fired timer to `handle` until interrupted; one that fails, or whose handler dies, is handed over again.
     */
    readonly onFired: <R>(
      handle: (timerId: string, command: TimerCommand) => Effect.Effect<void, StoreUnavailable, R>,
    ) => Effect.Effect<never, StoreUnavailable, R>;
  }
>()("cim/application/Timers") {}
