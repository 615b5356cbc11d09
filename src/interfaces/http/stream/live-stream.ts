import { DeliverPolicy, type JsMsg } from "@nats-io/jetstream";
import type { Client } from "../../../agents/kit/mod.ts";
import { backoff, deferred, pause } from "../../../agents/kit/waiting.ts";
import { documentFrame, eventFrame, isRemoval } from "./frames.ts";
import type { Selected } from "./selection.ts";

/** A message of a stream, as a frame that every tab gets alike. */
export interface Entry {
  readonly sequence: number;
  readonly subject: string;
  readonly frame: string;
}

/** Gets what comes. `reset` says that the stream is another one than before. */
export interface Listener {
  readonly entry: (entry: Entry) => void;
  readonly reset: () => void;
}

/** Milliseconds that a stream is still followed after the last tab has gone: tabs come back when they are reloaded. */
const linger = 10_000;
/** Messages that the server sends ahead. Documents may be megabytes each. */
const ahead = 64;

const entryOf = ({ view }: Pick<Selected, "view">, message: JsMsg): Entry => ({
  sequence: message.seq,
  subject: message.subject,
  frame: view === undefined ? eventFrame(message) : documentFrame(view, message),
});

/**
 * The end of one stream in NATS (the feed, or the bucket of a view), read once for all the tabs of a session.
 *
 * A tab first catches up with a reader of its own, at its own pace. It joins at the moment at which it has everything
 * up to {@link LiveStream.seen}. Both happen in one turn of the event loop, so that nothing is missed or comes twice.
 */
export class LiveStream {
  readonly #client: Client;
  readonly #source: Pick<Selected, "stream" | "view">;
  readonly #listeners = new Set<Listener>();
  readonly #end = new AbortController();
  readonly #ready = deferred();
  #seen: number | undefined;
  /** Ends the reading that goes on, so that it begins again. */
  #stop: () => void = () => {};

  constructor(client: Client, source: Pick<Selected, "stream" | "view">) {
    this.#client = client;
    this.#source = source;
    void this.#follow();
  }

  /** Resolves when the end of the stream is known. Waits for a backend that has not made the stream yet. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** The sequence of the last message that listeners got, or that was there before the first. */
  get seen(): number {
    return this.#seen ?? 0;
  }

  /** Calls the listener with everything after {@link seen}, until the returned function is called. */
  join(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Reads what is between two sequences, both included. From 0 on, a bucket has each document once, and none that was
   * removed. The caller's pace is the pace: the server sends no more than a few messages ahead.
   */
  async *between(from: number, to: number, subject: string, signal: AbortSignal): AsyncGenerator<Entry> {
    const whole = from === 0 && this.#source.view !== undefined;
    const consumer = await this.#client.jetstream.consumers.get(this.#source.stream, {
      filter_subjects: subject,
      ...(whole
        ? { deliver_policy: DeliverPolicy.LastPerSubject }
        : { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: Math.max(1, from) }),
    });
    try {
      if ((await consumer.info()).num_pending === 0) return;
      const messages = await consumer.consume({ max_messages: ahead, expires: 5_000 });
      const stop = () => messages.stop();
      signal.addEventListener("abort", stop, { once: true });
      for await (const message of messages) {
        if (message.seq > to || signal.aborted) return;
        if (!(whole && isRemoval(message))) yield entryOf(this.#source, message);
        if (message.info.pending === 0) return;
      }
    } finally {
      await consumer.delete().catch(() => false);
    }
  }

  /** Looks again whether the stream is the one that it was. Needed after a lost connection. */
  check(): void {
    this.#stop();
  }

  close(): void {
    this.#end.abort();
    this.#stop();
    this.#ready.resolve();
    this.#listeners.clear();
  }

  async #follow(): Promise<void> {
    const { signal } = this.#end;
    for (let failures = 0; !signal.aborted; failures += 1) {
      try {
        const seen = await this.#find();
        const consumer = await this.#client.jetstream.consumers.get(this.#source.stream, {
          deliver_policy: DeliverPolicy.StartSequence,
          opt_start_seq: seen + 1,
        });
        const messages = await consumer.consume({ max_messages: ahead, expires: 5_000 });
        this.#stop = () => messages.stop();
        if (signal.aborted) return messages.stop();
        this.#ready.resolve();
        for await (const message of messages) {
          failures = 0;
          this.#give(entryOf(this.#source, message));
        }
      } catch {
        // No connection, no stream yet, or it was deleted: it is looked for again, for as long as tabs want it.
      }
      await pause(backoff(failures + 1), signal);
    }
  }

  /** Returns where to read on. A stream that is shorter than what was seen is another one. */
  async #find(): Promise<number> {
    const { state } = await (await this.#client.jetstream.streams.get(this.#source.stream)).info();
    const before = this.#seen;
    if (before !== undefined && state.last_seq >= before) return before;
    this.#seen = state.last_seq;
    if (before !== undefined) for (const listener of [...this.#listeners]) listener.reset();
    return this.#seen;
  }

  #give(entry: Entry): void {
    this.#seen = entry.sequence;
    for (const listener of [...this.#listeners]) listener.entry(entry);
  }
}

/** The streams that the tabs of one session follow, by name. They are read by the person's own connection. */
export class LiveStreams {
  readonly #client: Client;
  readonly #streams = new Map<string, { readonly stream: LiveStream; users: number }>();
  #connected = true;

  constructor(client: Client) {
    this.#client = client;
    void this.#watchConnection();
  }

  /** Whether the connection to the nats-server is up. */
  get connected(): boolean {
    return this.#connected;
  }

  /** Returns the stream of a source. The caller releases it when it is done. */
  take(source: Pick<Selected, "stream" | "view">): LiveStream {
    const known = this.#streams.get(source.stream) ?? { stream: new LiveStream(this.#client, source), users: 0 };
    this.#streams.set(source.stream, known);
    known.users += 1;
    return known.stream;
  }

  /** Ends the stream a while after its last user has gone. */
  release({ stream: name }: Pick<Selected, "stream">): void {
    const known = this.#streams.get(name);
    if (known === undefined) return;
    known.users -= 1;
    setTimeout(() => {
      if (known.users > 0 || this.#streams.get(name) !== known) return;
      this.#streams.delete(name);
      known.stream.close();
    }, linger).unref();
  }

  close(): void {
    for (const { stream } of this.#streams.values()) stream.close();
    this.#streams.clear();
  }

  async #watchConnection(): Promise<void> {
    for await (const { type } of this.#client.nats.status()) {
      if (type === "disconnect") this.#connected = false;
      if (type !== "reconnect") continue;
      this.#connected = true;
      for (const { stream } of this.#streams.values()) stream.check();
    }
  }
}
