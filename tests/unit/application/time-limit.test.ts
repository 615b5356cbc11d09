import { expect, test } from "@jest/globals";
import { Clock, Effect, Result, type Scope } from "effect";
import { TestClock } from "effect/testing";
import { timeLimit } from "../../../src/application/time-limit.ts";

const inTest = <A, E>(test: Effect.Effect<A, E, Scope.Scope>) =>
  Effect.runPromise(Effect.scoped(test).pipe(Effect.provide(TestClock.layer())));

test("what takes longer than its limit is interrupted, and its caller goes on; the others have their own time", () =>
  inTest(
    Effect.gen(function* () {
      const within = yield* timeLimit(10_000);
      const ends: Array<string> = [];
      const take = (name: string, seconds: number) =>
        within(
          Effect.as(Effect.sleep(seconds * 1_000), name).pipe(
            Effect.onInterrupt(() => Effect.sync(() => ends.push(`${name} interrupted`))),
          ),
          () => Effect.fail(`${name} is late`),
        ).pipe(
          Effect.result,
          Effect.map((result) => ends.push(Result.merge(result))),
          Effect.forkChild,
        );
      yield* take("slow", 11);
      yield* TestClock.adjust("5 seconds");
      yield* take("slow too", 60);
      yield* take("quick", 4);
      yield* TestClock.adjust("4 seconds");
      expect(ends).toEqual(["quick"]);
      yield* TestClock.adjust("1 second");
      expect(ends).toEqual(["quick", "slow is late", "slow interrupted"]);
      yield* TestClock.adjust("5 seconds");
      expect(ends.slice(3)).toEqual(["slow too is late", "slow too interrupted"]);
      // After a silence the limit holds again.
      yield* take("last", 11);
      yield* TestClock.adjust("10 seconds");
      expect(ends.slice(5)).toEqual(["last is late", "last interrupted"]);
    }),
  ));

test("a caller that is interrupted interrupts what it waits for, and what is done at once needs no time", () =>
  inTest(
    Effect.gen(function* () {
      const within = yield* timeLimit(10_000);
      expect(yield* within(Effect.succeed(1), () => Effect.fail("late"))).toBe(1);
      expect(yield* Effect.flip(within(Effect.fail("no"), () => Effect.fail("late")))).toBe("no");
      let interrupted = false;
      const work = Effect.onInterrupt(Effect.never, () => Effect.sync(() => (interrupted = true)));
      const fiber = yield* Effect.forkChild(within(work, () => Effect.fail("late")));
      yield* TestClock.adjust("1 second");
      fiber.interruptUnsafe();
      yield* TestClock.adjust("1 second");
      expect(interrupted).toBe(true);
    }),
  ));

test("a time of day that is set back makes nothing last longer", () =>
  Effect.runPromise(
    Effect.gen(function* () {
      let timeOfDay = Date.now();
      const clock: Clock.Clock = Object.assign(Object.create(yield* Clock.Clock), {
        currentTimeMillisUnsafe: () => (timeOfDay -= 3_600_000),
      });
      const work = Effect.gen(function* () {
        const within = yield* timeLimit(10);
        return yield* Effect.flip(within(Effect.never, () => Effect.fail("late")));
      });
      expect(yield* Effect.provideService(work, Clock.Clock, clock)).toBe("late");
    }).pipe(Effect.scoped),
  ));
