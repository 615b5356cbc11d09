import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Objm } from "@nats-io/obj";
import { Effect, Layer, Option } from "effect";
import { Snapshots } from "../../../../src/application/ports/mod.ts";
import { NatsConnection } from "../../../../src/infrastructure/nats/connection.ts";
import { snapshotsLayer } from "../../../../src/infrastructure/nats/snapshots.ts";
import { snapshotAt, snapshotsContract } from "../../../support/contracts/snapshots.contract.ts";
import { type TestNats, testNats } from "../../../support/nats.ts";

let nats: TestNats;
beforeAll(async () => {
  nats = await testNats();
});
afterAll(() => nats.dispose());

/** A snapshot that knows of its commands only their ids. */
const older = JSON.stringify({ ...snapshotAt(1, {}), handled: undefined, commands: { "command-1": 1 } });

describe("snapshots in an object store", () => {
  snapshotsContract(() => Layer.provide(snapshotsLayer, nats.connection()));

  test.each(["no JSON", "{}", JSON.stringify({ ...snapshotAt(1, {}), handled: { a: "1" } }), older])(
    "damaged ones, and those of an older form, count as none: %s",
    (damaged) =>
      Effect.gen(function* () {
        const { js, names } = yield* NatsConnection;
        const snapshots = yield* Snapshots;
        yield* Effect.promise(async () => {
          const bucket = await new Objm(js).open(names.buckets.snapshots);
          await bucket.putBlob({ name: "thing.damaged" }, new TextEncoder().encode(damaged));
        });
        expect(yield* snapshots.load("thing", "damaged")).toEqual(Option.none());
        yield* snapshots.save("thing", "damaged", snapshotAt(3, {}));
        expect(yield* snapshots.load("thing", "damaged")).toEqual(Option.some(snapshotAt(3, {})));
      }).pipe(Effect.provide(Layer.provideMerge(snapshotsLayer, nats.connection())), Effect.runPromise),
  );

  test("one whose chunks are lost counts as none", () =>
    Effect.gen(function* () {
      const { jsm, names } = yield* NatsConnection;
      const snapshots = yield* Snapshots;
      yield* snapshots.save("thing", "lost", snapshotAt(3, "x".repeat(500_000)));
      const chunks = `$O.${names.buckets.snapshots}.C.>`;
      yield* Effect.promise(() => jsm.streams.purge(`OBJ_${names.buckets.snapshots}`, { filter: chunks }));
      expect(yield* snapshots.load("thing", "lost")).toEqual(Option.none());
    }).pipe(Effect.provide(Layer.provideMerge(snapshotsLayer, nats.connection())), Effect.runPromise));
});
