import { Effect, Layer, Option, type Schema } from "effect";
import { Artifacts, StoreUnavailable, ViewStore } from "../../application/ports/mod.ts";

/** Artifacts in memory, for tests. */
export const memoryArtifactsLayer = Layer.sync(Artifacts, () => {
  const texts = new Map<string, string>();
  return Artifacts.of({
    put: (digest, text) =>
      Effect.sync(() => void texts.set(digest, typeof text === "string" ? text : new TextDecoder().decode(text))),
    has: (digest) => Effect.sync(() => texts.has(digest)),
    get: (digest) => Effect.sync(() => Option.fromUndefinedOr(texts.get(digest))),
  });
});

interface Kept {
  readonly version: number;
  readonly position: number;
  readonly texts: Map<string, string>;
}

/** Views in memory, for tests. Kept as text, so that no reader shares objects with it. */
export const memoryViewStoreLayer = Layer.sync(ViewStore, () => {
  const views = new Map<string, Kept>();
  const kept = (view: string): Kept => views.get(view) ?? { version: 0, position: 0, texts: new Map() };
  return ViewStore.of({
    load: (view) =>
      Effect.sync(() => {
        const { version, position, texts } = kept(view);
        const documents = new Map([...texts].map(([key, text]): [string, Schema.Json] => [key, JSON.parse(text)]));
        return { version, position, documents };
      }),
    save: Effect.fnUntraced(function* (view, version, changes, position) {
      const stored = kept(view);
      if (stored.version > version) {
        return yield* new StoreUnavailable({ message: `the view ${view} is published in version ${stored.version}` });
      }
      let written = 0;
      for (const [key, document] of changes) {
        const text = JSON.stringify(document);
        if (document === undefined) stored.texts.delete(key);
        else stored.texts.set(key, text);
        written += text?.length ?? 0;
      }
      const isComplete = position !== undefined || stored.version === version;
      const end = isComplete ? { version, position: position ?? stored.position } : { version: 0, position: 0 };
      views.set(view, { ...end, texts: stored.texts });
      return written;
    }),
    lost: Effect.never,
  });
});
