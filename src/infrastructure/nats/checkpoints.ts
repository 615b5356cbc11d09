import { Kvm } from "@nats-io/kv";
import { Effect, Layer } from "effect";
import { Checkpoints, type StoreUnavailable } from "../../application/ports/mod.ts";
import { visible } from "../../domain/kernel/mod.ts";
import { isConflict } from "./api-errors.ts";
import { bucketSettings } from "./buckets.ts";
import { NatsConnection } from "./connection.ts";
import { ensureStream, unavailable } from "./streams.ts";

/** A checkpoint and its revision in the bucket: 0 if it was never saved. */
interface Saved {
  readonly position: number;
  readonly revision: number;
}

/**
 * Checkpoints in the bucket `cim_checkpoints`. A checkpoint only moves forward. Otherwise a backend that is late could
 * set back the reader of its successor, and the successor would repeat all of that work.
 */
export const checkpointsLayer: Layer.Layer<Checkpoints, StoreUnavailable, NatsConnection> = Layer.effect(
  Checkpoints,
  Effect.gen(function* () {
    const { ask, js, names } = yield* NatsConnection;
    const bucket = names.buckets.checkpoints;
    yield* ensureStream(checkpointBucket(bucket));
    // Opened without direct gets: these may come from a replica that lags.
    const checkpoints = yield* Effect.tryPromise({
      try: () => new Kvm(js).open(bucket, { allow_direct: false }),
      catch: unavailable(`the bucket ${bucket}`),
    });
    /** The checkpoints as last seen. With them, a reader without a competitor saves in one request. */
    const known = new Map<string, Saved>();

    const look = Effect.fnUntraced(function* (reader: string) {
      const entry = yield* Effect.mapError(
        ask(() => checkpoints.get(reader)),
        unavailable(`checkpoint ${reader}`),
      );
      const text = entry === null || entry.string() === "" ? "0" : entry.string();
      const position = /^\d{1,15}$/.test(text) ? Number(text) : 0;
      if (text !== String(position))
        yield* Effect.logWarning(
          `the checkpoint ${reader} in ${bucket} is \`${visible(text.slice(0, 100))}\`, not a position: ${reader} starts over; find the program that writes to it`,
        );
      const saved: Saved = { position, revision: entry?.revision ?? 0 };
      known.set(reader, saved);
      return saved;
    });

    /** Replaces `saved`. Returns false if another backend did that first. */
    const replace = (reader: string, { revision }: Saved, position: number) => {
      const text = String(position);
      return ask(() =>
        revision === 0 ? checkpoints.create(reader, text) : checkpoints.update(reader, text, revision),
      ).pipe(
        Effect.map((written) => {
          known.set(reader, { position, revision: written });
          return true;
        }),
        Effect.catch((error) => {
          known.delete(reader);
          return isConflict(error) ? Effect.succeed(false) : Effect.fail(unavailable(`checkpoint ${reader}`)(error));
        }),
      );
    };

    /** Moves the checkpoint to the position, or leaves it if it is further on. Returns false on a conflict. */
    const advance = Effect.fnUntraced(function* (reader: string, position: number) {
      const saved = known.get(reader) ?? (yield* look(reader));
      return saved.position >= position || (yield* replace(reader, saved, position));
    });

    return Checkpoints.of({
      load: (reader) => Effect.map(look(reader), ({ position }) => position),
      startOver: (reader) =>
        look(reader).pipe(
          Effect.flatMap((saved) => replace(reader, saved, 0)),
          Effect.repeat({ until: (done) => done }),
          Effect.asVoid,
        ),
      save: (reader, position) => Effect.asVoid(Effect.repeat(advance(reader, position), { until: (done) => done })),
    });
  }),
);

/** Returns the stream of the bucket. It also has the checkpoints of views, see `view-store.ts`. */
export const checkpointBucket = (bucket: string) => bucketSettings(bucket, "How far readers of the log have come.");
