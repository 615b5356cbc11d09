import { Objm } from "@nats-io/obj";
import { Effect, Layer, Option, Predicate } from "effect";
import { type Snapshot, Snapshots, type StoreUnavailable } from "../../application/ports/mod.ts";
import { inSlices, restAfter } from "../../application/time-slices.ts";
import { jsonInSteps } from "../../domain/kernel/mod.ts";
import { NatsConnection } from "./connection.ts";
import { ensureKept, objectStream, unavailable } from "./streams.ts";

const { isNumber, isObject, isString } = Predicate;

/**
 * Returns whether a value has the fields that a reader of snapshots needs. The schema of the aggregate checks the
 * state. Older snapshots have `commands` instead of `handled`. They do not name the principals of commands, and are
 * ignored.
 */
const isSnapshot = (value: unknown): value is Snapshot =>
  isObject(value) &&
  isNumber(value.stateVersion) &&
  isNumber(value.position) &&
  isNumber(value.version) &&
  isString(value.lastCid) &&
  isString(value.lastTime) &&
  isObject(value.handled) &&
  Object.values(value.handled).every(isNumber) &&
  value.state !== undefined;

/** Returns the JSON of bytes. They may be megabytes, so decoding and parsing each have a turn of the event loop. */
const parsed = Effect.fnUntraced(function* (bytes: Uint8Array | null) {
  if (bytes === null) return null;
  const began = performance.now();
  const text = new TextDecoder().decode(bytes);
  yield* restAfter(began);
  return yield* Effect.try((): unknown => JSON.parse(text));
});

const loadWithin = "10 seconds";

/**
 * Snapshots in the object store `cim_snapshots`. The store cuts them into chunks, and checks their digest on reading.
 */
export const snapshotsLayer: Layer.Layer<Snapshots, StoreUnavailable, NatsConnection> = Layer.effect(
  Snapshots,
  Effect.gen(function* () {
    const { js, names, replicas } = yield* NatsConnection;
    const failed = unavailable("snapshots");
    const name = names.buckets.snapshots;
    const bucket = yield* ensureKept(objectStream(name), () =>
      new Objm(js).create(name, { replicas, description: "Snapshots of aggregates. Only a cache." }),
    );
    const nameOf = (aggregate: string, id: string) => `${aggregate}.${id}`;
    return Snapshots.of({
      load: (aggregate, id) =>
        Effect.tryPromise(() => bucket.getBlob(nameOf(aggregate, id))).pipe(
          Effect.flatMap(parsed),
          // A cache that cannot be read counts as empty, because the log has everything. Without a limit, the client
          // would wait for a lost chunk for ever.
          Effect.timeout(loadWithin),
          Effect.option,
          Effect.map(Option.filter(isSnapshot)),
        ),
      save: (aggregate, id, snapshot) =>
        inSlices(() => jsonInSteps(snapshot)).pipe(
          Effect.flatMap((text) =>
            Effect.tryPromise({
              try: () => bucket.putBlob({ name: nameOf(aggregate, id) }, Buffer.from(text)),
              catch: failed,
            }),
          ),
          Effect.asVoid,
        ),
    });
  }),
);
