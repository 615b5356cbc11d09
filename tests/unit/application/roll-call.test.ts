import { expect, test } from "@jest/globals";
import { RollCall } from "../../../src/application/presence-tracking.ts";

test("presence fades: away after one interval and a half, offline after three", () => {
  const roll = new RollCall(10, 0);
  expect(roll.statusOf("bob", 0)).toBe("offline");
  expect(roll.hear("bob", 0, 0)).toBe(true);
  expect(roll.hear("bob", 1_000, 1_000)).toBe(false);
  expect([15_999, 16_000, 30_999, 31_000].map((now) => roll.statusOf("bob", now))).toEqual([
    "online",
    "away",
    "away",
    "offline",
  ]);
});

test("an old heartbeat does not take back a newer one, and none is from the future", () => {
  const roll = new RollCall(10, 0);
  roll.hear("bob", 99_000, 10_000);
  roll.hear("bob", 5_000, 10_000);
  expect([24_999, 25_000].map((now) => roll.statusOf("bob", now))).toEqual(["online", "away"]);
});

test("an old heartbeat brings nobody online", () => {
  const roll = new RollCall(10, 100_000);
  expect(roll.hear("bob", 80_000, 100_000)).toBe(false);
  expect(roll.statusOf("bob", 100_000)).toBe("away");
});

test("silence says something once somebody listened long enough", () => {
  const roll = new RollCall(10, 0);
  expect([14_999, 15_000].map((now) => roll.isSettled(now))).toEqual([false, true]);
  roll.interrupt(20_000);
  expect([34_999, 35_000].map((now) => roll.isSettled(now))).toEqual([false, true]);
});

test("a look that comes late shows that nobody listened, for example while the process was suspended", () => {
  const roll = new RollCall(10, 0);
  for (let now = 1_000; now <= 20_000; now += 1_000) roll.look(now);
  expect(roll.isSettled(20_000)).toBe(true);
  roll.look(60_000);
  expect(roll.isSettled(60_000)).toBe(false);
});
