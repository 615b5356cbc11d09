import { Effect, Layer, type Schema } from "effect";
import { Inbox } from "../../application/ports/mod.ts";
import type { InboxChannel } from "../../contract/deliveries.ts";

/** A delivery as an agent gets it. */
export interface Delivery {
  readonly channel: InboxChannel;
  readonly message: Schema.Json;
}

/** Inboxes in memory, for tests, which keep what waits without end, and read `delivered`: by agent, what was delivered and not acknowledged. */
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
      progress: {
        resume: Effect.sync(() => progress),
        save: (position) =>
          Effect.sync(() => {
            progress = position;
            return 0;
          }),
        lost: Effect.never,
      },
    });
  });
