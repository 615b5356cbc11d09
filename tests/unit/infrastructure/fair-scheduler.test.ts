import { expect, test } from "@jest/globals";
import { Effect, Scheduler } from "effect";
import { fairScheduler } from "../../../src/infrastructure/fair-scheduler.ts";

const work = (milliseconds: number): void => {
  for (const end = performance.now() + milliseconds; performance.now() < end; );
};

/** The longest time between two turns of a timer while this runs, in milliseconds. */
const longestStall = async (body: Effect.Effect<unknown>): Promise<number> => {
  let [last, longest] = [performance.now(), 0];
  const look = () => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  };
  const timer = setInterval(look, 1);
  await Effect.runPromise(Effect.provideService(body, Scheduler.Scheduler, fairScheduler));
  look();
  clearInterval(timer);
  return longest;
};

test("hundreds of fibers that are ready together let timers fire", async () => {
  const fiber = Effect.andThen(
    Effect.yieldNow,
    Effect.sync(() => work(5)),
  );
  const all = Effect.forEach(Array.from({ length: 400 }), () => fiber, { concurrency: "unbounded", discard: true });
  // Together they take two seconds.
  expect(await longestStall(all)).toBeLessThan(1_000);
});

test("one fiber of many operations, each of which takes long, lets timers fire", async () => {
  const all = Effect.forEach(Array.from({ length: 400 }), () => Effect.sync(() => work(5)), { discard: true });
  expect(await longestStall(all)).toBeLessThan(1_000);
});

test("what was scheduled is done in its order, and what was interrupted is not", async () => {
  const done: Array<number> = [];
  const numbered = (number: number) =>
    Effect.andThen(
      Effect.yieldNow,
      Effect.sync(() => void done.push(number)),
    );
  const program = Effect.gen(function* () {
    const never = yield* Effect.forkChild(Effect.andThen(Effect.yieldNow, Effect.andThen(Effect.never, numbered(9))));
    yield* Effect.forEach([1, 2, 3], numbered, { concurrency: "unbounded" });
    never.interruptUnsafe();
  });
  await Effect.runPromise(Effect.provideService(program, Scheduler.Scheduler, fairScheduler));
  expect(done).toEqual([1, 2, 3]);
});
