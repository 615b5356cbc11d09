import { Effect, FiberMap, Layer, PubSub } from "effect";
import { Presence } from "../../application/ports/mod.ts";
import type { PresenceStatus } from "../../domain/agent/contract.ts";

/** Presence in memory, for tests, which can let the time pass with `TestClock`. */
export const memoryPresenceLayer = ({ intervalSeconds = 10 }: { readonly intervalSeconds?: number } = {}) =>
  Layer.effect(
    Presence,
    Effect.gen(function* () {
      const statuses = new Map<string, PresenceStatus>();
      const changes = yield* PubSub.unbounded<readonly [agentId: string, status: PresenceStatus]>();
      const fading = yield* FiberMap.make<string, void>();
      const become = (agentId: string, status: PresenceStatus) =>
        Effect.suspend(() => {
          if ((statuses.get(agentId) ?? "offline") === status) return Effect.void;
          if (status === "offline") statuses.delete(agentId);
          else statuses.set(agentId, status);
          return Effect.asVoid(PubSub.publish(changes, [agentId, status]));
        });
      const fade = (agentId: string) =>
        Effect.sleep(intervalSeconds * 1_500).pipe(
          Effect.andThen(become(agentId, "away")),
          Effect.andThen(Effect.sleep(intervalSeconds * 1_500)),
          Effect.andThen(become(agentId, "offline")),
        );
      return Presence.of({
        beat: (agentId) =>
          Effect.andThen(become(agentId, "online"), Effect.asVoid(FiberMap.run(fading, agentId, fade(agentId)))),
        current: Effect.sync(() => new Map(statuses)),
        watch: (changed) =>
          Effect.scoped(
            Effect.flatMap(PubSub.subscribe(changes), (subscription) =>
              Effect.forever(Effect.flatMap(PubSub.take(subscription), (change) => changed(...change))),
            ),
          ),
      });
    }),
  );
