import { expect, test } from "@jest/globals";
import { Effect, type Layer, Option } from "effect";
import { type Snapshot, Snapshots } from "../../../src/application/ports/mod.ts";

export const snapshotAt = (position: number, state: Snapshot["state"]): Snapshot => ({
  stateVersion: 1,
  position,
  version: position,
  lastCid: "cid",
  lastTime: "2026-01-01T00:00:00.000Z",
  handled: { "ada command-1": 1 },
  state,
});

/** What every store of snapshots must do. */
export const snapshotsContract = (layer: () => Layer.Layer<Snapshots, unknown>) => {
  const run = <A>(body: (snapshots: Snapshots["Service"]) => Effect.Effect<A, unknown>) =>
    Effect.runPromise(Effect.provide(Effect.flatMap(Snapshots, body), layer()));

  test("there is none before one was saved", () =>
    run((snapshots) =>
      Effect.gen(function* () {
        expect(yield* snapshots.load("thing", crypto.randomUUID())).toEqual(Option.none());
      }),
    ));

  test("the newest is loaded, each aggregate its own", () =>
    run((snapshots) =>
      Effect.gen(function* () {
        const [one, other] = [crypto.randomUUID(), crypto.randomUUID()];
        yield* snapshots.save("thing", one, snapshotAt(1, { text: "Unicode ✓" }));
        yield* snapshots.save("thing", other, snapshotAt(5, null));
        yield* snapshots.save("thing", one, snapshotAt(2, [1, 2]));
        expect(yield* snapshots.load("thing", one)).toEqual(Option.some(snapshotAt(2, [1, 2])));
        expect(yield* snapshots.load("thing", other)).toEqual(Option.some(snapshotAt(5, null)));
        expect(yield* snapshots.load("other", one)).toEqual(Option.none());
      }),
    ));

  test("many MiB fit", () =>
    run((snapshots) =>
      Effect.gen(function* () {
        const id = crypto.randomUUID();
        const large = snapshotAt(1, "x".repeat(12 * 1024 * 1024));
        yield* snapshots.save("thing", id, large);
        // What a busy machine cannot read in time counts as none, for that time.
        const loaded = yield* Effect.repeat(snapshots.load("thing", id), { until: Option.isSome });
        expect(Option.getOrThrow(loaded).state).toBe(large.state);
      }),
    ));
};
