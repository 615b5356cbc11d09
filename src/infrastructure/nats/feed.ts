import { setImmediate as turn } from "node:timers/promises";
import { RetentionPolicy, StorageType, type StoredMsg } from "@nats-io/jetstream";
import { Effect, Layer } from "effect";
import { Feed, type FeedEnd, type FeedMark, StoreUnavailable } from "../../application/ports/mod.ts";
import { cloudEventHeaders, decodeAttribute, feedHeaders } from "../../contract/cloud-event.ts";
import type { RecordedEvent } from "../../domain/kernel/mod.ts";
import { NatsConnection } from "./connection.ts";
import { ensureStream, lazilyPersisted, lossOf, unavailable } from "./streams.ts";

/** The events that are under way at a time. */
const inFlight = 512;
/** The milliseconds of sending after which other work gets a turn. */
const slice = 10;
/** Short, because the expected sequence prevents duplicates, and not the server's memory of ids. */
const duplicateWindowSeconds = 10;

/** The last message of the feed: its number in the stream, and its event. */
interface Tail {
  readonly sequence: number;
  readonly end: FeedEnd;
}

/**
 * The feed in the stream `CIM_FEED`: CloudEvents 1.0 in binary mode.
 *
 * Each message names the number of the message before it as a condition. All writers write the same events of the log
 * in the same order. The failure that this prevents: with two writers, or with a lost message under way, subscribers
 * would get events twice or out of order.
 *
 * The stream is written lazily. If a power failure takes its end, the same events are written again from the log, under
 * the same numbers.
 */
export const feedLayer: Layer.Layer<Feed, StoreUnavailable, NatsConnection> = Layer.effect(
  Feed,
  Effect.gen(function* () {
    const { jsm, names, publish, send } = yield* NatsConnection;
    const connection = yield* Effect.context<NatsConnection>();
    const stream = names.streams.feed;
    yield* ensureStream({
      name: stream,
      description: "Each event once, as a CloudEvent, for other services.",
      subjects: [names.subjects.allFeed],
      storage: StorageType.File,
      retention: RetentionPolicy.Limits,
      duplicate_window: duplicateWindowSeconds * 1_000_000_000,
      allow_direct: true,
      ...(yield* lazilyPersisted),
    });
    /** Undefined before the feed's end was read, and after a failed append. */
    let tail: Tail | undefined;

    const messageOf = (event: RecordedEvent, after: Tail): Parameters<typeof send> => [
      names.subjects.feed(event.aggregate, event.type, event.schemaVersion, event.id),
      JSON.stringify(event.data),
      {
        headers: feedHeaders(event, names.prefix, indexAfter(event, after.end)),
        msgID: event.eventId,
        expect: { lastSequence: after.sequence },
      },
    ];

    /** Returns the newest message that is an event of this log. Deletes the messages after it. */
    const newestOwn = Effect.fnUntraced(function* (
      last: StoredMsg,
      isOfLog: (mark: FeedMark) => Effect.Effect<boolean, StoreUnavailable>,
    ) {
      let message: StoredMsg | null = last;
      let deleted = 0;
      for (let sequence = last.seq; sequence >= 1; sequence -= 1) {
        const mark: FeedMark | undefined = message === null ? undefined : markOf(message);
        if (mark !== undefined && (yield* isOfLog(mark))) return { end: mark, deleted };
        if (message !== null) {
          yield* reading(() => jsm.streams.deleteMessage(stream, sequence, false));
          deleted += 1;
        }
        const before = sequence - 1;
        message = before < 1 ? null : yield* reading(() => jsm.streams.getMessage(stream, { seq: before }));
      }
      return { end: nothingWritten, deleted };
    });
    const reading = <A>(request: () => Promise<A>) =>
      Effect.tryPromise({ try: request, catch: unavailable("the feed cannot be read") });

    /**
     * Writes events one after another. Returns the new tail. Only the last event is acknowledged: the server takes it
     * only if it took all events before it.
     */
    const write = async (events: ReadonlyArray<RecordedEvent>, from: Tail): Promise<Tail> => {
      let after = from;
      let began = performance.now();
      for (const [index, event] of events.entries()) {
        if (performance.now() - began >= slice) {
          await turn();
          began = performance.now();
        }
        const message = messageOf(event, after);
        after = {
          sequence: after.sequence + 1,
          end: { position: event.position, events: indexAfter(event, after.end) },
        };
        if (index < events.length - 1) {
          send(...message);
          continue;
        }
        const { duplicate } = await publish(...message);
        if (duplicate) throw new Error(`${event.eventId} is in it already`);
      }
      return after;
    };

    return Feed.of({
      end: Effect.fnUntraced(function* (isOfLog) {
        // Two requests, and another writer may write between them. If the last message is older than the stream's
        // state, the newest messages were deleted.
        const { lastSequence, last } = yield* reading(async () => ({
          lastSequence: (await jsm.streams.info(stream)).state.last_seq,
          last: await jsm.streams.getMessage(stream, { last_by_subj: names.subjects.allFeed }),
        }));
        const { end, deleted } = last === null ? { end: nothingWritten, deleted: 0 } : yield* newestOwn(last, isOfLog);
        if (deleted > 0)
          yield* Effect.logWarning(
            `${deleted} messages at the end of the feed are deleted, because they are not events of this log: if the log was not restored from a backup, find the program that writes to the feed`,
          );
        tail = { sequence: Math.max(lastSequence, last?.seq ?? 0), end };
        return end;
      }),

      append: Effect.fnUntraced(function* (events) {
        if (tail === undefined) {
          return yield* new StoreUnavailable({ message: "the feed's end is unknown: read it before appending" });
        }
        let reached = tail;
        tail = undefined;
        for (let start = 0; start < events.length; start += inFlight) {
          const from = reached;
          reached = yield* Effect.tryPromise({
            try: () => write(events.slice(start, start + inFlight), from),
            catch: unavailable("the feed did not take an event"),
          });
        }
        tail = reached;
      }),

      lost: Effect.provide(lossOf(stream), connection),
    });
  }),
);

const indexAfter = (event: RecordedEvent, end: FeedEnd): number =>
  event.position === end.position ? end.events + 1 : 1;

const nothingWritten: FeedEnd = { position: 0, events: 0 };

/** Returns which event a message is; undefined if its headers do not say. */
const markOf = ({ header }: StoredMsg): FeedMark | undefined => {
  const position = Number(header.get(cloudEventHeaders.sequence));
  const events = Number(header.get(cloudEventHeaders.commitIndex));
  const isOne = Number.isSafeInteger(position) && position > 0 && Number.isSafeInteger(events) && events > 0;
  return isOne ? { position, events, eventId: decodeAttribute(header.get(cloudEventHeaders.id)) } : undefined;
};
