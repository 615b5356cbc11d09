import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { settledBy } from "../../../../../src/infrastructure/nats/inbox/progress.ts";

test("a position is settled a minute after it was reached; until then what was settled before", () => {
  const settled = settledBy(5);
  expect(settled(10, 0)).toBe(5);
  expect(settled(20, 30_000)).toBe(5);
  expect(settled(30, 59_999)).toBe(5);
  expect(settled(40, 60_000)).toBe(10);
  expect(settled(50, 90_000)).toBe(20);
  expect(settled(60, 500_000)).toBe(50);
});

test("property: it was reached at least a minute ago, and at most a second and a step longer than need be", () => {
  const steps = fc.array(fc.integer({ min: 1, max: 5_000 }), { maxLength: 200 });
  fc.assert(
    fc.property(steps, (waits) => {
      const settled = settledBy(0);
      const reached = [0];
      let now = 0;
      waits.forEach((wait, index) => {
        now += wait;
        reached.push(now);
        const at = reached[settled(index + 1, now)] ?? 0;
        expect(at === 0 || now - at >= 60_000).toBe(true);
        expect(now - at).toBeLessThanOrEqual(60_000 + 1_000 + 2 * 5_000);
      });
    }),
  );
});
