import { Objm } from "@nats-io/obj";
import { Effect, Layer, Option } from "effect";
import { Artifacts, Digests, type StoreUnavailable } from "../../application/ports/mod.ts";
import { NatsConnection } from "./connection.ts";
import { unavailable } from "./streams.ts";

/**
 * The client waits for a lost part without end. The limit is shorter than what a command may take, which may read one.
 */
const readWithin = "4 seconds";

/** Artifacts in the object store `cim_artifacts`, named by their digest, which is checked on reading. */
export const artifactsLayer: Layer.Layer<Artifacts, StoreUnavailable, NatsConnection | Digests> = Layer.effect(
  Artifacts,
  Effect.gen(function* () {
    const { js, names } = yield* NatsConnection;
    const { sha256 } = yield* Digests;
    const failed = unavailable("artifacts");
    const bucket = yield* Effect.tryPromise({
      try: () => new Objm(js).create(names.buckets.artifacts, { description: "Generated files by digest. Kept." }),
      catch: failed,
    });
    const read = async (digest: string) => {
      const bytes = await bucket.getBlob(digest);
      if (bytes === null) return undefined;
      const text = new TextDecoder().decode(bytes);
      if (sha256(text) !== digest) throw new Error(`the artifact stored as ${digest} has another digest`);
      return text;
    };
    const get = (digest: string) =>
      Effect.tryPromise({ try: () => read(digest), catch: failed }).pipe(
        Effect.timeoutOrElse({
          duration: readWithin,
          orElse: () => Effect.fail(failed(`${digest} did not come within ${readWithin}`)),
        }),
        Effect.map(Option.fromUndefinedOr),
      );
    return Artifacts.of({
      get,
      put: Effect.fnUntraced(function* (digest, text) {
        // An artifact that is lost or altered is stored again.
        const stored = yield* Effect.orElseSucceed(get(digest), Option.none<string>);
        if (Option.isSome(stored)) return;
        yield* Effect.tryPromise({
          try: () => bucket.putBlob({ name: digest }, new TextEncoder().encode(text)),
          catch: failed,
        });
      }),
    });
  }),
);
