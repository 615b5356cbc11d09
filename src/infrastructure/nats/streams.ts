import { isDeepStrictEqual } from "node:util";
import { type JsMsg, type OrderedConsumerOptions, PersistMode, type StreamConfig } from "@nats-io/jetstream";
import { Effect, type Scope } from "effect";
import { StoreUnavailable } from "../../application/ports/mod.ts";
import { messageOf } from "../message-of.ts";
import { isApiError } from "./api-errors.ts";
import { NatsConnection } from "./connection.ts";
import { findStream } from "./find-streams.ts";
import type { Make } from "./kept-streams.ts";
import { lackOfServers } from "./topology.ts";

/**
 * Returns a function that turns a client error into the error after which callers try again. `what` names the request.
 */
export const unavailable = (what: string) => (error: unknown) =>
  new StoreUnavailable({ message: `${what}: ${messageOf(error)}` });

/** Returns the error of a stream that could not be made. */
export const notMade =
  (stream: string, replicas: number) =>
  (error: unknown): StoreUnavailable => {
    const lack = lackOfServers(stream, replicas, error);
    if (lack !== undefined) return new StoreUnavailable({ message: lack });
    return unavailable(
      `the nats-server cannot make the stream ${stream} as it is needed (check whether its store is full or read-only)`,
    )(error);
  };

export type StreamSettings = Partial<StreamConfig> & { readonly name: string };

/** "stream name already in use with a different configuration" */
const configuredOtherwise = 10058;

/** Returns whether a stream has all of these settings. */
const hasSettings = (config: StreamConfig, settings: StreamSettings): boolean =>
  Object.entries(settings).every(([key, value]) => isDeepStrictEqual(Reflect.get(config, key), value));

/**
 * Makes the stream with the replicas of the installation, or gives an existing stream these settings. Other settings
 * stay as they are, and so do the replicas: a stream is never scaled, see `topology.ts`. If the stream is lost later,
 * it is made again. A bucket then continues with the numbers after those that it had, because watchers wait for higher
 * numbers than they have seen. `lastNumber` is the highest number that is known now.
 *
 * A stream that has the settings is left alone. Making it again would change nothing at once, but a cluster would take
 * the time of that request as the time of its creation. After the next start of all servers, every backend would take
 * it for another stream.
 */
export const ensureStream = Effect.fnUntraced(function* (settings: StreamSettings, lastNumber = 0) {
  const { jsm, replicas } = yield* NatsConnection;
  const { persist_mode, storage, retention, ...changeable } = settings;
  const goesOn = settings.max_msgs_per_subject === 1 && settings.max_age === undefined;
  const make = async (after: number) => {
    const found = await findStream(jsm, settings.name);
    if (found !== undefined && hasSettings(found.config, settings)) return found;
    const made = { ...settings, num_replicas: replicas, ...(goesOn && after > 0 ? { first_seq: after + 1 } : {}) };
    return jsm.streams.add(made).catch((error) => {
      if (!isApiError(error, configuredOtherwise)) throw error;
      return jsm.streams.update(settings.name, changeable);
    });
  };
  yield* ensureKept(settings.name, make, lastNumber);
});

/** Makes a stream with `make`, now and each time it is lost. */
export const ensureKept = Effect.fnUntraced(function* <A>(name: string, make: Make<A>, after = 0) {
  const { replicas, streams } = yield* NatsConnection;
  const made = yield* Effect.tryPromise({ try: () => make(after), catch: notMade(name, replicas) });
  streams.keep(name, make);
  return made;
});

/** Returns the name of the stream of an object store. */
export const objectStream = (bucket: string): string => `OBJ_${bucket}`;

/** Waits, and fails when a stream that {@link ensureStream} made has lost messages. */
export const lossOf = (name: string): Effect.Effect<never, StoreUnavailable, NatsConnection> =>
  Effect.flatMap(NatsConnection, ({ streams }) =>
    Effect.callback<never, StoreUnavailable>((resume) =>
      Effect.sync(
        streams.onLoss(name, (what) =>
          resume(Effect.fail(new StoreUnavailable({ message: `the stream ${name} ${what}` }))),
        ),
      ),
    ),
  );

/**
 * The setting of a stream whose messages reach the disk some milliseconds after the acknowledgement. A power failure
 * can take the end of such a stream, so it is only for streams that can be written again from the log. It is eight
 * times as fast (measured: 24,000 against 3,000 messages/s). A cluster does not offer it, because its replicas give the
 * safety.
 */
export const lazilyPersisted = Effect.map(
  NatsConnection,
  ({ nc }): Partial<StreamConfig> => (nc.info?.cluster === undefined ? { persist_mode: PersistMode.Async } : {}),
);

/** The bytes of the server's `max_payload` that are reserved for the headers of a message. */
const headerRoom = 2048;

/** Returns the largest payload that fits a message, in bytes. Without a connection, the client knows no limit. */
export const payloadRoom = ({ info }: NatsConnection["Service"]["nc"]): number =>
  info === undefined ? Number.POSITIVE_INFINITY : info.max_payload - headerRoom;

/** The messages that are asked of the server at a time. */
const pullSize = 4096;

/**
 * Passes the messages of a stream to `take`, in order, until the scope ends. Returns their number at the start.
 */
export const readStream = Effect.fnUntraced(function* (
  stream: string,
  options: Partial<OrderedConsumerOptions>,
  take: (message: JsMsg) => void,
): Effect.fn.Return<number, StoreUnavailable, NatsConnection | Scope.Scope> {
  const { js } = yield* NatsConnection;
  const reader = yield* Effect.acquireRelease(
    Effect.tryPromise({
      try: async () => {
        const consumer = await js.consumers.get(stream, options);
        const { num_pending } = await consumer.info(true);
        const messages = await consumer.consume({ max_messages: pullSize, expires: 10_000, callback: take });
        return { consumer, messages, num_pending };
      },
      catch: unavailable(`the stream ${stream} cannot be read`),
    }),
    ({ consumer, messages }) =>
      Effect.sync(() => {
        messages.stop();
        consumer.delete().catch(() => {
          // The server removes a consumer from which nothing is pulled.
        });
      }),
  );
  return reader.num_pending;
});
