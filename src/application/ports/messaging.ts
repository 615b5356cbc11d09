import { Context, type Effect, type Schema, type Scope } from "effect";
import type { InboxChannel } from "../../contract/deliveries.ts";
import type { RecordedEvent } from "../../domain/kernel/mod.ts";
import type { StoreUnavailable } from "./event-store.ts";

/**
 * The progress of deliveries, kept in the same stream as the deliveries. If a crash of the store loses the end of the
 * stream, it loses the progress together with the deliveries. So the backend that resumes makes them again. Progress
 * that is kept elsewhere would survive the crash, and the lost deliveries would never be repeated.
 */
export interface InboxProgress {
  /**
   * Returns the position up to which everything is delivered for good; undefined if none was ever saved. From then on
   * this backend delivers. If another backend saves progress later, this one's `save` fails.
   */
  readonly resume: Effect.Effect<number | undefined, StoreUnavailable, Scope.Scope>;
  /** Forgets saved progress that does not belong to this log. Only after `resume`. */
  readonly startOver: Effect.Effect<void, StoreUnavailable>;
  /** Notes that all deliveries up to this position were made. Returns a position up to which no crash can lose them. */
  readonly save: (position: number) => Effect.Effect<number, StoreUnavailable>;
  /** Fails once deliveries made since `resume` may be lost. Later deliveries fail too, so resume again. */
  readonly lost: Effect.Effect<never, StoreUnavailable>;
  /** Forgets the saved progress as if deliveries had been lost. The next `resume` repeats those that still matter. */
  readonly forget: Effect.Effect<void, StoreUnavailable>;
}

/** The number of days for which the inbox of a signed-off agent is kept. */
export const keptForDays = 30;

/** Deliveries to agents. They are kept until the agent acknowledges them, even while it is away. */
export class Inbox extends Context.Service<
  Inbox,
  {
    /**
     * Ensures that the agent has its durable consumer, so that it gets everything delivered from now on. What was kept
     * for a signed-off agent waits in it, and no longer expires.
     */
    readonly open: (agentId: string) => Effect.Effect<void, StoreUnavailable>;
    /**
     * Keeps the inbox of an agent that has signed off. Its tasks go to other agents, so the deliveries on that channel
     * are dropped. All other deliveries, including later ones, are kept for `keptForDays`. After that they are removed
     * together with the consumer. Without an open inbox, nothing is kept.
     */
    readonly keep: (agentId: string) => Effect.Effect<void, StoreUnavailable>;
    /** Delivers once per `deliveryId` within the server's duplicate window. Agents ignore later repeats by the id. */
    readonly deliver: (
      agentId: string,
      channel: InboxChannel,
      deliveryId: string,
      message: Schema.Json,
    ) => Effect.Effect<void, StoreUnavailable>;
    /** The agents that have an inbox. */
    readonly owners: Effect.Effect<ReadonlySet<string>, StoreUnavailable>;
    readonly progress: InboxProgress;
  }
>()("cim/application/Inbox") {}

/** The command of a timer. When the timer fires, it is given with the command id `internal:timer:<timer id>`. */
export interface TimerCommand {
  readonly aggregate: string;
  readonly id: string;
  readonly command: string;
  readonly payload: Schema.Json;
  readonly correlationId: string;
}

/** Deadlines that survive the end of any process. They are scheduled messages in the server, not in-process timers. */
export class Timers extends Context.Service<
  Timers,
  {
    /** Schedules or replaces the timer `timerId` (`[A-Za-z0-9_-]+`). A past moment fires at once. */
    readonly schedule: (timerId: string, at: string, command: TimerCommand) => Effect.Effect<void, StoreUnavailable>;
    /** Cancels a timer. Has no effect if it has fired or never existed. */
    readonly cancel: (timerId: string) => Effect.Effect<void, StoreUnavailable>;
    /**
     * Passes each fired timer to `handle` until interrupted. If the handler fails or dies, the timer is passed to it
     * again.
     */
    readonly onFired: <R>(
      handle: (timerId: string, command: TimerCommand) => Effect.Effect<void, StoreUnavailable, R>,
    ) => Effect.Effect<never, StoreUnavailable, R>;
    /** Returns whether all timers of `owner` exist: it has marked them as scheduled, and none was lost since. */
    readonly isArmed: (owner: string) => Effect.Effect<boolean, StoreUnavailable>;
    /** Marks all timers of `owner` as scheduled. */
    readonly arm: (owner: string) => Effect.Effect<void, StoreUnavailable>;
    /** Fails once timers may be lost. Check then which owners are armed. */
    readonly lost: Effect.Effect<never, StoreUnavailable>;
  }
>()("cim/application/Timers") {}

/** A listener for heartbeats. Plain functions, because they are called often. */
export interface HeartbeatListener {
  /** A heartbeat of an agent. `at` is its time in milliseconds since 1970. */
  readonly heard: (agentId: string, at: number) => void;
  /** Heartbeats may have been missed. */
  readonly interrupted: () => void;
}

/** The heartbeats of agents. The newest of each agent is kept, even while no backend runs. */
export class Heartbeats extends Context.Service<
  Heartbeats,
  {
    /** The interval of heartbeats that agents are expected to keep. */
    readonly intervalSeconds: number;
    /** Reports the newest heartbeat of each recently heard agent, then every new one. */
    readonly listen: (listener: HeartbeatListener) => Effect.Effect<never, StoreUnavailable>;
  }
>()("cim/application/Heartbeats") {}

/** The end of the feed: everything before `position` was written, and `events` events of the commit at `position`. */
export interface FeedEnd {
  readonly position: number;
  readonly events: number;
}

/** The mark of a feed message: its event, and its place. */
export interface FeedMark extends FeedEnd {
  readonly eventId: string;
}

/** The feed for other services: each event once, in order, as a CloudEvent. */
export class Feed extends Context.Service<
  Feed,
  {
    /**
     * Returns the end of the feed, from its newest message for which `isOfLog` is true; `{position: 0, events: 0}` if
     * there is none. Messages after it are removed with a warning. They are not events of this log, and would hide
     * where the feed continues.
     */
    readonly end: (
      isOfLog: (mark: FeedMark) => Effect.Effect<boolean, StoreUnavailable>,
    ) => Effect.Effect<FeedEnd, StoreUnavailable>;
    /**
     * Appends events in order, each only if its predecessor is the feed's last message. If another writer appends in
     * between, this append fails, and nothing is written twice.
     */
    readonly append: (events: ReadonlyArray<RecordedEvent>) => Effect.Effect<void, StoreUnavailable>;
    /** Fails once written events may be lost. Read the end again then. */
    readonly lost: Effect.Effect<never, StoreUnavailable>;
  }
>()("cim/application/Feed") {}

/**
 * Runs work in one backend at a time.
 *
 * A lease is not a lock. After a long pause, two backends may briefly both believe that they hold it. Work under a
 * lease must therefore be fenced by itself, with deterministic command ids or conditional writes. Without such a fence,
 * a backend that wakes from a pause would repeat an action that its successor has already taken.
 */
export class Leases extends Context.Service<
  Leases,
  {
    /**
     * Waits for the lease `role` and runs `work` while it is held. If the lease is lost, interrupts the work and starts
     * over. Never returns. When interrupted, it returns the lease at once. The lease of a dead holder is free after 3
     * s.
     */
    readonly whileHeld: <E, R>(role: string, work: Effect.Effect<void, E, R>) => Effect.Effect<never, never, R>;
  }
>()("cim/application/Leases") {}
