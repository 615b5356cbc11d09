import { expect, test } from "@jest/globals";
import { Effect } from "effect";
import { forEachInSlices, restAfter } from "../../../src/application/time-slices.ts";

/** Keeps the thread busy. */
const work = (milliseconds: number): void => {
  for (const end = performance.now() + milliseconds; performance.now() < end; );
};

test("long work takes every item in order, and timers fire meanwhile", async () => {
  let fired = 0;
  const timer = setInterval(() => {
    fired += 1;
  }, 1);
  const taken: Array<number> = [];
  const items = Array.from({ length: 60 }, (_, index) => index);
  await Effect.runPromise(
    forEachInSlices(items, (item) => {
      work(5);
      taken.push(item);
    }),
  );
  clearInterval(timer);
  expect(taken).toEqual(items);
  expect(fired).toBeGreaterThanOrEqual(5);
});

test("short work is done at once", () => {
  const taken: Array<number> = [];
  Effect.runSync(forEachInSlices([1, 2, 3], (item) => taken.push(item)));
  expect(taken).toEqual([1, 2, 3]);
});

test("what was long rests before what follows", async () => {
  let fired = false;
  setImmediate(() => {
    fired = true;
  });
  const began = performance.now();
  work(20);
  const rested = await Effect.runPromise(Effect.map(restAfter(began), () => fired));
  expect(rested).toBe(true);
});
