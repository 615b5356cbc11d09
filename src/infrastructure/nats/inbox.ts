import {
  AckPolicy,
  DeliverPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  RetentionPolicy,
  StorageType,
} from "@nats-io/jetstream";
import { Effect, Layer } from "effect";
import { Inbox, type StoreUnavailable } from "../../application/ports/mod.ts";
import { ensureStream, payloadRoom, unavailable } from "./buckets.ts";
import { NatsConnection } from "./connection.ts";

/** A delivery that was not acknowledged for so long comes again. */
const acknowledgeWithinSeconds = 10;

/**
 * Deliveries in the stream `CIM_INBOX` with interest retention: a delivery is kept exactly as long as the durable
 * consumer of its agent waits for it, so nothing remains of agents that are gone.
 */
export const inboxLayer: Layer.Layer<Inbox, StoreUnavailable, NatsConnection> = Layer.effect(
  Inbox,
  Effect.gen(function* () {
    const { nc, js, jsm, naming } = yield* NatsConnection;
    const stream = naming.streams.inbox;
    yield* ensureStream({
      name: stream,
      description: "Deliveries to agents, until they are acknowledged.",
      subjects: [naming.subjects.allInboxes],
      storage: StorageType.File,
      retention: RetentionPolicy.Interest,
      allow_direct: true,
    });
    const consumerOf = (agentId: string) => `agent-${agentId}`;
    const failed = (agentId: string) => unavailable(`inbox of ${agentId}`);

    return Inbox.of({
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
        const data = new TextEncoder().encode(JSON.stringify(message));
        const room = payloadRoom(nc);
        if (data.length > room) {
          // Trying again would not help, and would hold up every other delivery.
          return yield* Effect.logError(
            `delivery ${deliveryId} to ${agentId} has ${data.length} bytes, the server takes ${room}: left out; raise its max_payload`,
          );
        }
        yield* Effect.tryPromise({
          // The server remembers ids for the whole stream: several agents may get deliveries of one id.
          try: () => js.publish(naming.subjects.inbox(agentId, channel), data, { msgID: `${deliveryId}:${agentId}` }),
          catch: failed(agentId),
        });
      }),
    });
  }),
);
