import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Objm } from "@nats-io/obj";
import { Effect, Layer, Option } from "effect";
import { Artifacts, type StoreUnavailable } from "../../application/ports/mod.ts";
import { NatsConnection } from "./connection.ts";
import { ensureKept, objectStream, unavailable } from "./streams.ts";

/**
 * The longest silence, in milliseconds, while an artifact is read. Without a limit, the client would wait for a lost
 * part for ever. The limit is shorter than that of a command, because a command may read an artifact.
 */
const longestSilence = 4_000;
/** The characters or bytes that are written at a time. */
const chunk = 64 * 1024;

/**
 * Yields the bytes of a text in chunks. A large text at once would block all other work. No character is cut in two.
 */
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

/** Returns the answer. Rejects if it does not come in time. */
const unlessSilent = async <A>(digest: string, asked: Promise<A>): Promise<A> => {
  const over = new AbortController();
  const silence = sleep(longestSilence, undefined, { signal: over.signal }).then(() => {
    throw new Error(`nothing of ${digest} came for ${longestSilence / 1000} seconds`);
  });
  try {
    return await Promise.race([asked, silence]);
  } finally {
    over.abort();
    silence.catch(() => {});
  }
};

/** Artifacts in the object store `cim_artifacts`, named by their digest. Reading checks the digest. */
export const artifactsLayer: Layer.Layer<Artifacts, StoreUnavailable, NatsConnection> = Layer.effect(
  Artifacts,
  Effect.gen(function* () {
    const { js, names, replicas } = yield* NatsConnection;
    const failed = unavailable("artifacts");
    const name = names.buckets.artifacts;
    const bucket = yield* ensureKept(objectStream(name), () =>
      new Objm(js).create(name, { replicas, description: "Generated files by digest. Kept." }),
    );
    /** Passes the parts of an artifact to `take`, in order. Returns false if there is no such artifact. */
    const readParts = async (digest: string, take: (part: Uint8Array) => void): Promise<boolean> => {
      const found = await unlessSilent(digest, bucket.get(digest));
      if (found === null) return false;
      const sha256 = createHash("sha256");
      const parts = found.data.getReader();
      for (;;) {
        const { done, value } = await unlessSilent(digest, parts.read());
        if (done) break;
        sha256.update(value);
        take(value);
      }
      const error = await unlessSilent(digest, found.error);
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
    const reading = <A>(request: () => Promise<A>) => Effect.tryPromise({ try: request, catch: failed });
    const has = (digest: string) => reading(() => readParts(digest, () => {}));
    return Artifacts.of({
      has,
      get: (digest) =>
        Effect.map(
          reading(() => read(digest)),
          Option.fromUndefinedOr,
        ),
      put: Effect.fnUntraced(function* (digest, text) {
        // An artifact that is lost or altered is stored again.
        if (yield* Effect.orElseSucceed(has(digest), () => false)) return;
        yield* reading(() => bucket.put({ name: digest }, ReadableStream.from(encoded(text))));
      }),
    });
  }),
);
