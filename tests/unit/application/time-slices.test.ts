import { expect, test } from "@jest/globals";
import { Effect } from "effect";
import { forEachInSlices, inSlices, restAfter } from "../../../src/application/time-slices.ts";
import { atOnce, type Steps } from "../../../src/domain/kernel/mod.ts";

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

test("work in steps lets a timer fire, and comes to the same as at once", async () => {
  const work = function* (): Steps<number> {
    let sum = 0;
    for (let step = 1; step <= 60; step++) {
      const end = performance.now() + 1;
      while (performance.now() < end);
      sum += step;
      yield;
    }
    return sum;
  };
  let fired = false;
  setTimeout(() => {
    fired = true;
  }, 5);
  const sum = await Effect.runPromise(Effect.map(inSlices(work), (result) => ({ result, fired })));
  expect(sum).toEqual({ result: atOnce(work()), fired: true });
});
