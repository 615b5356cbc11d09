import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { ClockEstimate } from "../../../src/infrastructure/clock-estimate.ts";

const estimate = (...samples: ReadonlyArray<readonly [shown: number, at: number, within: number]>) => {
  const clock = new ClockEstimate();
  for (const [shown, at, within] of samples) clock.take({ shown, at, within });
  return clock;
};

test("before the first look nothing is known; then it goes on by the monotonic clock", () => {
  expect(estimate().shownAt(5)).toBeUndefined();
  expect(estimate([1_000, 10, 1]).shownAt(35)).toBe(1_025);
});

test("a look that took long does not replace a good one, until that is old", () => {
  const good = [1_000, 0, 1] as const;
  expect(estimate(good, [6_030, 5_000, 40]).shownAt(5_000)).toBe(6_000);
  expect(estimate(good, [501_030, 500_000, 40]).shownAt(500_000)).toBe(501_030);
});

test("a clock that was set is believed at once", () => {
  expect(estimate([1_000, 0, 1], [3_606_000, 5_000, 40]).shownAt(5_000)).toBe(3_606_000);
});

test("whatever the looks took, the estimate is within what they and the drift explain", () => {
  const look = fc.record({
    after: fc.integer({ min: 1, max: 60_000 }),
    took: fc.integer({ min: 0, max: 2_000 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.integer({ min: -1e9, max: 1e9 }), fc.array(look, { minLength: 1 }), (offset, looks) => {
      const clock = new ClockEstimate();
      let at = 0;
      let best = Number.POSITIVE_INFINITY;
      for (const { after, took, share } of looks) {
        at += after;
        // The other clock showed this at some moment of the look, nobody knows which.
        clock.take({ shown: at + offset + took * share, at: at + took / 2, within: took / 2 });
        at += took;
        best = Math.min(best + (after + took) * 0.0002, took / 2);
        expect(Math.abs((clock.shownAt(at) ?? Number.NaN) - (at + offset))).toBeLessThanOrEqual(
          2 * best + 51 + took / 2,
        );
      }
    }),
  );
});
