import { JetStreamApiError, jetstream, jetstreamManager, PersistMode } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";

/**
 * "Wrong last sequence", of a leader of several replicas that still has the message before under way on that subject. It
 * may say so for a moment after it has acknowledged that one.
 */
const underWay = 10164;

/**
 * Publishes bare messages on one subject a lane, each under the sequence of the one before, as the event store does. Returns
 * that of each message.
 */
export const conditionalPublisher = async (nats: NatsConnection, replicas = 1) => {
  const manager = await jetstreamManager(nats);
  await manager.streams.add({ name: "FLOOR", subjects: ["floor.>"], num_replicas: replicas });
  const js = jetstream(nats);
  const last = new Map<string, number>();
  const payload = JSON.stringify({ events: [{ type: "node-updated", data: { id: "n-0" } }], padding: "x".repeat(450) });
  return async (lane: string): Promise<number> => {
    const lastSubjectSequence = last.get(lane) ?? 0;
    for (;;) {
      try {
        const { seq } = await js.publish(`floor.${lane}`, payload, { expect: { lastSubjectSequence } });
        last.set(lane, seq);
        return seq;
      } catch (error) {
        if (!(error instanceof JetStreamApiError && error.code === underWay)) throw error;
      }
    }
  };
};

/** Publishes bare messages to a stream that is written lazily, as the feed, inboxes and views are. */
export const lazyPublisher = async (nats: NatsConnection, name: string): Promise<(key: string) => Promise<void>> => {
  const manager = await jetstreamManager(nats);
  await manager.streams.add({ name, subjects: [`${name}.>`], persist_mode: PersistMode.Async });
  const js = jetstream(nats);
  const payload = "x".repeat(500);
  return async (key) => void (await js.publish(`${name}.${key}`, payload));
};

/** Schedules bare messages for a distant time, each on a subject of its own, as timers are. */
export const schedulePublisher = async (
  nats: NatsConnection,
  name: string,
): Promise<(key: string) => Promise<void>> => {
  const manager = await jetstreamManager(nats);
  await manager.streams.add({ name, subjects: [`${name}.>`], allow_msg_schedules: true, allow_msg_ttl: true });
  const js = jetstream(nats);
  const payload = "x".repeat(150);
  const schedule = { specification: new Date(Date.now() + 3_600_000), target: `${name}.fired` };
  return async (key) => void (await js.publish(`${name}.schedule.${key}`, payload, { schedule }));
};
