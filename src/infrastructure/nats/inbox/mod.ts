import { AckPolicy, DeliverPolicy, JetStreamApiCodes, RetentionPolicy, StorageType } from "@nats-io/jetstream";
import { Effect, Layer } from "effect";
import { Inbox, keptForDays, StoreUnavailable } from "../../../application/ports/mod.ts";
import { isApiError } from "../api-errors.ts";
import { NatsConnection } from "../connection.ts";
import { ensureStream, lazilyPersisted, payloadRoom, unavailable } from "../streams.ts";
import { inboxProgress } from "./progress.ts";

/** If a delivery is not acknowledged within this time, the server sends it again. */
const acknowledgeWithinSeconds = 10;

/** `inactive_threshold` of the consumer of an agent that signed off, in nanoseconds; 0 is none. */
const keptFor = keptForDays * 24 * 60 * 60 * 1_000_000_000;

/** The code of "a consumer of this name has another configuration". */
const consumerExists = 10148;

/**
 * Deliveries in the stream `CIM_INBOX` with interest retention. The server keeps a delivery exactly as long as the
 * durable consumer of its agent waits for it. So it keeps nothing for agents that are gone. If an agent signs off, the
 * server removes its consumer once it was not read for `keptForDays`.
 *
 * The stream is written lazily, because deliveries can be made again from the log. The progress of deliveries is kept
 * in the same stream, and shows where to continue after a crash (see `progress.ts`).
 */
export const inboxLayer: Layer.Layer<Inbox, StoreUnavailable, NatsConnection> = Layer.effect(
  Inbox,
  Effect.gen(function* () {
    const { nc, jsm, names, publish } = yield* NatsConnection;
    const stream = names.streams.inbox;
    const lazily = yield* lazilyPersisted;
    yield* ensureStream({
      name: stream,
      description: "Deliveries to agents, until they are acknowledged.",
      subjects: [names.subjects.allInboxes],
      storage: StorageType.File,
      retention: RetentionPolicy.Interest,
      allow_direct: true,
      allow_rollup_hdrs: true,
      ...lazily,
    });
    const { isLost, ...progress } = yield* inboxProgress(lazily.persist_mode !== undefined);
    const consumerOf = names.consumers.inbox;
    const failed = (agentId: string) => unavailable(`inbox of ${agentId}`);

    return Inbox.of({
      progress,
      owners: Effect.tryPromise({
        try: async () => {
          const owners = new Set<string>();
          const start = consumerOf("");
          for await (const { name } of jsm.consumers.list(stream))
            if (name.startsWith(start)) owners.add(name.slice(start.length));
          return owners;
        },
        catch: unavailable("the inboxes"),
      }),
      open: (agentId) =>
        Effect.tryPromise({
          try: async () => {
            const consumer = {
              durable_name: consumerOf(agentId),
              filter_subject: names.subjects.inboxOf(agentId),
              ack_policy: AckPolicy.Explicit,
              ack_wait: acknowledgeWithinSeconds * 1_000_000_000,
              deliver_policy: DeliverPolicy.All,
              max_deliver: -1,
            };
            await jsm.consumers.add(stream, consumer).catch(async (error) => {
              if (!isApiError(error, consumerExists)) throw error;
              await jsm.consumers.update(stream, consumer.durable_name, { inactive_threshold: 0 });
            });
          },
          catch: failed(agentId),
        }),
      keep: (agentId) =>
        Effect.tryPromise({
          try: async () => {
            await jsm.consumers.update(stream, consumerOf(agentId), { inactive_threshold: keptFor }).catch((error) => {
              if (!isApiError(error, JetStreamApiCodes.ConsumerNotFound)) throw error;
            });
            await jsm.streams.purge(stream, { filter: names.subjects.inbox(agentId, "task") });
          },
          catch: failed(agentId),
        }),
      deliver: Effect.fnUntraced(function* (agentId, channel, deliveryId, message) {
        const data = Buffer.from(JSON.stringify(message));
        const room = payloadRoom(nc);
        if (data.length > room) {
          // Another attempt would not help, and would delay every other delivery.
          return yield* Effect.logError(
            `delivery ${deliveryId} to ${agentId} has ${data.length} bytes, the server takes ${room}: left out; raise its max_payload`,
          );
        }
        if (isLost())
          return yield* new StoreUnavailable({
            message: `inbox of ${agentId}: the nats-server has restarted, and first gets the deliveries that it may have lost`,
          });
        yield* Effect.tryPromise({
          // The server remembers ids for the whole stream: several agents may get deliveries of one id.
          try: () => publish(names.subjects.inbox(agentId, channel), data, { msgID: `${deliveryId}:${agentId}` }),
          catch: failed(agentId),
        });
      }),
    });
  }),
);
