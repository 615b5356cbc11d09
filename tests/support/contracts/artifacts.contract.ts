import { expect, test } from "@jest/globals";
import { Effect, type Layer, Option } from "effect";
import { Artifacts } from "../../../src/application/ports/mod.ts";
import { digests } from "../../../src/infrastructure/digests.ts";

/** What every store of artifacts must do. */
export const artifactsContract = (layer: () => Layer.Layer<Artifacts, unknown>) => {
  const run = <A>(body: (artifacts: Artifacts["Service"]) => Effect.Effect<A, unknown>) =>
    Effect.runPromise(Effect.provide(Effect.flatMap(Artifacts, body), layer()));

  test("there is none before it was put", () =>
    run((artifacts) =>
      Effect.gen(function* () {
        expect(yield* artifacts.get(digests.sha256(crypto.randomUUID()))).toEqual(Option.none());
      }),
    ));

  test.each([
    ["empty", ""],
    ["small", "{ pkgs, ... }: ''quoted'' ✓\n"],
    ["many MiB", "y".repeat(12 * 1024 * 1024)],
  ])("a text that is %s comes back by its digest, also when put twice", (_, text) =>
    run((artifacts) =>
      Effect.gen(function* () {
        const digest = digests.sha256(text);
        yield* artifacts.put(digest, text);
        yield* artifacts.put(digest, text);
        // On a busy machine a part may be late: `StoreUnavailable`, after which callers try again.
        const read = yield* Effect.retry(artifacts.get(digest), { times: 5 });
        expect(Option.getOrThrow(read) === text).toBe(true);
      }),
    ),
  );
};
