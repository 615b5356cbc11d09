import { expect, test } from "@jest/globals";
import { Context, Deferred, Effect, Exit, Layer, Scope } from "effect";
import { Leases } from "../../../src/application/ports/mod.ts";
import { memoryLeasesLayer } from "../../../src/infrastructure/memory/messaging.ts";
import { oneLease } from "../../../src/infrastructure/one-lease.ts";
import { countedWork } from "../../support/contracts/leases.contract.ts";

/** Starts a backend that shares its leases with others. Returns how to end it. */
const backend = Effect.gen(function* () {
  const scope = yield* Scope.make();
  const shared = Layer.succeed(Leases, yield* Leases);
  const built = yield* Layer.buildWithScope(Layer.provide(oneLease, shared), scope);
  return { scope, leases: Context.get(built, Leases), end: Scope.close(scope, Exit.void) };
});

const onSharedLeases = (body: Effect.Effect<void, unknown, Leases | Scope.Scope>) =>
  Effect.runPromise(Effect.scoped(Effect.provide(body, memoryLeasesLayer)));

test("one backend does all the work, and the other one begins when all of it has ended there", () =>
  onSharedLeases(
    Effect.gen(function* () {
      const roles = ["feed", "timers", "presence"].map((role) => ({ role, ...countedWork() }));
      const [one, other] = [yield* backend, yield* backend];
      for (const { role, work } of roles) {
        yield* Effect.forkIn(one.leases.whileHeld(role, work), one.scope);
        yield* Effect.forkIn(other.leases.whileHeld(role, work), other.scope);
      }
      for (const { started } of roles) yield* started;
      yield* one.end;
      for (const { started, counts } of roles) {
        yield* started;
        expect(counts).toEqual({ running: 1, most: 1, terms: 2 });
      }
      yield* other.end;
      for (const { stopped } of roles) yield* stopped;
    }),
  ));

test("work that is slow to end keeps the lease until it has ended", () =>
  onSharedLeases(
    Effect.gen(function* () {
      const [one, other] = [yield* backend, yield* backend];
      const [begun, mayEnd, next] = [yield* Deferred.make(), yield* Deferred.make(), yield* Deferred.make()];
      const slow = Effect.andThen(Deferred.succeed(begun, undefined), Effect.never).pipe(
        Effect.ensuring(Deferred.await(mayEnd)),
      );
      yield* Effect.forkIn(one.leases.whileHeld("slow", slow), one.scope);
      yield* Deferred.await(begun);
      const seen = Effect.andThen(Deferred.succeed(next, undefined), Effect.never);
      yield* Effect.forkIn(other.leases.whileHeld("slow", seen), other.scope);
      yield* Effect.forkScoped(one.end);
      yield* Effect.sleep("50 millis");
      expect(Deferred.isDoneUnsafe(next)).toBe(false);
      yield* Deferred.succeed(mayEnd, undefined);
      yield* Deferred.await(next);
    }),
  ));

test("a role that fails is started again, and costs the others nothing", () =>
  onSharedLeases(
    Effect.gen(function* () {
      const { leases, scope } = yield* backend;
      const { work, counts, started } = countedWork();
      const lasting = yield* Deferred.make();
      const ends = [Effect.fail("no"), Effect.die(new Error("worse")), Effect.void];
      const failing = Effect.suspend(
        (): Effect.Effect<void, string> =>
          ends.shift() ?? Effect.andThen(Deferred.succeed(lasting, undefined), Effect.never),
      );
      yield* Effect.forkIn(leases.whileHeld("steady", work), scope);
      yield* Effect.forkIn(leases.whileHeld("failing", failing), scope);
      yield* started;
      yield* Deferred.await(lasting);
      expect(counts.terms).toBe(1);
    }),
  ));

test("the lease of the views goes to another backend by itself", () =>
  onSharedLeases(
    Effect.gen(function* () {
      const [one, other] = [yield* backend, yield* backend];
      const [feed, views] = [countedWork(), countedWork()];
      for (const each of [one, other]) yield* Effect.forkIn(each.leases.whileHeld("feed", feed.work), each.scope);
      yield* feed.started;
      const superseded = Effect.void;
      yield* Effect.forkIn(one.leases.whileHeld("views", superseded), one.scope);
      yield* Effect.forkIn(other.leases.whileHeld("views", views.work), other.scope);
      yield* views.started;
      expect(feed.counts).toEqual({ running: 1, most: 1, terms: 1 });
    }),
  ));
