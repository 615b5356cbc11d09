import { Effect, Layer, Result, Schema } from "effect";
import { type StoredView, StoreUnavailable, ViewStore } from "../../application/ports/mod.ts";
import { inSlices } from "../../application/time-slices.ts";
import { jsonInSteps } from "../../domain/kernel/mod.ts";
import { isConflict } from "./api-errors.ts";
import { bucketSettings, bucketStream, bucketSubject, isGone, readBucket } from "./buckets.ts";
import { checkpointBucket } from "./checkpoints.ts";
import { NatsConnection } from "./connection.ts";
import { ensureStream, lazilyPersisted, lossOf, payloadRoom, unavailable } from "./streams.ts";

/** How far a view has been published. It is kept under `view.<name>` in the bucket of checkpoints. */
const Checkpoint = Schema.Struct({
  version: Schema.Int,
  position: Schema.Int,
  /** Keys whose newest document is larger than a message may be. */
  omitted: Schema.Array(Schema.String),
  /** The newest sequence of the bucket. If the bucket has less now, it has lost documents that were written lazily. */
  written: Schema.Int.pipe(Schema.withDecodingDefaultKey(Effect.succeed(0))),
  /** The number of keys of the bucket, with deleted documents. If it has fewer now, another program has emptied it. */
  keys: Schema.Int.pipe(Schema.withDecodingDefaultKey(Effect.succeed(0))),
});
type Checkpoint = typeof Checkpoint.Type;
const decodeCheckpoint = Schema.decodeUnknownResult(Schema.fromJsonString(Checkpoint));

const nothingPublished: Checkpoint = { version: 0, position: 0, omitted: [], written: 0, keys: 0 };

/** Returns the text of a document. For objects it is made in slices of time, because some are large. */
const textOf = (document: Schema.Json) =>
  typeof document === "object" && document !== null
    ? inSlices(() => jsonInSteps(document))
    : Effect.succeed(JSON.stringify(document));

/** The writes that are under way at a time. */
const inFlight = 256;

/**
 * Views in buckets `cim_view_<view>`, a document a key.
 *
 * A view that is not complete in the store loads as version 0. It is then rebuilt from the log. A view can be
 * incomplete in three ways:
 * - A document is larger than a message may be. It is left out and logged.
 * - The view is being replaced by another version, or because it was incomplete. It has version 0 until a save says how
 *   far it is complete. Without this, a crash would leave a mixture of old and new documents that looks like one
 *   version.
 * - The bucket has lost documents, because it is written lazily, or because another program has emptied or deleted it.
 *   A save that notices the loss fails, so that all documents are published again.
 */
export const viewStoreLayer: Layer.Layer<ViewStore, StoreUnavailable, NatsConnection> = Layer.effect(
  ViewStore,
  Effect.gen(function* () {
    const { nc, jsm, names, onReconnect, publish } = yield* NatsConnection;
    const connection = yield* Effect.context<NatsConnection>();
    const lazily = yield* lazilyPersisted;
    const checkpoints = names.buckets.checkpoints;
    yield* ensureStream(checkpointBucket(checkpoints));
    const checkpointSubject = (view: string) => bucketSubject(checkpoints, `view.${view}`);
    const made = new Set<string>();
    /** The sequence of the newest message that we have written to the bucket of each view. */
    const written = new Map<string, number>();
    /** The known keys of the bucket of each view. */
    const keys = new Map<string, Set<string>>();
    /** The views whose server may have restarted since the last write. */
    const doubted = new Set<string>();
    /** The views that were found incomplete, although their checkpoint may say otherwise. */
    const incomplete = new Set<string>();
    yield* Effect.acquireRelease(
      Effect.sync(() =>
        onReconnect(() => {
          for (const view of made) doubted.add(view);
        }),
      ),
      (stop) => Effect.sync(stop),
    );

    const ensureBucket = Effect.fnUntraced(function* (view: string, lastNumber: number) {
      if (made.has(view)) return;
      const bucket = names.buckets.view(view);
      const settings = { ...bucketSettings(bucket, `The view ${view}: a document a key.`), ...lazily };
      yield* Effect.provide(ensureStream(settings, lastNumber), connection);
      made.add(view);
    });

    const newestIn = (view: string) =>
      Effect.tryPromise({
        try: async () => (await jsm.streams.info(bucketStream(names.buckets.view(view)))).state.last_seq,
        catch: unavailable(`the view ${view}`),
      });

    const lost = (view: string) =>
      new StoreUnavailable({ message: `the server has lost documents of the view ${view}: all are published again` });

    /** Fails if the bucket has less than was written to it. */
    const check = Effect.fnUntraced(function* (view: string) {
      if (!doubted.has(view)) return;
      const newest = yield* newestIn(view);
      doubted.delete(view);
      if (newest < (written.get(view) ?? 0)) {
        written.delete(view);
        return yield* lost(view);
      }
    });

    /** The checkpoints as last seen. One backend publishes a view. If there are two, a conditional write fails. */
    const known = new Map<string, Checkpoint & { readonly sequence: number }>();

    const readCheckpoint = (view: string) =>
      Effect.tryPromise({
        try: () => jsm.streams.getMessage(bucketStream(checkpoints), { last_by_subj: checkpointSubject(view) }),
        catch: unavailable(`checkpoint of the view ${view}`),
      }).pipe(
        Effect.map((message) => ({
          sequence: message?.seq ?? 0,
          // A damaged checkpoint counts as none: the view is rebuilt.
          ...Result.getOrElse(decodeCheckpoint(message?.string()), () => nothingPublished),
        })),
        Effect.tap((checkpoint) => Effect.sync(() => known.set(view, checkpoint))),
      );

    /**
     * Replaces the checkpoint at `sequence`. Returns the sequence of the new one. After a failure, the checkpoint
     * counts as unknown.
     */
    const writeCheckpoint = (view: string, sequence: number, checkpoint: Checkpoint) =>
      Effect.tryPromise({
        try: () =>
          publish(checkpointSubject(view), JSON.stringify(checkpoint), {
            expect: { lastSubjectSequence: sequence },
          }),
        catch: (error) =>
          isConflict(error)
            ? new StoreUnavailable({ message: `the view ${view} is being published by another backend` })
            : unavailable(`checkpoint of the view ${view}`)(error),
      }).pipe(
        Effect.map(({ seq }) => {
          known.set(view, { ...checkpoint, sequence: seq });
          return seq;
        }),
        Effect.onError(() => Effect.sync(() => known.delete(view))),
      );

    /** Writes a document, or deletes it if there is no text. */
    const write = async (view: string, key: string, text: string | undefined): Promise<void> => {
      const subject = bucketSubject(names.buckets.view(view), key);
      const deletion = { headers: { "KV-Operation": "DEL" } };
      const { seq } = await (text === undefined ? publish(subject, "", deletion) : publish(subject, text));
      written.set(view, Math.max(written.get(view) ?? 0, seq));
      keys.get(view)?.add(key);
    };

    /**
     * Writes documents in order, `inFlight` at a time. It uses plain promises, because there may be thousands a second.
     */
    const writeAll = (view: string, texts: ReadonlyArray<readonly [key: string, text: string | undefined]>) =>
      Effect.tryPromise({
        try: async () => {
          for (let start = 0; start < texts.length; start += inFlight)
            await Promise.all(texts.slice(start, start + inFlight).map(([key, text]) => write(view, key, text)));
        },
        catch: unavailable(`documents of the view ${view}`),
      });

    return ViewStore.of({
      load: Effect.fnUntraced(function* (view): Effect.fn.Return<StoredView, StoreUnavailable> {
        const checkpoint = yield* readCheckpoint(view);
        yield* ensureBucket(view, checkpoint.written);
        const { version, position, omitted } = checkpoint;
        const newest = yield* newestIn(view);
        written.set(view, newest);
        doubted.delete(view);
        const documents = new Map<string, Schema.Json>();
        const seen = new Set<string>();
        keys.set(view, seen);
        let complete = omitted.length === 0 && newest >= checkpoint.written;
        yield* Effect.provide(
          readBucket(names.buckets.view(view), (key, message) => {
            seen.add(key);
            if (isGone(message)) return void documents.delete(key);
            const document = Result.try(() => message.json<Schema.Json>());
            complete &&= Result.isSuccess(document);
            documents.set(
              key,
              Result.getOrElse(document, () => null),
            );
          }),
          connection,
        );
        complete &&= seen.size >= checkpoint.keys;
        if (complete) incomplete.delete(view);
        else incomplete.add(view);
        return complete ? { version, position, documents } : { version: 0, position: 0, documents };
      }),

      save: Effect.fnUntraced(function* (view, version, changes, position) {
        const stored = known.get(view) ?? (yield* readCheckpoint(view));
        yield* ensureBucket(view, stored.written);
        yield* check(view);
        if (stored.version > version) {
          return yield* new StoreUnavailable({
            message: `the view ${view} is published in version ${stored.version} by a newer backend, this one has version ${version}: upgrade or stop it`,
          });
        }
        const isComplete = stored.version === version && !incomplete.has(view);
        let sequence = stored.sequence;
        if (stored.version !== 0 && !isComplete) {
          sequence = yield* writeCheckpoint(view, sequence, { ...nothingPublished, omitted: stored.omitted });
          incomplete.delete(view);
        }
        const omitted = new Set(stored.omitted);
        const room = payloadRoom(nc);
        const texts: Array<readonly [string, string | undefined]> = [];
        for (const [key, document] of changes) {
          const text = document === undefined ? undefined : yield* textOf(document);
          const size = text === undefined ? 0 : Buffer.byteLength(text);
          if (size <= room) {
            omitted.delete(key);
            texts.push([key, text]);
            continue;
          }
          omitted.add(key);
          yield* Effect.logError(
            `document ${key} of the view ${view} has ${size} bytes, the server takes ${room}: not published; raise its max_payload`,
          );
        }
        yield* writeAll(view, texts);
        const characters = texts.reduce((sum, [, text]) => sum + (text?.length ?? 0), 0);
        // A server that restarted meanwhile may have lost some of these documents.
        if (doubted.has(view)) return yield* lost(view);
        const nothingOmitted = omitted.size === 0 && stored.omitted.length === 0;
        if (position === undefined && nothingOmitted) return characters;
        const claimed = position ?? (isComplete ? stored.position : undefined);
        const end = claimed === undefined ? nothingPublished : { version, position: claimed };
        const now = {
          ...end,
          omitted: [...omitted],
          written: written.get(view) ?? stored.written,
          keys: keys.get(view)?.size ?? stored.keys,
        };
        yield* writeCheckpoint(view, sequence, now);
        return characters;
      }),

      lost: Effect.suspend(() =>
        Effect.raceAllFirst([Effect.never, ...[...made].map((view) => lossOf(bucketStream(names.buckets.view(view))))]),
      ).pipe(Effect.provide(connection)),
    });
  }),
);
