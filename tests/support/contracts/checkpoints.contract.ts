import { expect, test } from "@jest/globals";
import { Effect, type Layer } from "effect";
import fc from "fast-check";
import { Checkpoints } from "../../../src/application/ports/mod.ts";

/** What every store of checkpoints must do. */
export const checkpointsContract = (layer: () => Layer.Layer<Checkpoints, unknown>) => {
  const run = <A>(body: (checkpoints: Checkpoints["Service"]) => Effect.Effect<A, unknown>) =>
    Effect.runPromise(Effect.provide(Effect.flatMap(Checkpoints, body), layer()));

  test("a reader starts at 0 and goes on where it was, each its own way", () =>
    run((checkpoints) =>
      Effect.gen(function* () {
        const [one, other] = [crypto.randomUUID(), crypto.randomUUID()];
        expect(yield* checkpoints.load(one)).toBe(0);
        yield* checkpoints.save(one, 3);
        yield* checkpoints.save(other, 1);
        yield* checkpoints.save(one, 7);
        expect(yield* checkpoints.load(one)).toBe(7);
        expect(yield* checkpoints.load(other)).toBe(1);
      }),
    ));

  test("a reader that starts over is as if it had never run", () =>
    run((checkpoints) =>
      Effect.gen(function* () {
        const [one, other] = [crypto.randomUUID(), crypto.randomUUID()];
        yield* checkpoints.startOver(one);
        yield* checkpoints.save(one, 9);
        yield* checkpoints.save(other, 9);
        yield* checkpoints.startOver(one);
        expect(yield* checkpoints.load(one)).toBe(0);
        yield* checkpoints.save(one, 4);
        expect(yield* checkpoints.load(one)).toBe(4);
        expect(yield* checkpoints.load(other)).toBe(9);
      }),
    ));

  test("a checkpoint never goes back, whoever saves in whatever order", () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 1_000_000 }), { minLength: 1, maxLength: 20 }), (positions) =>
        run((checkpoints) =>
          Effect.gen(function* () {
            const reader = crypto.randomUUID();
            yield* Effect.forEach(positions, (position) => checkpoints.save(reader, position), {
              concurrency: "unbounded",
            });
            expect(yield* checkpoints.load(reader)).toBe(Math.max(...positions));
            yield* checkpoints.save(reader, 0);
            expect(yield* checkpoints.load(reader)).toBe(Math.max(...positions));
          }),
        ),
      ),
      { numRuns: 10 },
    ));
};
