import { expect, test } from "@jest/globals";
import { Deferred, Effect, Fiber, Latch, Random, type Scope } from "effect";
import type { Leases } from "../../../src/application/ports/mod.ts";

type Backend = Leases["Service"];

/** Work that runs until it is interrupted, and counts how many of its kind run at once. */
export const countedWork = () => {
  const counts = { running: 0, most: 0, terms: 0 };
  const started = Latch.makeUnsafe(false);
  const stopped = Latch.makeUnsafe(true);
  const work = Effect.acquireUseRelease(
    Effect.sync(() => {
      counts.running += 1;
      counts.terms += 1;
      counts.most = Math.max(counts.most, counts.running);
      started.openUnsafe();
      stopped.closeUnsafe();
    }),
    () => Effect.never,
    () =>
      Effect.sync(() => {
        counts.running -= 1;
        if (counts.running > 0) return;
        started.closeUnsafe();
        stopped.openUnsafe();
      }),
  );
  return { work, counts, started: started.await, stopped: stopped.await };
};

/** What all leases must do; `backends` makes two that share them. */
export const leasesContract = (backends: Effect.Effect<readonly [Backend, Backend], unknown, Scope.Scope>) => {
  const run = <A>(body: (one: Backend, other: Backend) => Effect.Effect<A, unknown, Scope.Scope>) =>
    Effect.runPromise(Effect.scoped(Effect.flatMap(backends, ([one, other]) => body(one, other))));
  const freshRole = () => `role-${crypto.randomUUID().slice(0, 8)}`;

  test("work runs in one backend at a time, and in the other once that one gives up", () =>
    run((one, other) =>
      Effect.gen(function* () {
        const role = freshRole();
        const { work, counts, started, stopped } = countedWork();
        const first = yield* Effect.forkScoped(one.whileHeld(role, work));
        yield* started;
        const second = yield* Effect.forkScoped(other.whileHeld(role, work));
        yield* Effect.sleep("700 millis");
        expect(counts).toEqual({ running: 1, most: 1, terms: 1 });
        yield* Fiber.interrupt(first);
        yield* started;
        expect(counts).toEqual({ running: 1, most: 1, terms: 2 });
        yield* Fiber.interrupt(second);
        yield* stopped;
      }),
    ));

  test("of many that come and go, never two work at once", () =>
    run((one, other) =>
      Effect.gen(function* () {
        const role = freshRole();
        const { work, counts } = countedWork();
        const comeAndGo = (backend: Backend) =>
          Effect.gen(function* () {
            const stay = yield* Random.nextIntBetween(100, 900);
            yield* Effect.timeoutOption(backend.whileHeld(role, work), stay);
          }).pipe(Effect.forever);
        // At least four seconds, and on a slow machine as long as it takes until the lease has gone on.
        const longEnough = Effect.sleep("100 millis").pipe(
          Effect.repeat({ until: () => counts.terms > 1 }),
          Effect.timeoutOption("30 seconds"),
          Effect.andThen(Effect.sleep("4 seconds")),
        );
        yield* Effect.raceFirst(
          Effect.all([one, other, one, other].map(comeAndGo), { concurrency: "unbounded", discard: true }),
          longEnough,
        );
        expect(counts).toEqual({ running: 0, most: 1, terms: expect.any(Number) });
        expect(counts.terms).toBeGreaterThan(1);
      }),
    ));

  test("one backend may hold several leases, several backends different ones", () =>
    run((one, other) =>
      Effect.gen(function* () {
        const started = yield* Effect.forEach([one, one, other], (backend) =>
          Effect.gen(function* () {
            const { work, started } = countedWork();
            yield* Effect.forkScoped(backend.whileHeld(freshRole(), work));
            return started;
          }),
        );
        yield* Effect.all(started);
      }),
    ));

  test("work that fails, dies or ends is started again", () =>
    run((one) =>
      Effect.gen(function* () {
        const ends = [Effect.fail("no"), Effect.die(new Error("worse")), Effect.void];
        const lasting = yield* Deferred.make<void>();
        const work = Effect.suspend(
          (): Effect.Effect<void, string> =>
            ends.shift() ?? Effect.andThen(Deferred.succeed(lasting, undefined), Effect.never),
        );
        yield* Effect.forkScoped(one.whileHeld(freshRole(), work));
        yield* Deferred.await(lasting);
      }),
    ));
};
