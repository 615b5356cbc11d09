import { describe, expect, test } from "@jest/globals";
import { calendars } from "../../../../../src/domain/nix/unit/cron.ts";

describe("calendars", () => {
  test.each([
    ["30 1 * * *", ["*-*-* 01:30:00"]],
    ["* * * * *", ["*-*-* *:*:00"]],
    ["*/15 * * * *", ["*-*-* *:00,15,30,45:00"]],
    ["0 9-17 * * mon-fri", ["Mon,Tue,Wed,Thu,Fri *-*-* 09..17:00:00"]],
    ["0 0 1 JAN,jul *", ["*-01,07-01 00:00:00"]],
    ["5,4,6 0 * * *", ["*-*-* 00:04..06:00"]],
    ["10-40/15 0 * * *", ["*-*-* 00:10,25,40:00"]],
    ["0 3 * * 0", ["Sun *-*-* 03:00:00"]],
    ["0 3 * * 7", ["Sun *-*-* 03:00:00"]],
    ["0 3 * * 5-7", ["Sun,Fri,Sat *-*-* 03:00:00"]],
    ["0 3 29-31 2 *", ["*-02-29..31 03:00:00"]],
  ])("%s is one calendar", (cron, expected) => {
    expect(calendars(cron)).toEqual(expected);
  });

  test("two restricted day fields mean either, so there are two calendars", () => {
    expect(calendars("0 0 1,15 * 5")).toEqual(["*-*-01,15 00:00:00", "Fri *-*-* 00:00:00"]);
  });

  test("a day field that begins with * is not restricted: both must match", () => {
    expect(calendars("0 0 */10 * 1")).toEqual(["Mon *-*-01,11,21,31 00:00:00"]);
    expect(calendars("0 0 13 * */5")).toEqual(["Sun,Fri *-*-13 00:00:00"]);
  });

  test("a restricted day field that allows every day makes the other one irrelevant", () => {
    expect(calendars("0 0 1-31 * 1")).toEqual(["*-*-* 00:00:00"]);
    expect(calendars("0 0 13 * 0-7")).toEqual(["*-*-* 00:00:00"]);
  });

  test.each(["", "0 2 * *", "0 2 * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8"])(
    "%j is none",
    (cron) => {
      expect(calendars(cron)).toEqual([]);
    },
  );

  test.each([
    "5/15 * * * *",
    "*/0 * * * *",
    "5-1 * * * *",
    "a * * * *",
    "0x5 * * * *",
    "1e1 * * * *",
    "1,,2 * * * *",
    "-1 * * * *",
    "1.5 * * * *",
  ])("%j is none", (cron) => {
    expect(calendars(cron)).toEqual([]);
  });
});
