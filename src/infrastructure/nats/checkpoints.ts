import { Effect, Layer } from "effect";
import { Checkpoints, StoreUnavailable } from "../../application/ports/mod.ts";
import { bucketSettings, bucketStream, bucketSubject, ensureStream, isConflict, unavailable } from "./buckets.ts";
import { NatsConnection } from "./connection.ts";

/** A checkpoint and where it is in the bucket: sequence 0 where it was never saved. */
interface Saved {
  readonly position: number;
  readonly sequence: number;
}

/** Checkpoints in the bucket `cim_checkpoints`, each replaced only by one that is further. */
export const checkpointsLayer: Layer.Layer<Checkpoints, StoreUnavailable, NatsConnection> = Layer.effect(
  Checkpoints,
  Effect.gen(function* () {
    const { jsm, names, publish } = yield* NatsConnection;
    const bucket = names.buckets.checkpoints;
    yield* ensureStream(checkpointBucket(bucket));
    /** As last seen, so that a reader which is alone needs one request to save. */
    const known = new Map<string, Saved>();

    const look = Effect.fnUntraced(function* (reader: string) {
      const message = yield* Effect.tryPromise({
        try: () => jsm.streams.getMessage(bucketStream(bucket), { last_by_subj: bucketSubject(bucket, reader) }),
        catch: unavailable(`checkpoint ${reader}`),
      });
      const position = message === null ? 0 : Number(message.string());
      if (!Number.isSafeInteger(position)) {
        return yield* new StoreUnavailable({
          message: `the checkpoint ${reader} in ${bucket} is \`${message?.string()}\`, no position: delete it, and ${reader} starts over`,
        });
      }
      const saved: Saved = { position, sequence: message?.seq ?? 0 };
      known.set(reader, saved);
      return saved;
    });

    /** Replaces `saved`; false where someone else did that first. */
    const replace = (reader: string, saved: Saved, position: number) =>
      Effect.tryPromise({
        try: () => {
          const expect = { lastSubjectSequence: saved.sequence };
          return publish(bucketSubject(bucket, reader), String(position), { expect }).then(
            ({ seq }) => {
              known.set(reader, { position, sequence: seq });
              return true;
            },
            (error) => {
              known.delete(reader);
              if (isConflict(error)) return false;
              throw error;
            },
          );
        },
        catch: unavailable(`checkpoint ${reader}`),
      });

    return Checkpoints.of({
      load: (reader) => Effect.map(look(reader), ({ position }) => position),
      save: Effect.fnUntraced(function* (reader, position) {
        for (;;) {
          const saved = known.get(reader) ?? (yield* look(reader));
          if (saved.position >= position || (yield* replace(reader, saved, position))) return;
        }
      }),
    });
  }),
);

/** The bucket's stream; the checkpoints of views are in it too, see `view-store.ts`. */
export const checkpointBucket = (bucket: string) => bucketSettings(bucket, "How far readers of the log have come.");
