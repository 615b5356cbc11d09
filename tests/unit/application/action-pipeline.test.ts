import { expect, test } from "@jest/globals";
import { Effect } from "effect";
import { TestClock } from "effect/testing";
import fc from "fast-check";
import { makePipeline } from "../../../src/application/action-pipeline.ts";

const plan = fc.array(
  fc.array(fc.record({ key: fc.constantFrom("a", "b", "c"), takes: fc.nat(5) }), { maxLength: 3 }),
  { maxLength: 12 },
);

test("what has one key is done in order, never too much at once, and a position settles after all before it", () =>
  fc.assert(
    fc.asyncProperty(plan, fc.integer({ min: 1, max: 4 }), (positions, concurrency) =>
      Effect.gen(function* () {
        const finished: Array<{ readonly position: number; readonly key: string; readonly index: number }> = [];
        const settled: Array<number> = [];
        let running = 0;
        const expected = positions.map((steps) => steps.length);
        const pipeline = yield* makePipeline<never, never>(concurrency, (position) =>
          Effect.sync(() => {
            settled.push(position);
            // Everything up to here is done.
            for (let before = 0; before <= position; before++)
              expect(finished.filter((one) => one.position === before)).toHaveLength(expected[before] ?? 0);
          }),
        );
        const starting = Effect.forEach(
          positions,
          (steps, position) =>
            pipeline.start(
              position,
              steps.map(({ key, takes }, index) => ({
                key,
                run: Effect.gen(function* () {
                  running += 1;
                  expect(running).toBeLessThanOrEqual(concurrency);
                  yield* Effect.sleep(takes);
                  running -= 1;
                  finished.push({ position, key, index });
                }),
              })),
            ),
          { discard: true },
        );
        const fiber = yield* Effect.forkScoped(starting);
        for (let times = 0; times < 10; times++) yield* TestClock.adjust(25);
        expect(fiber.pollUnsafe()?._tag).toBe("Success");
        expect(settled).toEqual(positions.map((_, position) => position));
        for (const key of ["a", "b", "c"]) {
          const order = finished.filter((one) => one.key === key).map(({ position, index }) => position * 10 + index);
          expect(order).toEqual([...order].sort((left, right) => left - right));
        }
      }).pipe(Effect.scoped, Effect.provide(TestClock.layer()), Effect.runPromise),
    ),
    { numRuns: 100 },
  ));

test("a step that dies ends the pipeline", () =>
  Effect.gen(function* () {
    const pipeline = yield* makePipeline<never, never>(2, () => Effect.void);
    yield* pipeline.start(1, [{ key: "a", run: Effect.die(new Error("broken")) }]);
    const exit = yield* Effect.exit(pipeline.failed);
    expect(exit._tag).toBe("Failure");
  }).pipe(Effect.scoped, Effect.runPromise));
