import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { BackendUnavailable, CommandRefused, messageOf } from "../../../../src/agents/kit/errors.ts";
import { isGivenUp } from "../../../../src/agents/kit/inbox.ts";
import { LeftOver } from "../../../../src/agents/kit/left-over.ts";
import { backoff } from "../../../../src/agents/kit/waiting.ts";

describe("a delivery that fails", () => {
  test("is given up at the tenth time", () => {
    expect(isGivenUp(new Error("no"), 9)).toBe(false);
    expect(isGivenUp(new Error("no"), 10)).toBe(true);
  });

  test.each([
    new BackendUnavailable("away"),
    new CommandRefused({ code: "rejected", message: "paused", details: { reason: "paused" } }),
  ])("is never given up for %s", (error) => {
    expect(isGivenUp(error, 1_000)).toBe(false);
  });

  test("comes again after a pause that grows, in whole milliseconds, which is what the server takes", () => {
    for (const [index, most] of [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000].entries()) {
      const pause = backoff(index + 1);
      expect(Number.isInteger(pause)).toBe(true);
      expect(pause).toBeGreaterThanOrEqual(0.8 * most);
      expect(pause).toBeLessThanOrEqual(most);
    }
  });
});

test("anything that is thrown has a text", () => {
  expect(messageOf(Object.create(null))).toBe("something was thrown that has no text");
});

describe("what an earlier process left over", () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  const isOver = async (left: LeftOver) => {
    let over = false;
    void left.over.then(() => {
      over = true;
    });
    await jest.advanceTimersByTimeAsync(0);
    return over;
  };

  test("is over once all of it has come again and been handled", async () => {
    const left = new LeftOver();
    expect(await isOver(left)).toBe(true);
    left.expect(2, 7, 1_000);
    expect([left.takes(8), left.takes(6), left.takes(7), left.takes(5)]).toEqual([false, true, true, false]);
    left.done();
    expect(await isOver(left)).toBe(false);
    left.done();
    expect(await isOver(left)).toBe(true);
  });

  test("is waited for while one of it is at work, however long that takes", async () => {
    const left = new LeftOver();
    left.expect(2, 7, 1_000);
    left.takes(6);
    left.takes(7);
    await jest.advanceTimersByTimeAsync(60_000);
    left.done();
    expect(await isOver(left)).toBe(false);
    left.done();
    expect(await isOver(left)).toBe(true);
  });

  test("is not waited for where it does not come within the server's patience", async () => {
    const left = new LeftOver();
    left.expect(2, 7, 1_000);
    left.takes(6);
    await jest.advanceTimersByTimeAsync(3_000);
    expect(await isOver(left)).toBe(false);
    left.done();
    expect(await isOver(left)).toBe(true);
    expect(left.takes(7)).toBe(false);
  });
});
