import { execFileSync } from "node:child_process";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { calendars } from "../../../src/domain/nix/unit/cron.ts";
import { describeWithSystemd } from "./nix.ts";

const start = Date.UTC(2026, 0, 1);

/** One field: its text and whether a value is in it, written down without the code under test. */
const field = (first: number, last: number) =>
  fc.oneof(
    fc.constant({ text: "*", values: (_: number) => true }),
    fc.integer({ min: 2, max: 9 }).map((step) => ({
      text: `*/${step}`,
      values: (value: number) => (value - first) % step === 0,
    })),
    fc.uniqueArray(fc.integer({ min: first, max: last }), { minLength: 1, maxLength: 4 }).map((chosen) => ({
      text: chosen.join(","),
      values: (value: number) => chosen.includes(value),
    })),
    fc.tuple(fc.integer({ min: first, max: last }), fc.integer({ min: first, max: last })).map(([a, b]) => ({
      text: `${Math.min(a, b)}-${Math.max(a, b)}`,
      values: (value: number) => Math.min(a, b) <= value && value <= Math.max(a, b),
    })),
  );

const cron = fc
  .tuple(field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 6))
  .map(([minute, hour, day, month, weekday]) => ({
    text: [minute, hour, day, month, weekday].map(({ text }) => text).join(" "),
    matches: (at: Date) => {
      const either = !day.text.startsWith("*") && !weekday.text.startsWith("*");
      const onDay = day.values(at.getUTCDate());
      const onWeekday = weekday.values(at.getUTCDay());
      return (
        minute.values(at.getUTCMinutes()) &&
        hour.values(at.getUTCHours()) &&
        month.values(at.getUTCMonth() + 1) &&
        (either ? onDay || onWeekday : onDay && onWeekday)
      );
    },
  }));

/** The first moments, at most `count`, at which cron would run. */
const runs = (matches: (at: Date) => boolean, count: number): ReadonlyArray<number> => {
  const found: Array<number> = [];
  for (let minute = 1; found.length < count && minute <= 366 * 24 * 60; minute++) {
    const at = new Date(start + minute * 60_000);
    if (matches(at)) found.push(at.getTime());
  }
  return found;
};

/** The first moments at which systemd's timers would elapse. */
const elapses = (expressions: ReadonlyArray<string>, count: number): ReadonlyArray<number> => {
  const output = execFileSync(
    "systemd-analyze",
    ["calendar", `--iterations=${count}`, "--base-time=2026-01-01 00:00:00 UTC", ...expressions],
    { encoding: "utf8", env: { ...process.env, TZ: "UTC" } },
  );
  const moments = [...output.matchAll(/(?:elapse|#\d+): \w+ (\S+) (\S+) UTC/g)].map(([, date, time]) =>
    Date.parse(`${date}T${time}Z`),
  );
  return [...new Set(moments)].sort((left, right) => left - right).slice(0, count);
};

describeWithSystemd("the calendars of a cron expression, read by systemd", () => {
  test("elapse exactly when cron runs", () => {
    fc.assert(
      fc.property(cron, ({ text, matches }) => {
        const within = (moments: ReadonlyArray<number>) => moments.filter((at) => at < start + 365 * 86_400_000);
        expect(within(elapses(calendars(text), 20))).toEqual(within(runs(matches, 20)));
      }),
      { numRuns: 50, seed: 4 },
    );
  });
});
