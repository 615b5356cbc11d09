import { Context, type Effect } from "effect";
import type { StoreUnavailable } from "./event-store.ts";

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
