import { Effect, Layer, Option } from "effect";
import { Artifacts } from "../../application/ports/mod.ts";

/** Artifacts in memory, for tests. */
export const memoryArtifactsLayer = Layer.sync(Artifacts, () => {
  const texts = new Map<string, string>();
  return Artifacts.of({
    put: (digest, text) => Effect.sync(() => void texts.set(digest, text)),
    get: (digest) => Effect.sync(() => Option.fromUndefinedOr(texts.get(digest))),
  });
});
