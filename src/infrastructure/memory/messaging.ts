import { Clock, Context, Effect, FiberMap, Layer, Queue, type Schema, Semaphore } from "effect";
import {
  Feed,
  type HeartbeatListener,
  Heartbeats,
  Inbox,
  Leases,
  StoreUnavailable,
  type TimerCommand,
  Timers,
} from "../../application/ports/mod.ts";
import type { InboxChannel } from "../../contract/deliveries.ts";
import type { RecordedEvent } from "../../domain/kernel/mod.ts";
import { repeatTerms } from "../leased-work.ts";

/** A delivery as an agent receives it. */
export interface Delivery {
  readonly channel: InboxChannel;
  readonly message: Schema.Json;
}

/**
 * Inboxes in memory, for tests. A test reads `delivered`, the unacknowledged deliveries by agent. Deliveries are kept
 * for ever.
 */
export const memoryInboxLayer = (delivered: Map<string, Array<Delivery>> = new Map()) =>
  Layer.sync(Inbox, () => {
    const seen = new Set<string>();
    let progress: number | undefined;
    return Inbox.of({
      open: (agentId) => Effect.sync(() => void delivered.set(agentId, delivered.get(agentId) ?? [])),
      keep: (agentId) =>
        Effect.sync(() => {
          const inbox = delivered.get(agentId) ?? [];
          inbox.splice(0, inbox.length, ...inbox.filter(({ channel }) => channel !== "task"));
        }),
      deliver: (agentId, channel, deliveryId, message) =>
        Effect.sync(() => {
          const key = `${deliveryId}:${agentId}`;
          if (seen.has(key)) return;
          seen.add(key);
          delivered.get(agentId)?.push({ channel, message });
        }),
      owners: Effect.sync(() => new Set(delivered.keys())),
      progress: {
        resume: Effect.sync(() => progress),
        startOver: Effect.sync(() => {
          progress = undefined;
        }),
        save: (position) =>
          Effect.sync(() => {
            progress = position;
            return 0;
          }),
        lost: Effect.never,
        forget: Effect.sync(() => {
          progress = undefined;
        }),
      },
    });
  });

/** Timers in memory, for tests. `TestClock` lets their time pass. */
export const memoryTimersLayer = Layer.effect(
  Timers,
  Effect.gen(function* () {
    const waiting = yield* FiberMap.make<string, void>();
    const fired = yield* Queue.unbounded<{ readonly timerId: string; readonly command: TimerCommand }>();
    const armed = new Set<string>();
    return Timers.of({
      schedule: Effect.fnUntraced(function* (timerId, at, command) {
        const left = Math.max(0, Date.parse(at) - (yield* Clock.currentTimeMillis));
        const fire = Effect.asVoid(Queue.offer(fired, { timerId, command }));
        yield* FiberMap.run(waiting, timerId, Effect.delay(fire, left));
      }),
      cancel: (timerId) => FiberMap.remove(waiting, timerId),
      onFired: (handle) =>
        Effect.flatMap(Queue.take(fired), (timer) =>
          handle(timer.timerId, timer.command).pipe(
            Effect.catchCause(() => Effect.forkDetach(Effect.delay(Queue.offer(fired, timer), "1 second"))),
            Effect.onInterrupt(() => Queue.offer(fired, timer)),
          ),
        ).pipe(Effect.forever),
      isArmed: (owner) => Effect.sync(() => armed.has(owner)),
      arm: (owner) => Effect.sync(() => void armed.add(owner)),
      lost: Effect.never,
    });
  }),
);

/** Sends heartbeats, as agents do. */
export class Beats extends Context.Service<Beats, { readonly beat: (agentId: string) => Effect.Effect<void> }>()(
  "cim/infrastructure/memory/Beats",
) {}

/** Heartbeats in memory, for tests. `TestClock` lets their time pass. */
export const memoryHeartbeatsLayer = ({ intervalSeconds = 10 }: { readonly intervalSeconds?: number } = {}) =>
  Layer.effectContext(
    Effect.sync(() => {
      const newest = new Map<string, number>();
      const listeners = new Set<HeartbeatListener>();
      const listen = (listener: HeartbeatListener) =>
        Effect.acquireRelease(
          Effect.sync(() => {
            for (const [agentId, at] of newest) listener.heard(agentId, at);
            listeners.add(listener);
          }),
          () => Effect.sync(() => listeners.delete(listener)),
        ).pipe(Effect.andThen(Effect.never), Effect.scoped);
      const beat = (agentId: string) =>
        Effect.map(Clock.currentTimeMillis, (at) => {
          newest.set(agentId, at);
          for (const listener of listeners) listener.heard(agentId, at);
        });
      return Context.make(Heartbeats, { intervalSeconds, listen }).pipe(Context.add(Beats, { beat }));
    }),
  );

/** The feed in memory, for tests. A test reads `written`. Several layers on one `written` are several writers. */
export const memoryFeedLayer = (written: Array<RecordedEvent> = []) =>
  Layer.sync(Feed, () => {
    let length: number | undefined;
    return Feed.of({
      end: Effect.fnUntraced(function* (isOfLog) {
        for (let last = written.at(-1); last !== undefined; last = written.at(-1)) {
          const { position, eventId } = last;
          const events = written.filter((event) => event.position === position).length;
          length = written.length;
          if (yield* isOfLog({ position, events, eventId })) return { position, events };
          written.pop();
        }
        length = 0;
        return { position: 0, events: 0 };
      }),
      append: Effect.fnUntraced(function* (events) {
        if (length !== written.length) {
          length = undefined;
          return yield* new StoreUnavailable({ message: "the feed's end is unknown: read it before appending" });
        }
        written.push(...events);
        length = written.length;
      }),
      lost: Effect.never,
    });
  });

/** Leases in memory, for tests, between the fibers of one process. */
export const memoryLeasesLayer = Layer.sync(Leases, () => {
  const holders = new Map<string, Semaphore.Semaphore>();
  const leaseOf = (role: string) => {
    const lease = holders.get(role) ?? Semaphore.makeUnsafe(1);
    holders.set(role, lease);
    return lease;
  };
  return Leases.of({
    whileHeld: (role, work) =>
      repeatTerms(
        role,
        Effect.suspend(() => leaseOf(role).withPermits(1)(work)),
      ),
  });
});
