import { Effect, Layer, Option } from "effect";
import { type Snapshot, Snapshots } from "../../application/ports/mod.ts";

/** Snapshots in memory, for tests; as text, so that nobody shares objects with it. */
export const memorySnapshotsLayer = Layer.sync(Snapshots, () => {
  const texts = new Map<string, string>();
  return Snapshots.of({
    load: (aggregate, id) =>
      Effect.sync(() =>
        Option.map(Option.fromUndefinedOr(texts.get(`${aggregate}.${id}`)), (text): Snapshot => JSON.parse(text)),
      ),
    save: (aggregate, id, snapshot) =>
      Effect.sync(() => void texts.set(`${aggregate}.${id}`, JSON.stringify(snapshot))),
  });
});
