import { Clock, Context, Effect, Layer } from "effect";
import { type HeartbeatListener, Heartbeats } from "../../application/ports/mod.ts";

/** The agents' side of it. */
export class Beats extends Context.Service<Beats, { readonly beat: (agentId: string) => Effect.Effect<void> }>()(
  "cim/infrastructure/memory/Beats",
) {}

/** Heartbeats in memory, for tests, which can let the time pass with `TestClock`. */
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
