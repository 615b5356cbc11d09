import { Context, type Effect } from "effect";
import type { PresenceStatus } from "../../domain/agent/contract.ts";
import type { StoreUnavailable } from "./event-store.ts";

export type { PresenceStatus };

/** What the heartbeats say about who is there. */
export class Presence extends Context.Service<
  Presence,
  {
    /** Notes a heartbeat of an agent. */
    readonly beat: (agentId: string) => Effect.Effect<void, StoreUnavailable>;
    /** The status of everyone who is not offline. */
    readonly current: Effect.Effect<ReadonlyMap<string, PresenceStatus>, StoreUnavailable>;
    /**
     * Calls `changed` for each change, from the moment of the call, until interrupted: `online` at a first heartbeat,
     * `away` when one interval and a half passed without one, `offline` after three.
     */
    readonly watch: <R>(
      changed: (agentId: string, status: PresenceStatus) => Effect.Effect<void, StoreUnavailable, R>,
    ) => Effect.Effect<never, StoreUnavailable, R>;
  }
>()("cim/application/Presence") {}
