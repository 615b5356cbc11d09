import { Context, type Effect, type Schema, type Scope } from "effect";
import type { InboxChannel } from "../../contract/deliveries.ts";
import type { RecordedEvent } from "../../domain/kernel/mod.ts";
import type { StoreUnavailable } from "./event-store.ts";

/**
 * How far the log has been delivered, kept with the deliveries: what a crash of the store takes of them it takes from
 * the progress too, so that who goes on from there delivers it again.
 */
export interface InboxProgress {
  /**
   * The position up to which everything is delivered for good; undefined if none was ever saved. From then on
   * this is who delivers: another's progress, saved later, makes its own `save` fail.
   */
  readonly resume: Effect.Effect<number | undefined, StoreUnavailable, Scope.Scope>;
  /** What was saved is not of this log: as if nothing had been. Only after `resume`. */
  readonly startOver: Effect.Effect<void, StoreUnavailable>;
  /** All deliveries up to this position have been made. Gives one up to which nothing can take them any more. */
  readonly save: (position: number) => Effect.Effect<number, StoreUnavailable>;
  /** Fails once deliveries made since `resume` may be gone, as every later one does: resume again. */
  readonly lost: Effect.Effect<never, StoreUnavailable>;
  /** Takes back what was saved, as if deliveries had been lost: who resumes next makes again those that still matter. */
  readonly forget: Effect.Effect<void, StoreUnavailable>;
}

/** How long the inbox of an agent that signed off waits for its return. */
export const keptForDays = 30;

/** Deliveries to agents: kept until the agent acknowledges them, also while it is away. */
export class Inbox extends Context.Service<
  Inbox,
  {
    /**
     * Makes sure that the agent has its durable consumer, so that nothing delivered from now on passes it by. What was
     * kept of one that had signed off waits in it, and is kept without end again.
     */
    readonly open: (agentId: string) => Effect.Effect<void, StoreUnavailable>;
    /**
     * The agent has signed off. Its tasks go to others, so what waits on that channel is dropped; all else that waits,
     * and what is delivered while it is away, is kept for `keptForDays`, and goes then with the consumer. Nothing is
     * kept where none was open.
     */
    readonly keep: (agentId: string) => Effect.Effect<void, StoreUnavailable>;
    /** Delivers once per `deliveryId` (within the server's duplicate window; agents ignore later repeats by it). */
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

/** What to do when a timer fires: the command is given under the command id `internal:timer:<timer id>`. */
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
    /** Cancels a timer. Nothing happens if it has fired or never existed. */
    readonly cancel: (timerId: string) => Effect.Effect<void, StoreUnavailable>;
    /**
     * Hands each fired timer to `handle` until interrupted; one that fails, or whose handler dies, is handed over again.
     */
    readonly onFired: <R>(
      handle: (timerId: string, command: TimerCommand) => Effect.Effect<void, StoreUnavailable, R>,
    ) => Effect.Effect<never, StoreUnavailable, R>;
    /** Whether everything that `owner` has scheduled is there: it has said so, and nothing was lost since. */
    readonly isArmed: (owner: string) => Effect.Effect<boolean, StoreUnavailable>;
    /** Says that all timers of `owner` are scheduled. */
    readonly arm: (owner: string) => Effect.Effect<void, StoreUnavailable>;
    /** Fails once timers may be gone: ask then what is armed. */
    readonly lost: Effect.Effect<never, StoreUnavailable>;
  }
>()("cim/application/Timers") {}

/** Who wants to know of heartbeats; called often, so plainly. */
export interface HeartbeatListener {
  /** A heartbeat of an agent, sent at this moment (milliseconds since 1970). */
  readonly heard: (agentId: string, at: number) => void;
  /** Heartbeats may have been missed. */
  readonly interrupted: () => void;
}

/** The heartbeats of agents; the newest of each is kept, also while no backend runs. */
export class Heartbeats extends Context.Service<
  Heartbeats,
  {
    /** How often agents are expected to be heard. */
    readonly intervalSeconds: number;
    /** Tells of the newest heartbeat of each agent that was heard lately, then of every one that comes. */
    readonly listen: (listener: HeartbeatListener) => Effect.Effect<never, StoreUnavailable>;
  }
>()("cim/application/Heartbeats") {}

/** Where the feed stands: everything before `position`, and `events` events of the commit at it, have been written. */
export interface FeedEnd {
  readonly position: number;
  readonly events: number;
}

/** What a message of the feed says of its event. */
export interface FeedMark extends FeedEnd {
  readonly eventId: string;
}

/** The feed for other services: each event once, in order, as a CloudEvent. */
export class Feed extends Context.Service<
  Feed,
  {
    /**
     * Read from the newest message that `isOfLog`: `{position: 0, events: 0}` if there is none. What comes after it is
     * taken out, with a warning: it is not an event of this log, and hides where the feed goes on.
     */
    readonly end: (
      isOfLog: (mark: FeedMark) => Effect.Effect<boolean, StoreUnavailable>,
    ) => Effect.Effect<FeedEnd, StoreUnavailable>;
    /**
     * Appends events in order, each only if the one before it is the feed's last message; another writer's append in
     * between fails this one and writes nothing twice.
     */
    readonly append: (events: ReadonlyArray<RecordedEvent>) => Effect.Effect<void, StoreUnavailable>;
    /** Fails once events that were written may be gone: read the end again. */
    readonly lost: Effect.Effect<never, StoreUnavailable>;
  }
>()("cim/application/Feed") {}

/**
 * Runs work in one backend at a time.
 *
 * A lease is not a lock: after a long pause two backends may both believe to hold it for a moment. What runs under it
 * must therefore be fenced itself, by deterministic command ids or conditional writes.
 */
export class Leases extends Context.Service<
  Leases,
  {
    /**
     * Waits for the lease `role`, runs `work` while it is held, interrupts it when it is lost, and starts over.
     * Never returns; when interrupted it gives the lease back at once. A dead holder's lease is free after 3 s.
     */
    readonly whileHeld: <E, R>(role: string, work: Effect.Effect<void, E, R>) => Effect.Effect<never, never, R>;
  }
>()("cim/application/Leases") {}
