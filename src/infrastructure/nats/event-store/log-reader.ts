import { type Consumer, type ConsumerMessages, JetStreamApiCodes, type JsMsg } from "@nats-io/jetstream";
import { Array as Arr, Effect, Result, Stream } from "effect";
import { type LogItem, type LogMessage, positionOfItem, StoreUnavailable } from "../../../application/ports/mod.ts";
import { isApiError } from "../api-errors.ts";
import type { NatsConnection } from "../connection.ts";
import { decodeCommit } from "./commits.ts";

type Connection = NatsConnection["Service"];

/** One consumer on the server, from its start to its first fault. */
interface Session {
  readonly consumer: Consumer;
  readonly messages: ConsumerMessages;
  fresh: boolean;
}

/** The commits that are asked of the server at a time. */
const pullSize = 1024;
/** From this number of unread items on, the session pauses until they have been read. */
const highWater = 4_096;
const retryAfter = "100 millis";
/** The states in which a consumer delivers nothing any more. */
const sessionEnds: ReadonlyArray<string> = [
  "heartbeats_missed",
  "consumer_deleted",
  "consumer_not_found",
  "no_responders",
];

/** An item that a reader has read. `bytes` is the size of its message. */
export type ReadItem = (LogMessage & { readonly bytes: number }) | Exclude<LogItem, LogMessage>;

/**
 * Reads the log forwards with ordered consumers.
 *
 * A session is one consumer. It ends at a gap, a missed heartbeat or a reconnection. The next session continues after
 * the last position seen, so there is no state to repair. If the reader is slower than the server, the session pauses,
 * so memory is bounded. A new session instead of a pause would cost the server up to hundreds of milliseconds.
 */
export class LogReader {
  readonly #connection: Connection;
  readonly #prefix: string;
  readonly #stopListening: () => void;
  #position: number;
  #items: Array<ReadItem> = [];
  #session: Session | undefined;
  #wake: (() => void) | undefined;
  /** Resumes a session that pauses. */
  #goOn: (() => void) | undefined;
  /** Grows when the answer to a request that is under way must not be used any more. */
  #epoch = 0;

  constructor(connection: Connection, after: number) {
    this.#connection = connection;
    this.#prefix = connection.names.subjects.allEvents.slice(0, -1);
    this.#position = after;
    const stopReconnect = connection.onReconnect(() => this.#abandon());
    // The former leader of the log may have had the consumer. Without this, the loss would show only after 10 s of
    // silence.
    const { reach } = connection;
    const stopReach = reach.onChange(() => {
      if (reach.trouble === undefined) this.#abandon();
    });
    this.#stopListening = () => {
      stopReconnect();
      stopReach();
    };
  }

  /** Returns the items that have arrived, or waits for the next ones. */
  readonly pull: Effect.Effect<Arr.NonEmptyReadonlyArray<ReadItem>, StoreUnavailable> = Effect.suspend(() => {
    if (Arr.isArrayNonEmpty(this.#items)) {
      const items = this.#items;
      this.#items = [];
      this.#goOn?.();
      return Effect.succeed(items);
    }
    if (this.#connection.nc.isClosed()) {
      return Effect.fail(new StoreUnavailable({ message: "the connection to the nats-server is closed" }));
    }
    return Effect.andThen(this.#session === undefined ? this.#open : this.#changed, this.pull);
  });

  readonly close: Effect.Effect<void> = Effect.sync(() => {
    this.#stopListening();
    this.#abandon();
  });

  readonly #changed = Effect.callback<void>((resume) => {
    if (this.#items.length > 0 || this.#session === undefined) return resume(Effect.void);
    this.#wake = () => resume(Effect.void);
  });

  readonly #open = Effect.suspend(() => {
    const { ask, js, names } = this.#connection;
    const epoch = this.#epoch;
    return ask(async () => {
      const consumer = await js.consumers.get(names.streams.events, { opt_start_seq: this.#position + 1 });
      const { num_pending } = await consumer.info(true);
      const messages = await consumer.consume({ max_messages: pullSize, expires: 10_000 });
      this.#start({ consumer, messages, fresh: true });
      if (epoch !== this.#epoch) return this.#end(this.#session);
      if (num_pending === 0) this.#items.push({ kind: "caught-up", position: this.#position });
    });
  }).pipe(
    Effect.catch((cause) => {
      if (isApiError(cause, JetStreamApiCodes.StreamNotFound)) {
        const { events } = this.#connection.names.streams;
        return Effect.fail(new StoreUnavailable({ message: `the stream ${events} is gone: restore it from a backup` }));
      }
      return Effect.sleep(retryAfter);
    }),
  );

  #start(session: Session) {
    this.#session = session;
    const end = () => this.#end(session);
    const watch = async () => {
      for await (const { type } of session.messages.status()) if (sessionEnds.includes(type)) end();
    };
    watch().catch(end);
    const read = async () => {
      for await (const message of session.messages) {
        if (session !== this.#session) return;
        this.#receive(session, message);
        if (this.#items.length >= highWater) await this.#room();
      }
    };
    read().then(end, end);
  }

  #room(): Promise<void> {
    return new Promise((resolve) => {
      this.#goOn = resolve;
    });
  }

  #receive(session: Session, message: JsMsg) {
    if (message.seq <= this.#position) return;
    // A gap at the start of a session is a gap of the log itself. Only an audit can judge that.
    if (message.seq !== this.#position + 1 && !session.fresh) return this.#end(session);
    session.fresh = false;
    const decoded = decodeCommit(
      message.seq,
      message.subject,
      message.data,
      this.#prefix,
      message.info.timestampNanos / 1_000_000,
    );
    const bytes = message.data.length;
    this.#position = message.seq;
    this.#items.push(
      Result.isSuccess(decoded)
        ? { kind: "commit", commit: decoded.success, bytes }
        : { kind: "foreign", foreign: decoded.failure, bytes },
    );
    if (message.info.pending === 0) this.#items.push({ kind: "caught-up", position: message.seq });
    this.#notify();
  }

  #abandon() {
    this.#epoch += 1;
    this.#end(this.#session);
  }

  #end(session: Session | undefined) {
    if (session === undefined || session !== this.#session) return;
    this.#session = undefined;
    session.messages.stop();
    this.#goOn?.();
    session.consumer.delete().catch(() => {
      // The server removes a consumer from which nothing is pulled.
    });
    this.#notify();
  }

  /**
   * Wakes the waiting caller, after all other messages of the same read have been handled. A command's acknowledgement
   * comes with its commit. So the command continues before any follower takes that commit from the log.
   */
  #notify() {
    const wake = this.#wake;
    this.#wake = undefined;
    if (wake !== undefined) setImmediate(wake);
  }
}

/** Returns the log after `after` up to `last`, or to its end if that comes first. */
export const readLog = (
  connection: Connection,
  after: number,
  last: number,
): Stream.Stream<LogMessage, StoreUnavailable> => {
  if (after >= last) return Stream.empty;
  const isLast = (item: ReadItem) => item.kind === "caught-up" || positionOfItem(item) >= last;
  return Stream.unwrap(
    Effect.map(
      Effect.acquireRelease(
        Effect.sync(() => new LogReader(connection, after)),
        (reader) => reader.close,
      ),
      (reader) => Stream.fromPull(Effect.succeed(reader.pull)),
    ),
  ).pipe(
    Stream.takeUntil(isLast),
    Stream.filterMap((item) => (item.kind === "caught-up" ? Result.failVoid : Result.succeed(item))),
  );
};
