import { type Consumer, JetStreamApiError, type JsMsg } from "@nats-io/jetstream";
import pLimit, { type LimitFunction } from "p-limit";
import type { Client } from "./client.ts";
import { BackendUnavailable, CommandRefused, messageOf } from "./errors.ts";
import { isObject, jsonOf } from "./json.ts";
import { LeftOver } from "./left-over.ts";
import { recent } from "./recent.ts";
import { backoff, pause } from "./waiting.ts";

/** The treatment of the messages of a channel. */
interface Channel {
  /** If it throws, the message comes again. */
  readonly handle: (message: unknown) => Promise<void>;
  /** The number of messages that are handled at once; 1 by default, which keeps their order. */
  readonly atOnce?: number;
}
export type Channels = Readonly<Record<string, Channel>>;

interface Inbox {
  readonly client: Client;
  readonly agent: string;
  readonly channels: Channels;
  readonly signal: AbortSignal;
  readonly log: (message: string) => void;
}

/** A delivery that fails this number of times is given up. Otherwise it would come for ever. */
const maxDeliveries = 10;

/** Waits until the backend has made the agent's durable consumer, and returns it. Throws after `timeoutMs`. */
export const inboxConsumer = async (client: Client, agent: string, timeoutMs: number, signal: AbortSignal) => {
  const { streams, consumers } = client.names;
  const name = consumers.inbox(agent);
  const deadline = Date.now() + timeoutMs;
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted();
    try {
      return await client.jetstream.consumers.get(streams.inbox, name);
    } catch (error) {
      if (Date.now() > deadline)
        throw new BackendUnavailable(
          `agent ${agent} has no inbox ${name} on ${streams.inbox} (${messageOf(error)}): is a backend running?`,
        );
      await pause(Math.min(backoff(attempt), 500), signal);
    }
  }
};

/** Returns the milliseconds after which the server delivers a message without an acknowledgement again. */
const acknowledgeWithinOf = async (consumer: Consumer): Promise<number> =>
  ((await consumer.info(true)).config.ack_wait ?? 30_000_000_000) / 1_000_000;

/**
 * Gives the messages of the inbox to the handlers of their channels until `signal` aborts. A message is acknowledged
 * when its handler is done, and does not come again while the handler works. Repetitions are acknowledged and ignored.
 * Turns that an earlier process was killed with, or that were lost with a connection, come before newer ones. Resolves
 * when all handlers have ended.
 */
export const readInbox = async (inbox: Inbox, first: Consumer): Promise<void> => {
  const old = new LeftOver();
  const { num_ack_pending, delivered } = await first.info(true);
  old.expect(num_ack_pending, delivered.stream_seq, await acknowledgeWithinOf(first));
  const { take, idle } = taker(inbox, old, delivered.consumer_seq);
  for (let consumer = first; !inbox.signal.aborted; ) {
    try {
      const messages = await consumer.consume({ max_messages: 100, expires: 5_000, abort_on_missing_resource: true });
      const stop = () => messages.stop();
      inbox.signal.addEventListener("abort", stop, { once: true });
      const acknowledgeWithin = await acknowledgeWithinOf(consumer);
      for await (const message of messages) take(message, acknowledgeWithin);
      inbox.signal.removeEventListener("abort", stop);
    } catch (error) {
      if (!(error instanceof JetStreamApiError)) inbox.log(`the inbox cannot be read: ${messageOf(error)}`);
    }
    if (inbox.signal.aborted || inbox.client.nats.isClosed()) break;
    await pause(500, inbox.signal);
    if (inbox.signal.aborted) break;
    consumer = await inboxConsumer(inbox.client, inbox.agent, Number.POSITIVE_INFINITY, inbox.signal).catch(
      () => consumer,
    );
  }
  await idle();
};

/** `newest` is the number of the newest delivery. The server counts deliveries for each consumer. */
const taker = ({ channels, log, signal }: Inbox, old: LeftOver, newest: number) => {
  const seen = recent();
  const slots = new Map<string, LimitFunction>();
  let last = newest;

  const channelOf = (name: string) => (Object.hasOwn(channels, name) ? channels[name] : undefined);

  const slotsOf = (queue: string, channel: string): LimitFunction => {
    const known = slots.get(queue);
    if (known !== undefined) return known;
    const made = pLimit(channelOf(channel)?.atOnce ?? 1);
    slots.set(queue, made);
    return made;
  };

  const underWay = new Map<string, Promise<void>>();
  /** A repetition waits for the handler that already works on the delivery. */
  const once = (id: string, work: () => Promise<void>): Promise<void> => {
    const running = underWay.get(id) ?? work().finally(() => underWay.delete(id));
    underWay.set(id, running);
    return running;
  };

  const handle = async (message: JsMsg, channel: string): Promise<void> => {
    if (signal.aborted) return;
    const handler = channelOf(channel)?.handle;
    const body = jsonOf(message);
    const id = isObject(body) && typeof body.deliveryId === "string" ? body.deliveryId : undefined;
    if (handler === undefined || id === undefined) {
      log(`a message on ${message.subject} is not a delivery that this agent knows: left out`);
      message.term("not understood");
      return;
    }
    if (!seen.has(id)) await once(id, () => handler(body));
    seen.add(id);
    message.ack();
  };

  const idle = async (): Promise<void> => void (await Promise.allSettled(underWay.values()));

  const take = (message: JsMsg, acknowledgeWithin: number): void => {
    const { deliverySequence } = message.info;
    old.expect(deliverySequence - last - 1, message.seq - 1, acknowledgeWithin);
    last = deliverySequence;
    const channel = message.subject.split(".").at(-1) ?? "";
    const working = setInterval(() => message.working(), acknowledgeWithin / 3);
    const isOld = message.redelivered && old.takes(message.seq);
    const older = channel === "turn" && !isOld ? old.over : undefined;
    void slotsOf(
      isOld ? `old ${channel}` : channel,
      channel,
    )(async () => {
      try {
        await older;
        await handle(message, channel);
      } catch (error) {
        if (!signal.aborted) putBack(message, error);
      } finally {
        clearInterval(working);
        if (isOld) old.done();
      }
    });
  };

  const putBack = (message: JsMsg, error: unknown): void => {
    const { deliveryCount } = message.info;
    const giveUp = isGivenUp(error, deliveryCount);
    log(`${message.subject}, delivery ${deliveryCount}${giveUp ? ", given up" : ""}: ${messageOf(error)}`);
    if (giveUp) message.term("handler failed");
    else message.nak(backoff(deliveryCount));
  };
  return { take, idle };
};

/** Returns whether a failing delivery is given up. It never is while the backend is away or the dialog is paused. */
export const isGivenUp = (error: unknown, deliveries: number): boolean => {
  const passes = error instanceof BackendUnavailable || (error instanceof CommandRefused && error.reason === "paused");
  return deliveries >= maxDeliveries && !passes;
};
