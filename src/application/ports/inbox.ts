import { Context, type Effect, type Schema } from "effect";
import type { StoreUnavailable } from "./event-store.ts";

export const inboxChannels = ["task", "turn", "proposal"] as const;
export type InboxChannel = (typeof inboxChannels)[number];

/** Deliveries to agents: kept until the agent acknowledges them, also while it is away. */
export class Inbox extends Context.Service<
  Inbox,
  {
    /** Makes sure that the agent has its durable consumer, so that nothing delivered from now on passes it by. */
    readonly open: (agentId: string) => Effect.Effect<void, StoreUnavailable>;
    /** Removes an agent's consumer and what still waits for it. */
    readonly close: (agentId: string) => Effect.Effect<void, StoreUnavailable>;
    /** Delivers once per `deliveryId` (within the server's duplicate window; agents ignore later repeats by it). */
    readonly deliver: (
      agentId: string,
      channel: InboxChannel,
      deliveryId: string,
      message: Schema.Json,
    ) => Effect.Effect<void, StoreUnavailable>;
  }
>()("cim/application/Inbox") {}
