import { Context, type Effect } from "effect";
import type { RecordedEvent } from "../../domain/kernel/mod.ts";
import type { StoreUnavailable } from "./event-store.ts";

/** Where the feed stands: everything before `position`, and `events` events of the commit at it, have been written. */
export interface FeedEnd {
  readonly position: number;
  readonly events: number;
}

/** The feed for other services: each event once, in order, as a CloudEvent. */
export class Feed extends Context.Service<
  Feed,
  {
    /** Read from the last message of the feed itself: `{position: 0, events: 0}` where it is empty. */
    readonly end: Effect.Effect<FeedEnd, StoreUnavailable>;
    /**
     * Appends events in order, each only if the one before it is the feed's last message; another writer's append in
     * between fails this one and writes nothing twice.
     */
    readonly append: (events: ReadonlyArray<RecordedEvent>) => Effect.Effect<void, StoreUnavailable>;
  }
>()("cim/application/Feed") {}
