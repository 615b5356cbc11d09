import { Effect, Layer } from "effect";
import { Checkpoints } from "../../application/ports/mod.ts";

/** Checkpoints in memory, for tests. */
export const memoryCheckpointsLayer = Layer.sync(Checkpoints, () => {
  const positions = new Map<string, number>();
  const load = (reader: string) => positions.get(reader) ?? 0;
  return Checkpoints.of({
    load: (reader) => Effect.sync(() => load(reader)),
    save: (reader, position) => Effect.sync(() => void positions.set(reader, Math.max(load(reader), position))),
  });
});
