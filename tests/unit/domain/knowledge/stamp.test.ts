import { expect, test } from "@jest/globals";
import { Schema } from "effect";
import fc from "fast-check";
import { instantOf, nextStamp, Stamp } from "../../../../src/domain/knowledge/stamp.ts";

const instant = fc
  .date({ min: new Date("2020-01-01"), max: new Date("2030-01-01"), noInvalidDate: true })
  .map((date) => date.toISOString());

test("a stamp is later than everything that was seen, and never behind the clock", () => {
  fc.assert(
    fc.property(fc.array(instant, { minLength: 1, maxLength: 20 }), (clock) => {
      let last = "";
      for (const now of clock) {
        const next = nextStamp(last, now);
        expect(Schema.is(Stamp)(next)).toBe(true);
        expect(next > last).toBe(true);
        expect(instantOf(next) >= now).toBe(true);
        last = next;
      }
    }),
  );
});

test("a counter that is full goes on in the next millisecond", () => {
  expect(nextStamp("2026-01-01T00:00:00.000Z-fffff", "2026-01-01T00:00:00.000Z")).toBe(
    "2026-01-01T00:00:00.001Z-00000",
  );
});
