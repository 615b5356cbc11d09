import { Context, type Effect, type Schema, type Scope } from "effect";
import type { StoreUnavailable } from "./event-store.ts";

export const inboxChannels = ["task", "turn", "proposal"] as const;
export type InboxChannel = (typeof inboxChannels)[number];

/**
 * How far the log has been delivered, kept with the deliveries: what a crash of the store takes of them it takes from
 * the progress too, so that who goes on from there delivers it again.
 */
export interface InboxProgress {
  /**
   * The position up to which everything is delivered for good; undefined where nobody has ever saved one. From then on
   * this is who delivers: another's progress, saved later, makes its own `save` fail.
   */
  readonly resume: Effect.Effect<number | undefined, StoreUnavailable, Scope.Scope>;
  /** All deliveries up to this position have been made. Gives one up to which nothing can take them any more. */
  readonly save: (position: number) => Effect.Effect<number, StoreUnavailable>;
  /** Fails once deliveries made since `resume` may be gone, as every later one does: resume again. */
  readonly lost: Effect.Effect<never, StoreUnavailable>;
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
    readonly progress: InboxProgress;
  }
>()("cim/application/Inbox") {}
