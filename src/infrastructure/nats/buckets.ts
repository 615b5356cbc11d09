import { DiscardPolicy, type JsMsg, StorageType } from "@nats-io/jetstream";
import { Deferred, Effect, Exit } from "effect";
import { StoreUnavailable } from "../../application/ports/mod.ts";
import { readStream, type StreamSettings } from "./streams.ts";

/** Returns the name of the stream of a bucket. */
export const bucketStream = (bucket: string): string => `KV_${bucket}`;
/** Returns the subject of a key. */
export const bucketSubject = (bucket: string, key: string): string => `$KV.${bucket}.${key}`;
/** Returns the key of a subject. */
const bucketKey = (bucket: string, subject: string): string => subject.slice(bucketSubject(bucket, "").length);

/** Returns the stream of a key-value bucket (ADR-8), as every NATS client knows it. It keeps one value of each key. */
export const bucketSettings = (bucket: string, description: string): StreamSettings => ({
  name: bucketStream(bucket),
  description,
  subjects: [bucketSubject(bucket, ">")],
  storage: StorageType.File,
  discard: DiscardPolicy.New,
  max_msgs_per_subject: 1,
  allow_rollup_hdrs: true,
  allow_direct: true,
});

/** Returns whether a message of a bucket marks its key as gone: deleted, purged or expired. */
export const isGone = (message: JsMsg): boolean =>
  message.headers?.has("KV-Operation") === true || message.headers?.has("Nats-Marker-Reason") === true;

const readWithin = "20 seconds";

/** Passes every current message of a bucket to `take`, including the marks of keys that are gone. */
export const readBucket = Effect.fnUntraced(
  function* (bucket: string, take: (key: string, message: JsMsg) => void) {
    const complete = yield* Deferred.make<void>();
    const pending = yield* readStream(bucketStream(bucket), {}, (message) => {
      take(bucketKey(bucket, message.subject), message);
      if (message.info.pending === 0) Deferred.doneUnsafe(complete, Exit.void);
    });
    if (pending > 0) yield* Deferred.await(complete);
  },
  Effect.scoped,
  (effect, bucket) =>
    Effect.timeoutOrElse(effect, {
      duration: readWithin,
      orElse: () =>
        Effect.fail(new StoreUnavailable({ message: `the bucket ${bucket} was not read within ${readWithin}` })),
    }),
);
