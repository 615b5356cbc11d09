import {
  type ConsumeOptions,
  type ConsumerMessages,
  DeliverPolicy,
  type JetStreamClient,
  type JsMsg,
  type OrderedConsumerOptions,
} from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import type { Names } from "../../contract/names.ts";
import { ReadingOpened, type ReadingRequest } from "../../contract/readings.ts";
import { defined } from "../../domain/kernel/mod.ts";
import { reader } from "./json.ts";
import { ask } from "./request.ts";

/** The connection that reads, and whose it is: a part of a client. */
export interface ReaderAccess {
  readonly principal: string;
  readonly nats: NatsConnection;
  readonly jetstream: JetStreamClient;
  readonly names: Names;
  /** Whether it is a peer of a closed installation. */
  readonly isPeer: boolean;
}

/** A stream, and what the backend of a closed installation calls it: see `readingOf` of the contract. */
export interface Source {
  readonly stream: string;
  readonly reading: string;
}

/** Where reading begins, and which subjects are read. */
export type Place = Partial<
  Pick<OrderedConsumerOptions, "deliver_policy" | "opt_start_seq" | "opt_start_time"> & {
    readonly filter_subjects: string;
  }
>;

/** Messages that come until `stop` is called, or something is missing between two of them. */
export type Messages = AsyncIterable<JsMsg> & Pick<ConsumerMessages, "stop">;

/** A consumer of a stream that gives its messages in order. */
export interface Reader {
  readonly info: () => Promise<{ readonly num_pending: number }>;
  readonly consume: (options: ConsumeOptions) => Promise<Messages>;
  readonly delete: () => Promise<boolean>;
}

/** Milliseconds that a peer waits for the backend to make a consumer. */
const patience = 10_000;

/**
 * Opens a reader of a stream. A peer of a closed installation has no right to make a consumer, because a consumer can
 * deliver to any subject, also to those that the peer may not publish to. So the backend makes it. The server removes it
 * when nobody has read from it for half a minute.
 */
export const openReader = async (access: ReaderAccess, source: Source, place: Place): Promise<Reader> => {
  const { jetstream, isPeer } = access;
  if (!isPeer) return jetstream.consumers.get(source.stream, place);
  const { stream, consumer, pending } = await opened(access, source, place);
  const bound = await jetstream.consumers.get(stream, consumer);
  return {
    info: async () => ({ num_pending: pending }),
    consume: async (options) => inOrder(await bound.consume({ ...options, abort_on_missing_resource: true })),
    delete: async () => false,
  };
};

const opened = async (
  { nats, names, principal }: ReaderAccess,
  source: Source,
  place: Place,
): Promise<ReadingOpened> => {
  const { filter_subjects: subjects, deliver_policy, opt_start_seq: from, opt_start_time: since } = place;
  const newest = deliver_policy === DeliverPolicy.LastPerSubject ? true : undefined;
  const request: ReadingRequest = defined({ subjects, from, since, newest });
  const reply = await ask(nats, {
    subject: names.subjects.reading(principal, source.reading),
    payload: JSON.stringify(request),
    patienceMs: patience,
    timeoutMs: patience,
  });
  return readOpened(reply);
};

const readOpened = reader(ReadingOpened, "the answer to a request to read on");

/**
 * The messages of a consumer that the backend has made. Nothing is acknowledged, so what is lost with a connection does not
 * come again: the messages end at a gap, and whoever reads goes on after the last one with another reader.
 */
const inOrder = (messages: ConsumerMessages): Messages => ({
  stop: (error) => messages.stop(error),
  async *[Symbol.asyncIterator]() {
    let expected = 1;
    for await (const message of messages) {
      if (message.info.deliverySequence !== expected) break;
      expected += 1;
      yield message;
    }
    messages.stop();
  },
});
