import { DeliverPolicy, type JsMsg } from "@nats-io/jetstream";
import type { Client } from "../../../agents/kit/mod.ts";
import { openReader, type Place, type Reader } from "../../../agents/kit/reader.ts";
import { backoff, deferred, pause } from "../../../agents/kit/waiting.ts";
import { readingOf } from "../../../contract/readings.ts";
import { documentFrame, eventFrame, isRemoval } from "./frames.ts";
import { origin, type Point } from "./place.ts";
import type { Selected } from "./selection.ts";

/** Where a stream is read from. The messages of a view are documents, those of the feed are events. */
export type Source = Pick<Selected, "stream" | "view">;

/** A message of a stream, as a frame that every tab gets alike. */
export interface Entry {
  readonly point: Point;
  readonly subject: string;
  readonly frame: string;
}

/** Gets what comes. `reset` says that the stream is another one than before. */
export interface Listener {
  readonly entry: (entry: Entry) => void;
  readonly reset: () => void;
}

/** Messages that the server sends ahead. Documents may be megabytes each. */
const ahead = 64;
/** Milliseconds that the clocks of two nats-servers may differ. */
const skew = 10_000;

const pointOf = (message: JsMsg): Point => ({ sequence: message.seq, time: message.time.getTime() });

/**
 * The end of one stream in NATS (the feed, or the bucket of a view), read once for all the tabs of a session.
 *
 * A tab first catches up with a reader of its own, at its own pace. It joins at the moment at which it has everything
 * up to {@link LiveStream.seen}. Both happen in one turn of the event loop, so that nothing is missed or comes twice.
 */
export class LiveStream {
  readonly #client: Client;
  readonly #source: Source;
  readonly #listeners = new Set<Listener>();
  readonly #end = new AbortController();
  readonly #ready = deferred();
  /** Ends every reading under way. */
  readonly #stops = new Set<() => void>();
  #created = 0;
  #seen: Point | undefined;

  constructor(client: Client, source: Source) {
    this.#client = client;
    this.#source = source;
    void this.#follow();
  }

  /** Resolves when the end of the stream is known. Waits for a backend that has not made the stream yet. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** The last message that listeners got, or that was there before the first. */
  get seen(): Point {
    return this.#seen ?? origin;
  }

  /** Returns whether a point belongs to this stream, and not to one of the same name in a store that is gone. */
  has(point: Point): boolean {
    return point.sequence === 0 || point.time >= this.#created;
  }

  /** Returns whether a message at `point` comes after another point. */
  isAfter(point: Point, other: Point): boolean {
    return point.sequence > other.sequence || (this.#source.view !== undefined && point.time > other.time);
  }

  /** Calls the listener with everything after {@link seen}, until the returned function is called. */
  join(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Reads what comes after a point, up to what has been seen by now. From the start, a bucket has each document once,
   * and none that was removed. The caller's pace is the pace: the server sends no more than a few messages ahead. Throws
   * if the connection is lost.
   */
  async *after(from: Point, subject: string, signal: AbortSignal): AsyncGenerator<Entry> {
    const whole = from.sequence === 0 && this.#source.view !== undefined;
    const to = this.seen.sequence;
    const consumer = await this.#consumer({
      filter_subjects: subject,
      ...(whole ? { deliver_policy: DeliverPolicy.LastPerSubject } : this.#startAfter(from)),
    });
    if ((await consumer.info()).num_pending === 0) return;
    for await (const message of this.#read(consumer, signal)) {
      if (message.seq > to) return;
      const entry = this.#entryOf(message);
      if (this.isAfter(entry.point, from) && !(whole && isRemoval(message))) yield entry;
      if (message.info.pending === 0) return;
    }
    if (!signal.aborted) throw new Error("the connection was lost");
  }

  /**
   * Ends every reading under way when the connection is lost. Left alone, a consumer would go on by sequence, and so miss
   * what a killed server lost and the backend wrote again.
   */
  connectionLost(): void {
    for (const stop of [...this.#stops]) stop();
  }

  close(): void {
    this.#end.abort();
    this.connectionLost();
    this.#ready.resolve();
    this.#listeners.clear();
  }

  async #follow(): Promise<void> {
    const { signal } = this.#end;
    for (let failures = 0; !signal.aborted; failures += 1) {
      try {
        const seen = await this.#find();
        const consumer = await this.#consumer(this.#startAfter(seen));
        this.#ready.resolve();
        for await (const message of this.#read(consumer, signal)) {
          failures = 0;
          if (this.isAfter(pointOf(message), this.seen)) this.#give(this.#entryOf(message));
        }
      } catch {
        // No connection, no stream yet, or it was deleted: it is looked for again, for as long as tabs want it.
      }
      await pause(backoff(failures + 1), signal);
    }
  }

  /** Returns where to read on. A stream that was made again is another one. */
  async #find(): Promise<Point> {
    const { state, created } = await (await this.#client.jetstream.streams.get(this.#source.stream)).info();
    const made = Date.parse(created);
    const another = this.#created !== 0 && made !== this.#created;
    this.#created = made;
    if (this.#seen !== undefined && !another) return this.#seen;
    this.#seen = { sequence: state.last_seq, time: Math.max(0, Date.parse(state.last_ts)) };
    if (another) for (const listener of [...this.#listeners]) listener.reset();
    return this.#seen;
  }

  #startAfter({ sequence, time }: Point): Place {
    if (this.#source.view === undefined || sequence === 0)
      return { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: sequence + 1 };
    const start = new Date(Math.max(0, time - skew)).toISOString();
    return { deliver_policy: DeliverPolicy.StartTime, opt_start_time: start };
  }

  #consumer(place: Place): Promise<Reader> {
    const { stream, view } = this.#source;
    return openReader(
      this.#client,
      { stream, reading: view === undefined ? readingOf.feed : readingOf.view(view) },
      place,
    );
  }

  /** Reads until the caller has enough, `signal` aborts or the connection is lost. Removes the consumer then. */
  async *#read(consumer: Reader, signal: AbortSignal): AsyncGenerator<JsMsg> {
    const messages = await consumer.consume({ max_messages: ahead, expires: 5_000 });
    const stop = () => messages.stop();
    this.#stops.add(stop);
    signal.addEventListener("abort", stop, { once: true });
    try {
      if (!signal.aborted) yield* messages;
    } finally {
      stop();
      this.#stops.delete(stop);
      signal.removeEventListener("abort", stop);
      await consumer.delete().catch(() => false);
    }
  }

  #entryOf(message: JsMsg): Entry {
    const { view } = this.#source;
    const frame = view === undefined ? eventFrame(message) : documentFrame(view, message);
    return { point: pointOf(message), subject: message.subject, frame };
  }

  #give(entry: Entry): void {
    this.#seen = entry.point;
    for (const listener of [...this.#listeners]) listener.entry(entry);
  }
}
