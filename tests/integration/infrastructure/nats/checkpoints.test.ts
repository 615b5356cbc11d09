import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Effect, Layer } from "effect";
import { Checkpoints } from "../../../../src/application/ports/mod.ts";
import { checkpointsLayer } from "../../../../src/infrastructure/nats/checkpoints.ts";
import { NatsConnection } from "../../../../src/infrastructure/nats/connection.ts";
import { checkpointsContract } from "../../../support/contracts/checkpoints.contract.ts";
import { type TestNats, testNats } from "../../../support/nats.ts";

let nats: TestNats;
beforeAll(async () => {
  nats = await testNats();
});
afterAll(() => nats.dispose());

const backend = () => Layer.provide(checkpointsLayer, nats.connection());
const as = <A, E>(
  layer: Layer.Layer<Checkpoints, E>,
  body: (checkpoints: Checkpoints["Service"]) => Effect.Effect<A, E>,
) => Effect.provide(Effect.flatMap(Checkpoints, body), layer);

describe("checkpoints in a bucket", () => {
  checkpointsContract(backend);

  test("a backend that remembers an older checkpoint does not undo another's", () =>
    Effect.gen(function* () {
      const reader = crypto.randomUUID();
      yield* as(backend(), (one) =>
        Effect.gen(function* () {
          yield* one.save(reader, 5);
          yield* as(backend(), (other) => other.save(reader, 9));
          yield* one.save(reader, 7);
          expect(yield* one.load(reader)).toBe(9);
          yield* one.save(reader, 11);
        }),
      );
      expect(yield* as(backend(), (third) => third.load(reader))).toBe(11);
    }).pipe(Effect.runPromise));

  test("one that is no position is as if there were none, and the next one replaces it", () =>
    Effect.gen(function* () {
      const { js, names } = yield* NatsConnection;
      const { load, save } = yield* Checkpoints;
      for (const rubbish of ["five", "-1", "1e400", "0x10", ""]) {
        yield* Effect.promise(() => js.publish(`$KV.${names.buckets.checkpoints}.damaged`, rubbish));
        expect(yield* load("damaged")).toBe(0);
      }
      yield* save("damaged", 5);
      expect(yield* load("damaged")).toBe(5);
    }).pipe(Effect.provide(Layer.provideMerge(checkpointsLayer, nats.connection())), Effect.runPromise));
});
