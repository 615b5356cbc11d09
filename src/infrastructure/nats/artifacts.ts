import { Objm } from "@nats-io/obj";
import { Effect, Layer, Option } from "effect";
import { Artifacts, Digests, type StoreUnavailable } from "../../application/ports/mod.ts";
import { NatsConnection } from "./connection.ts";
import { unavailable } from "./streams.ts";

/** A part that was lost is waited for, hence a limit. */
const readWithin = "10 seconds";

/** Artifacts in the object store `cim_artifacts`, named by their digest, which is checked when one is read. */
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
      if (sha256(text) !== digest) throw new Error(`what is stored as ${digest} has another digest`);
      return text;
    };
    const readable = (digest: string) =>
      read(digest).then(
        (text) => text !== undefined,
        () => false,
      );
    return Artifacts.of({
      put: (digest, text) =>
        Effect.tryPromise({
          try: async () => {
            if (await readable(digest)) return;
            await bucket.putBlob({ name: digest }, new TextEncoder().encode(text));
          },
          catch: failed,
        }),
      get: (digest) =>
        Effect.tryPromise({ try: () => read(digest), catch: failed }).pipe(
          Effect.timeoutOrElse({
            duration: readWithin,
            orElse: () => Effect.fail(failed(`${digest} did not come within ${readWithin}`)),
          }),
          Effect.map(Option.fromUndefinedOr),
        ),
    });
  }),
);
