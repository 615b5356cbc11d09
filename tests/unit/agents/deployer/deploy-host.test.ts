import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import fc from "fast-check";
import { stepLog } from "../../../../src/agents/deployer/deploy-host.ts";

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

test("a second after a line, it and what came since are told; and what is left, at the end", () => {
  const told: Array<ReadonlyArray<string>> = [];
  const log = stepLog((lines) => told.push(lines));
  log.add("one");
  log.add("");
  log.add("two");
  expect(told).toEqual([]);
  jest.advanceTimersByTime(1_000);
  expect(told).toEqual([["one", "two"]]);
  jest.advanceTimersByTime(10_000);
  log.add("three");
  log.end();
  log.end();
  jest.advanceTimersByTime(10_000);
  expect(told).toEqual([["one", "two"], ["three"]]);
  expect(log.lines).toEqual(["one", "two", "three"]);
});

test("however much is printed, it is told once a second at most, and only what the log still has", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(400), { maxLength: 200 }), (pauses) => {
      const told: Array<ReadonlyArray<string>> = [];
      const log = stepLog((lines) => told.push(lines));
      for (const [index, milliseconds] of pauses.entries()) {
        log.add(`${index} ${"x".repeat(milliseconds)}`);
        jest.advanceTimersByTime(milliseconds);
      }
      const seconds = pauses.reduce((sum, pause) => sum + pause, 0) / 1_000;
      expect(told.length).toBeLessThanOrEqual(seconds);
      log.end();
      const lines = told.flat();
      expect(lines).toEqual([...new Set(lines)]);
      expect(lines.slice(-log.lines.length)).toEqual(log.lines);
      for (const some of told) expect(some.length).toBeLessThanOrEqual(20);
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(300);
    }),
  );
});
