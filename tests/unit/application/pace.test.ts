import { expect, test } from "@jest/globals";
import { Effect, Fiber } from "effect";
import { Pace } from "../../../src/application/pace.ts";

/** So long that a test that waits for it does not end. */
const hour = 3_600_000;

test("a pause that is over, or is not wanted, is not waited for", async () => {
  await Effect.runPromise(new Pace(10, () => false).since(performance.now() - 11));
  await Effect.runPromise(new Pace(hour, () => true).since(performance.now()));
});

test("all who wait go on when somebody is in a hurry, and the next pause is a pause again", async () => {
  const pace = new Pace(hour, () => false);
  const pause = () => Effect.runFork(pace.since(performance.now()));
  const waiting = [pause(), pause()];
  pace.hurry();
  await Effect.runPromise(Fiber.joinAll(waiting));
  const next = pause();
  await new Promise(setImmediate);
  expect(next.pollUnsafe()).toBeUndefined();
  await Effect.runPromise(Fiber.interrupt(next));
});

test("a pause ends by itself", async () => {
  const began = performance.now();
  await Effect.runPromise(new Pace(20, () => false).since(began));
  // Timers of Node may be early by less than a millisecond.
  expect(performance.now() - began).toBeGreaterThan(18);
});

test("whoever is interrupted while waiting is not woken later", async () => {
  const pace = new Pace(hour, () => false);
  const waiting = Effect.runFork(pace.since(performance.now()));
  await Effect.runPromise(Fiber.interrupt(waiting));
  pace.hurry();
  expect(waiting.pollUnsafe()?._tag).toBe("Failure");
});
