import { describe, expect, test } from "@jest/globals";
import { Schema } from "effect";
import fc from "fast-check";
import { ChangeWindow, isOpen, nextOpening } from "../../../../src/domain/consensus/change-window.ts";
import { addSeconds } from "../../../../src/domain/kernel/mod.ts";

const window = (fields: Partial<ChangeWindow> = {}): ChangeWindow => ({
  days: ["tue", "thu"],
  from: "22:00",
  to: "02:30",
  timeZone: "Europe/Berlin",
  ...fields,
});

describe("a change window", () => {
  test.each([
    ["before it opens", "2026-01-06T20:59:59.999Z", false],
    ["when it opens", "2026-01-06T21:00:00.000Z", true],
    ["past midnight", "2026-01-07T01:29:00.000Z", true],
    ["when it closes", "2026-01-07T01:30:00.000Z", false],
    ["on another day", "2026-01-07T21:30:00.000Z", false],
    ["in summer, an hour earlier by UTC", "2026-07-07T20:00:00.000Z", true],
  ])("is right %s", (_, instant, open) => {
    expect(isOpen(window(), instant)).toBe(open);
  });
  test.each([
    ["2026-01-05T12:00:00.000Z", "2026-01-06T21:00:00.000Z"],
    ["2026-01-07T01:30:00.000Z", "2026-01-08T21:00:00.000Z"],
    // The clocks change on 2026-03-29: 22:00 in Berlin is 20:00 by UTC from then on.
    ["2026-03-27T12:00:00.000Z", "2026-03-31T20:00:00.000Z"],
  ])("opens next after %s at %s", (instant, opening) => {
    expect(nextOpening([window()], instant)).toBe(opening);
  });
  test("does not hold anything back while it is open, and neither do none", () => {
    expect(nextOpening([window(), window({ days: ["mon"] })], "2026-01-06T21:10:00.000Z")).toBeUndefined();
    expect(nextOpening([], "2026-01-06T12:00:00.000Z")).toBeUndefined();
  });
  test("opens where it says that it opens, and not before", () => {
    const time = fc.integer({ min: 0, max: 24 * 60 - 1 }).map((minute) => {
      const two = (value: number) => String(value).padStart(2, "0");
      return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
    });
    const windows = fc.record({
      days: fc.constantFrom(["mon"], ["sun", "wed"], ["sat"] as const),
      from: time,
      to: time,
      timeZone: fc.constantFrom("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"),
    });
    fc.assert(
      fc.property(windows, fc.integer({ min: 0, max: 365 * 24 * 3600 }), (fields, seconds) => {
        const one = Schema.decodeUnknownSync(ChangeWindow)(fields);
        const now = addSeconds("2026-01-01T00:00:00.000Z", seconds);
        const opening = nextOpening([one], now);
        if (opening === undefined) return expect(isOpen(one, now)).toBe(true);
        expect(isOpen(one, now)).toBe(false);
        expect(isOpen(one, opening)).toBe(true);
        expect(isOpen(one, addSeconds(opening, -60))).toBe(false);
      }),
      { numRuns: 100 },
    );
  });
  test.each([{ timeZone: "Europe/Atlantis" }, { from: "24:00" }, { days: [] }, { days: ["monday"] }])(
    "cannot be %j",
    (fields) => {
      expect(() => Schema.decodeUnknownSync(ChangeWindow)({ ...window(), ...fields })).toThrow();
    },
  );
});
