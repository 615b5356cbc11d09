import { DeliverPolicy, DiscardPolicy, type JsMsg, StorageType } from "@nats-io/jetstream";
import { Clock, Effect, Layer, Schedule, Schema } from "effect";
import { type HeartbeatListener, Heartbeats, type StoreUnavailable } from "../../application/ports/mod.ts";
import { offlineAfter } from "../../domain/agent/presence.ts";
import { Name } from "../../domain/kernel/mod.ts";
import { NatsConnection } from "./connection.ts";
import { ensureStream, lazilyPersisted, readStream } from "./streams.ts";

const isAgentId = Schema.is(Name);
/** The most agents whose heartbeats are kept. Beyond that, the server drops the oldest heartbeats. */
const mostAgents = 100_000;
const largestHeartbeat = 64 * 1024;
/** A server that has just started may not answer at once. */
const whileServerStarts = { times: 20, schedule: Schedule.spaced("500 millis") };

/**
 * Heartbeats on `cim.hb.<agentId>`. The server keeps the newest heartbeat of each agent in the stream `CIM_HEARTBEATS`,
 * until the agent would count as offline. So a backend that starts finds the agents that sent heartbeats while no
 * backend ran. Without the stream, every agent would look offline after a start.
 */
export const heartbeatsLayer = (
  options: { readonly intervalSeconds?: number } = {},
): Layer.Layer<Heartbeats, StoreUnavailable, NatsConnection> =>
  Layer.effect(
    Heartbeats,
    Effect.gen(function* () {
      const { intervalSeconds = 10 } = options;
      const { names } = yield* NatsConnection;
      const connection = yield* Effect.context<NatsConnection>();
      yield* ensureStream({
        name: names.streams.heartbeats,
        description: "The newest heartbeat of each agent. Expires.",
        subjects: [names.subjects.allHeartbeats],
        storage: StorageType.File,
        ...(yield* lazilyPersisted),
        discard: DiscardPolicy.Old,
        max_msgs_per_subject: 1,
        max_msgs: mostAgents,
        max_msg_size: largestHeartbeat,
        max_age: offlineAfter * intervalSeconds * 1_000_000_000,
        allow_direct: true,
      });
      return Heartbeats.of({
        intervalSeconds,
        listen: (listener) => Effect.provide(Effect.forever(session(listener)), connection),
      });
    }),
  );

/** Listens until the connection was lost and is back, or until the stream was lost. */
const session = Effect.fnUntraced(function* (listener: HeartbeatListener) {
  const { names, onReconnect, streams } = yield* NatsConnection;
  const clock = yield* Clock.Clock;
  /** Kept heartbeats have the server's time. New ones get our time, because the server's clock may be wrong. */
  let caughtUp = false;
  const take = (message: JsMsg) => {
    const agentId = message.subject.slice(message.subject.lastIndexOf(".") + 1);
    if (isAgentId(agentId))
      listener.heard(agentId, caughtUp ? clock.currentTimeMillisUnsafe() : Date.parse(message.timestamp));
    if (!caughtUp) caughtUp = message.info.pending === 0;
  };
  const kept = yield* readStream(names.streams.heartbeats, { deliver_policy: DeliverPolicy.LastPerSubject }, take).pipe(
    Effect.retry(whileServerStarts),
  );
  if (kept === 0) caughtUp = true;
  yield* Effect.callback<void>((resume) => {
    const end = () => resume(Effect.void);
    const stops = [onReconnect(end), streams.onLoss(names.streams.heartbeats, end)];
    return Effect.sync(() => {
      for (const stop of stops) stop();
    });
  });
  listener.interrupted();
}, Effect.scoped);
