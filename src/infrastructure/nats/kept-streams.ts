import { type JetStreamManager, RetentionPolicy, type StreamInfo } from "@nats-io/jetstream";
import type { NatsConnection as CoreConnection } from "@nats-io/nats-core";
import { Effect, Queue, type Scope } from "effect";
import { messageOf } from "../message-of.ts";
import { findStream } from "./find-streams.ts";

/** The state of a stream. Two of them show whether the stream was replaced, or has lost messages. */
interface Look {
  readonly created: string;
  readonly messages: number;
  readonly lastSequence: number;
  /** The number of consumers, if the stream keeps messages for its consumers only; otherwise 0. */
  readonly consumers: number;
}

/** Makes a stream. `after` is the last known message number of an earlier stream of this name. */
export type Make<A = unknown> = (after: number) => Promise<A>;

interface Kept {
  /** Makes the stream if it is gone. The log has no `make`, because a new log would be empty. */
  readonly make: Make | undefined;
  readonly listeners: Set<(what: string) => void>;
  look: Look | undefined;
}

/** How often the streams are checked. */
const lookEvery = "5 seconds";
/** The least time between two checks. Every request that misses a stream asks for one. */
const pause = "500 millis";

const lookOf = ({ created, config, state }: StreamInfo): Look => ({
  created,
  messages: state.messages,
  lastSequence: state.last_seq,
  consumers: config.retention === RetentionPolicy.Interest ? state.consumer_count : 0,
});

const lostConsumer = "has lost a consumer";

/** Returns what a stream has lost between two checks, in words; undefined if nothing was lost. */
export const lossBetween = (before: Look, now: Look): string | undefined => {
  if (now.created !== before.created) return "was gone, and is another one now";
  if (now.lastSequence < before.lastSequence) return "has lost its end";
  if (before.messages > 0 && now.messages === 0) return "was emptied";
  return now.consumers < before.consumers ? lostConsumer : undefined;
};

/**
 * The streams that a backend cannot do without.
 *
 * Streams are made when a backend starts. The failure that this prevents: a stream is deleted later, or lost in a power
 * failure, and each write to it fails until the next start. So streams are checked from time to time, after each
 * reconnection, and when a request misses one. A missing stream is made again. Its listeners are called, so that they
 * write its messages again from the log.
 */
export interface KeptStreams {
  /** Keeps a stream that is there now. Without `make`, the stream is only watched. */
  readonly keep: (name: string, make?: Make) => void;
  /** Calls `listener` when a kept stream has lost messages, until the returned function is called. */
  readonly onLoss: (name: string, listener: (what: string) => void) => () => void;
  /** Asks for a check of all kept streams. */
  readonly look: () => void;
}

/** Keeps streams for as long as the scope lasts. */
export const keepStreams = Effect.fnUntraced(function* (
  nc: CoreConnection,
  jsm: JetStreamManager,
): Effect.fn.Return<KeptStreams, never, Scope.Scope> {
  const wanted = yield* Queue.sliding<void>(1);
  const all = new Map<string, Kept>();
  /** The streams that have lost a consumer since the last check. */
  const bereft = new Set<string>();
  const look = () => void Queue.offerUnsafe(wanted, undefined);

  const listed = Effect.tryPromise(async () => {
    const found = new Map<string, StreamInfo>();
    for await (const info of jsm.streams.list()) found.set(info.config.name, info);
    return found;
  });

  const tell = Effect.fnUntraced(function* (name: string, { listeners }: Kept, loss: string) {
    if (listeners.size === 0) return;
    yield* Effect.logWarning(`the stream ${name} ${loss}`);
    for (const listener of [...listeners]) listener(loss);
  });

  /** Makes a stream again if it is really gone. Returns its state; undefined if it cannot be made. */
  const makeAgain = Effect.fnUntraced(function* (name: string, kept: Kept) {
    const { make, look } = kept;
    // A cluster does not list streams that have no leader now.
    const found = yield* Effect.tryPromise(() => findStream(jsm, name));
    if (found !== undefined) return found;
    if (make === undefined) return yield* Effect.as(tell(name, kept, "is gone"), undefined);
    yield* Effect.tryPromise(() => make(look?.lastSequence ?? 0));
    const info = yield* Effect.tryPromise(() => jsm.streams.info(name));
    if (info.created !== look?.created) yield* Effect.logWarning(`the stream ${name} was gone: it is made again`);
    return info;
  });

  /** Returns what was lost. A server that has just begun to lead may still be reading the log, so it is asked twice. */
  const compare = Effect.fnUntraced(function* (name: string, { make, look }: Kept, info: StreamInfo) {
    const now = lookOf(info);
    const isBereft = bereft.delete(name) && info.config.retention === RetentionPolicy.Interest;
    const loss = look === undefined ? undefined : (lossBetween(look, now) ?? (isBereft ? lostConsumer : undefined));
    if (loss === undefined || make !== undefined || look === undefined) return { now, loss };
    const again = lookOf(
      yield* Effect.delay(
        Effect.tryPromise(() => jsm.streams.info(name)),
        "2 seconds",
      ),
    );
    return { now: again, loss: lossBetween(look, again) };
  });

  const check = Effect.gen(function* () {
    // A stream that is made while the server lists must not count as missing.
    const known = [...all];
    const found = yield* listed;
    for (const [name, kept] of known) {
      const info = found.get(name) ?? (yield* makeAgain(name, kept));
      if (info === undefined) continue;
      const { now, loss } = yield* compare(name, kept, info);
      kept.look = now;
      if (loss !== undefined) yield* tell(name, kept, loss);
    }
  });

  /** The server reports each deletion at once, but only to connected clients. So the regular checks are also needed. */
  const hear = (subject: string, heard: (stream: string) => void) =>
    nc.subscribe(subject, {
      callback: (error, message) => {
        const stream = error === null ? message.subject.split(".")[5] : undefined;
        if (stream === undefined || !all.has(stream)) return;
        heard(stream);
        look();
      },
    });
  hear("$JS.EVENT.ADVISORY.STREAM.DELETED.*", () => {});
  hear("$JS.EVENT.ADVISORY.CONSUMER.DELETED.*.*", (stream) => bereft.add(stream));

  yield* check.pipe(
    Effect.catch((error) => Effect.logDebug(`the streams cannot be looked at: ${messageOf(error)}`)),
    Effect.andThen(Effect.sleep(pause)),
    Effect.andThen(Effect.timeoutOption(Queue.take(wanted), lookEvery)),
    Effect.forever,
    Effect.forkScoped,
  );
  return {
    look,
    keep: (name, make) => {
      const { listeners = new Set<(what: string) => void>(), look: before } = all.get(name) ?? {};
      all.set(name, { make, listeners, look: before });
      look();
    },
    onLoss: (name, listener) => {
      const listeners = all.get(name)?.listeners;
      listeners?.add(listener);
      return () => void listeners?.delete(listener);
    },
  };
});
