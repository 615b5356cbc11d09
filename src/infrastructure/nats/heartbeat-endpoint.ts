import type { Msg } from "@nats-io/nats-core";
import { Effect, FiberSet, Layer, Schema } from "effect";
import { Presence } from "../../application/ports/mod.ts";
import { Name } from "../../domain/kernel/mod.ts";
import { NatsConnection } from "./connection.ts";

const isAgentId = Schema.is(Name);
/** Heartbeats worked on at a time, one an agent; more are dropped, for the next ones come soon. */
const capacity = 10_000;

/**
 * Counts heartbeats on `cim.hb.<agentId>` of the agents that `isKnown` knows, whatever their payload says; strangers
 * leave no trace. Backends share the subject in a queue group.
 */
export const heartbeatEndpoint = <E, R>(isKnown: (agentId: string) => Effect.Effect<boolean, E, R>) =>
  Layer.effectDiscard(
    Effect.gen(function* () {
      const { nc, naming } = yield* NatsConnection;
      const presence = yield* Presence;
      const underWay = new Set<string>();
      const run = yield* FiberSet.runtime(yield* FiberSet.make<void>())<R>();
      const count = Effect.fnUntraced(
        function* (agentId: string) {
          if (yield* isKnown(agentId)) yield* presence.beat(agentId);
        },
        // An agent whose heartbeat was lost beats again.
        Effect.catchCause((cause) => Effect.logDebug("a heartbeat was not counted", cause)),
        (effect, agentId) =>
          Effect.ensuring(
            effect,
            Effect.sync(() => underWay.delete(agentId)),
          ),
      );
      const callback = (_: Error | null, message: Msg) => {
        const agentId = message.subject.slice(message.subject.lastIndexOf(".") + 1);
        if (!isAgentId(agentId) || underWay.has(agentId) || underWay.size >= capacity) return;
        underWay.add(agentId);
        run(count(agentId));
      };
      yield* Effect.acquireRelease(
        Effect.sync(() =>
          nc.subscribe(naming.subjects.allHeartbeats, { queue: `${naming.prefix}-heartbeats`, callback }),
        ),
        (subscription) => Effect.sync(() => subscription.unsubscribe()),
      );
    }),
  );
