import { createHash } from "node:crypto";
import { Objm } from "@nats-io/obj";
import { Effect, Layer, Option } from "effect";
import { Artifacts, type StoreUnavailable } from "../../application/ports/mod.ts";
import { NatsConnection } from "./connection.ts";
import { unavailable } from "./streams.ts";

/**
 * The client waits for a lost part without end. The limit is shorter than what a command may take, which may read one.
 */
const readWithin = "4 seconds";
/** Characters or bytes that are written at once. */
const chunk = 64 * 1024;

/** The bytes of a text, in chunks: all at once, a large text would stop everything else. No character is cut in two. */
function* encoded(text: string | Uint8Array): Generator<Uint8Array> {
  if (typeof text !== "string") {
    for (let from = 0; from < text.length; from += chunk) yield text.subarray(from, from + chunk);
    return;
  }
  const encoder = new TextEncoder();
  for (let from = 0; from < text.length; ) {
    const cut = from + chunk;
    const to = /[\uD800-\uDBFF]/.test(text.charAt(cut - 1)) ? cut + 1 : cut;
    yield encoder.encode(text.slice(from, to));
    from = to;
  }
}

/** Artifacts in the object store `cim_artifacts`, named by their digest, which is checked on reading. */
export const artifactsLayer: Layer.Layer<Artifacts, StoreUnavailable, NatsConnection> = Layer.effect(
  Artifacts,
  Effect.gen(function* () {
    const { js, names } = yield* NatsConnection;
    const failed = unavailable("artifacts");
    const bucket = yield* Effect.tryPromise({
      try: () => new Objm(js).create(names.buckets.artifacts, { description: "Generated files by digest. Kept." }),
      catch: failed,
    });
    /** Reads an artifact in the parts in which it comes. Returns false if there is none. */
    const readParts = async (digest: string, take: (part: Uint8Array) => void): Promise<boolean> => {
      const found = await bucket.get(digest);
      if (found === null) return false;
      const sha256 = createHash("sha256");
      for await (const part of found.data) {
        sha256.update(part);
        take(part);
      }
      const error = await found.error;
      if (error !== null && error !== undefined) throw error;
      if (`sha256-${sha256.digest("hex")}` !== digest)
        throw new Error(`the artifact stored as ${digest} has another digest`);
      return true;
    };
    const read = async (digest: string): Promise<string | undefined> => {
      const decoder = new TextDecoder();
      const texts: Array<string> = [];
      const isThere = await readParts(digest, (part) => texts.push(decoder.decode(part, { stream: true })));
      return isThere ? texts.join("") + decoder.decode() : undefined;
    };
    const inTime = <A>(digest: string, reading: () => Promise<A>) =>
      Effect.tryPromise({ try: reading, catch: failed }).pipe(
        Effect.timeoutOrElse({
          duration: readWithin,
          orElse: () => Effect.fail(failed(`${digest} did not come within ${readWithin}`)),
        }),
      );
    const has = (digest: string) => inTime(digest, () => readParts(digest, () => {}));
    return Artifacts.of({
      has,
      get: (digest) =>
        Effect.map(
          inTime(digest, () => read(digest)),
          Option.fromUndefinedOr,
        ),
      put: Effect.fnUntraced(function* (digest, text) {
        // An artifact that is lost or altered is stored again.
        if (yield* Effect.orElseSucceed(has(digest), () => false)) return;
        yield* Effect.tryPromise({
          try: () => bucket.put({ name: digest }, ReadableStream.from(encoded(text))),
          catch: failed,
        });
      }),
    });
  }),
);
