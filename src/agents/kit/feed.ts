import { DeliverPolicy, type JsMsg } from "@nats-io/jetstream";
import { cloudEventHeaders, decodeAttribute } from "../../contract/cloud-event.ts";
import { readingOf } from "../../contract/readings.ts";
import { messageOf } from "./errors.ts";
import type { Json } from "./json.ts";
import { openReader, type Place, type ReaderAccess } from "./reader.ts";
import { backoff, pause } from "./waiting.ts";

/** An event of the feed: the attributes of its CloudEvent, and its data. */
export interface FeedEvent {
  /** `<aggregate>.<id>.<version>`. */
  readonly id: string;
  /** `cim.<aggregate>.<event>.v<N>`. */
  readonly type: string;
  readonly aggregate: string;
  readonly aggregateId: string;
  /** The event's name, such as `node-added`. */
  readonly event: string;
  readonly subject: string;
  readonly time: string;
  readonly sequence: string;
  readonly aggregateVersion: number;
  readonly actor: string;
  readonly correlationId: string;
  readonly causationId: string | undefined;
  readonly cid: string;
  readonly previousCid: string | undefined;
  /** The number of the message in the feed: `from: feedSequence + 1` goes on after it. */
  readonly feedSequence: number;
  readonly data: Json;
}

export interface FeedOptions {
  /** `"now"` (the default): new events only; `"start"`; or the number of a message in the feed. */
  readonly from?: "now" | "start" | number;
  readonly aggregate?: string;
  /** An event's name, such as `node-added`. */
  readonly type?: string;
  readonly id?: string;
}

/** Reads the events of the feed in order, each once, until `signal` aborts. Survives lost connections. */
export async function* readFeed(
  access: ReaderAccess,
  options: FeedOptions,
  signal: AbortSignal,
): AsyncGenerator<FeedEvent> {
  const { names, jetstream } = access;
  const source = { stream: names.streams.feed, reading: readingOf.feed };
  let next = typeof options.from === "number" ? options.from : options.from === "start" ? 1 : undefined;
  const filter_subjects = names.subjects.feedOf({ aggregate: options.aggregate, event: options.type, id: options.id });
  for (let failures = 0; !signal.aborted; ) {
    try {
      next ??= (await (await jetstream.streams.get(names.streams.feed)).info()).state.last_seq + 1;
      const consumer = await openReader(access, source, startingAt(filter_subjects, next));
      const messages = await consumer.consume({ max_messages: 1_000, expires: 5_000 });
      const stop = () => messages.stop();
      signal.addEventListener("abort", stop, { once: true });
      try {
        for await (const message of messages) {
          if (signal.aborted) return;
          failures = 0;
          next = message.seq + 1;
          yield feedEvent(message);
        }
      } finally {
        signal.removeEventListener("abort", stop);
        messages.stop();
      }
    } catch (error) {
      failures += 1;
      if (failures > maxFailures)
        throw new Error(`${names.streams.feed} cannot be read (${messageOf(error)}): start a backend with \`cim up\``);
    }
    if (!signal.aborted) await pause(backoff(Math.max(1, failures)), signal);
  }
}

/** Failures in a row after which reading ends with an error: about half a minute. */
const maxFailures = 10;

const startingAt = (filter_subjects: string, sequence: number): Place => ({
  filter_subjects,
  deliver_policy: DeliverPolicy.StartSequence,
  opt_start_seq: Math.max(1, sequence),
});

const feedEvent = (message: JsMsg): FeedEvent => {
  const header = (name: string) => decodeAttribute(message.headers?.get(name) ?? "");
  const optional = (name: string) => header(name) || undefined;
  // <prefix>.feed.<aggregate>.<event>.v<N>.<id>
  const [, , aggregate = "", event = "", , aggregateId = ""] = message.subject.split(".");
  return {
    id: header(cloudEventHeaders.id),
    type: header(cloudEventHeaders.type),
    aggregate,
    aggregateId,
    event,
    subject: header(cloudEventHeaders.subject),
    time: header(cloudEventHeaders.time),
    sequence: header(cloudEventHeaders.sequence),
    aggregateVersion: Number(header(cloudEventHeaders.aggregateVersion)),
    actor: header(cloudEventHeaders.actor),
    correlationId: header(cloudEventHeaders.correlationId),
    causationId: optional(cloudEventHeaders.causationId),
    cid: header(cloudEventHeaders.cid),
    previousCid: optional(cloudEventHeaders.previousCid),
    feedSequence: message.seq,
    data: message.json<Json>(),
  };
};
