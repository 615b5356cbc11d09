import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Objm } from "@nats-io/obj";
import { Effect, Layer, Option } from "effect";
import { Artifacts } from "../../../../src/application/ports/mod.ts";
import { digests, digestsLayer } from "../../../../src/infrastructure/digests.ts";
import { artifactsLayer } from "../../../../src/infrastructure/nats/artifacts.ts";
import { NatsConnection } from "../../../../src/infrastructure/nats/connection.ts";
import { artifactsContract } from "../../../support/contracts/artifacts.contract.ts";
import { type TestNats, testNats } from "../../../support/nats.ts";

let nats: TestNats;
beforeAll(async () => {
  nats = await testNats();
});
afterAll(() => nats.dispose());

const layer = () => Layer.provideMerge(artifactsLayer, Layer.merge(nats.connection(), digestsLayer));

describe("artifacts in an object store", () => {
  artifactsContract(layer);

  test("one that was altered is not given out, and can be put again", () =>
    Effect.gen(function* () {
      const { js, names } = yield* NatsConnection;
      const artifacts = yield* Artifacts;
      const digest = digests.sha256("flake");
      yield* Effect.promise(async () => {
        const bucket = await new Objm(js).open(names.buckets.artifacts);
        await bucket.putBlob({ name: digest }, new TextEncoder().encode("altered"));
      });
      expect(yield* Effect.flip(artifacts.get(digest))).toMatchObject({ _tag: "StoreUnavailable" });
      yield* artifacts.put(digest, "flake");
      expect(yield* artifacts.get(digest)).toEqual(Option.some("flake"));
    }).pipe(Effect.provide(layer()), Effect.runPromise));
});
