import {
  AckPolicy,
  DeliverPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  RetentionPolicy,
  StorageType,
} from "@nats-io/jetstream";
import { Effect, Layer } from "effect";
import { Inbox, StoreUnavailable } from "../../application/ports/mod.ts";
import { ensureStream, lazilyPersisted, payloadRoom, unavailable } from "./buckets.ts";
import { NatsConnection } from "./connection.ts";
import { inboxProgress } from "./inbox-progress.ts";

/** A delivery that was not acknowledged for so long comes again. */
const acknowledgeWithinSeconds = 10;

/**
 * Deliveries in the stream `CIM_INBOX` with interest retention: a delivery is kept exactly as long as the durable
 * consumer of its agent waits for it, so nothing remains of agents that are gone.
 *
 * Written lazily: the log has everything, and the progress of deliveries, kept among them, tells from where to go on
 * after a crash (see `inbox-progress.ts`).
 */
export const inboxLayer: Layer.Layer<Inbox, StoreUnavailable, NatsConnection> = Layer.effect(
  Inbox,
  Effect.gen(function* () {
    const { nc, jsm, naming, publish } = yield* NatsConnection;
    const stream = naming.streams.inbox;
    const lazily = yield* lazilyPersisted;
    yield* ensureStream({
      name: stream,
      description: "Deliveries to agents, until they are acknowledged.",
      subjects: [naming.subjects.allInboxes],
      storage: StorageType.File,
      retention: RetentionPolicy.Interest,
      allow_direct: true,
      allow_rollup_hdrs: true,
      ...lazily,
    });
    const { isLost, ...progress } = yield* inboxProgress(lazily.persist_mode !== undefined);
    const consumerOf = (agentId: string) => `agent-${agentId}`;
    const failed = (agentId: string) => unavailable(`inbox of ${agentId}`);

    return Inbox.of({
      progress,
      open: (agentId) =>
        Effect.asVoid(
          Effect.tryPromise({
            try: () =>
              jsm.consumers.add(stream, {
                durable_name: consumerOf(agentId),
                filter_subject: naming.subjects.inboxOf(agentId),
                ack_policy: AckPolicy.Explicit,
                ack_wait: acknowledgeWithinSeconds * 1_000_000_000,
                deliver_policy: DeliverPolicy.All,
                max_deliver: -1,
              }),
            catch: failed(agentId),
          }),
        ),
      close: (agentId) =>
        Effect.asVoid(
          Effect.tryPromise({
            try: async () => {
              await jsm.consumers.delete(stream, consumerOf(agentId)).catch((error) => {
                if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.ConsumerNotFound) return;
                throw error;
              });
              await jsm.streams.purge(stream, { filter: naming.subjects.inboxOf(agentId) });
            },
            catch: failed(agentId),
          }),
        ),
      deliver: Effect.fnUntraced(function* (agentId, channel, deliveryId, message) {
        const data = Buffer.from(JSON.stringify(message));
        const room = payloadRoom(nc);
        if (data.length > room) {
          // Trying again would not help, and would hold up every other delivery.
          return yield* Effect.logError(
            `delivery ${deliveryId} to ${agentId} has ${data.length} bytes, the server takes ${room}: left out; raise its max_payload`,
          );
        }
        if (isLost())
          return yield* new StoreUnavailable({
            message: `inbox of ${agentId}: the nats-server has started anew, and gets first what it may have lost`,
          });
        yield* Effect.tryPromise({
          // The server remembers ids for the whole stream: several agents may get deliveries of one id.
          try: () => publish(naming.subjects.inbox(agentId, channel), data, { msgID: `${deliveryId}:${agentId}` }),
          catch: failed(agentId),
        });
      }),
    });
  }),
);
