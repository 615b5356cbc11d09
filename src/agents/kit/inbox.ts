import { type Consumer, JetStreamApiError, type JsMsg } from "@nats-io/jetstream";
import type { Client } from "./client.ts";
import { BackendUnavailable, CommandRefused, messageOf } from "./errors.ts";
import { isObject, jsonOf } from "./json.ts";
import { LeftOver } from "./left-over.ts";
import { backoff, pause } from "./pause.ts";
import { recent } from "./recent.ts";
import { Slots } from "./slots.ts";

/** What to do with the messages of a channel. */
interface Channel {
  /** Where it throws, the message comes again. */
  readonly handle: (message: unknown) => Promise<void>;
  /** How many may be handled at once; 1 by default: then one comes after another, in order. */
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

/** A delivery that an agent failed to handle so often is given up, so that it does not come for ever. */
const maxDeliveries = 10;

/** Waits until the backend has made the agent's durable consumer; throws after `timeoutMs`. */
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

/** Milliseconds until the server gives out again what was not acknowledged. */
const acknowledgeWithinOf = async (consumer: Consumer): Promise<number> =>
  ((await consumer.info(true)).config.ack_wait ?? 30_000_000_000) / 1_000_000;

/**
 * Hands out the messages of the inbox until `signal` aborts: of each channel so many at once, each acknowledged once its
 * handler is done, and kept from coming again while it is at work. Repetitions are acknowledged and ignored.
 * Turns that an earlier process was killed with, or that got lost with a connection, come before newer ones. Ends when the
 * handlers that are at work have ended too.
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

/** `newest` is the number of the newest delivery: the server counts them for each consumer. */
const taker = ({ channels, log, signal }: Inbox, old: LeftOver, newest: number) => {
  const seen = recent();
  const slots = new Map<string, Slots>();
  let last = newest;

  const channelOf = (name: string) => (Object.hasOwn(channels, name) ? channels[name] : undefined);

  const slotsOf = (queue: string, channel: string): Slots => {
    const known = slots.get(queue);
    if (known !== undefined) return known;
    const made = new Slots(channelOf(channel)?.atOnce ?? 1);
    slots.set(queue, made);
    return made;
  };

  const underWay = new Map<string, Promise<void>>();
  /** A repetition waits for who is at it. */
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
      log(`a message on ${message.subject} is no delivery that this agent knows: left out`);
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
    const own = slotsOf(isOld ? `old ${channel}` : channel, channel);
    const older = channel === "turn" && !isOld ? old.over : undefined;
    void Promise.all([own.take(), older])
      .then(() => handle(message, channel))
      .catch((error: unknown) => {
        if (signal.aborted) return;
        const { deliveryCount } = message.info;
        const giveUp = isGivenUp(error, deliveryCount);
        log(`${message.subject}, delivery ${deliveryCount}${giveUp ? ", given up" : ""}: ${messageOf(error)}`);
        if (giveUp) message.term("handler failed");
        else message.nak(backoff(deliveryCount));
      })
      .finally(() => {
        own.give();
        clearInterval(working);
        if (isOld) old.done();
      });
  };
  return { take, idle };
};

/** Whether a delivery is not tried again after it has failed so often; never while the backend is away or its dialog paused. */
export const isGivenUp = (error: unknown, deliveries: number): boolean => {
  const passes = error instanceof BackendUnavailable || (error instanceof CommandRefused && error.reason === "paused");
  return deliveries >= maxDeliveries && !passes;
};
