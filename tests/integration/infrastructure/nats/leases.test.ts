import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Context, Effect, Fiber, Layer, type Scope } from "effect";
import { Leases } from "../../../../src/application/ports/mod.ts";
import { NatsConnection } from "../../../../src/infrastructure/nats/connection.ts";
import { leasesLayer } from "../../../../src/infrastructure/nats/leases.ts";
import { countedWork, leasesContract } from "../../../support/contracts/leases.contract.ts";
import { type TestNats, testNats } from "../../../support/nats.ts";

let nats: TestNats;
beforeAll(async () => {
  nats = await testNats();
});
afterAll(() => nats.dispose());

/** A backend: leases on a connection of its own. */
const backend = Effect.suspend(() => Layer.build(Layer.fresh(Layer.provideMerge(leasesLayer, nats.connection()))));
const leases = Effect.map(backend, (context) => Context.get(context, Leases));

const run = <A>(body: Effect.Effect<A, unknown, Scope.Scope>) => Effect.runPromise(Effect.scoped(body));

describe("leases in a bucket", () => {
  leasesContract(Effect.all([leases, leases]));

  test("the lease of a holder that died is free after its time, not before", () =>
    run(
      Effect.gen(function* () {
        const context = yield* backend;
        const { js, names } = Context.get(context, NatsConnection);
        yield* Effect.promise(() => js.publish(`$KV.${names.buckets.leases}.dead`, "someone who is gone"));
        const died = Date.now();
        const { work, started } = countedWork();
        yield* Effect.forkScoped(Context.get(context, Leases).whileHeld("dead", work));
        yield* started;
        expect(Date.now() - died).toBeGreaterThanOrEqual(2_900);
      }),
    ));

  test("work of a holder that is cut off ends before another begins", () =>
    run(
      Effect.gen(function* () {
        const cutOff = yield* backend;
        const { work, counts, started, stopped } = countedWork();
        yield* Effect.forkScoped(Context.get(cutOff, Leases).whileHeld("cut-off", work));
        yield* started;
        yield* Effect.forkScoped((yield* leases).whileHeld("cut-off", work));
        yield* Effect.promise(() => Context.get(cutOff, NatsConnection).nc.close());
        yield* stopped;
        yield* started;
        expect(counts).toEqual({ running: 1, most: 1, terms: 2 });
      }),
    ));

  test("a holder whose lease was taken away stops", () =>
    run(
      Effect.gen(function* () {
        const context = yield* backend;
        const { js, names } = Context.get(context, NatsConnection);
        const { work, started, stopped } = countedWork();
        yield* Effect.forkScoped(Context.get(context, Leases).whileHeld("taken", work));
        yield* started;
        yield* Effect.promise(() => js.publish(`$KV.${names.buckets.leases}.taken`, "another"));
        yield* stopped;
      }),
    ));

  test("a short restart of the server disturbs nobody; after a long one somebody holds the lease again", async () => {
    if (!nats.controllable) return;
    await run(
      Effect.gen(function* () {
        const { work, counts, started, stopped } = countedWork();
        yield* Effect.forkScoped((yield* leases).whileHeld("restarted", work));
        yield* started;
        const other = yield* Effect.forkScoped((yield* leases).whileHeld("restarted", work));
        yield* Effect.promise(() => nats.kill());
        yield* Effect.promise(() => nats.start());
        yield* Effect.sleep("4 seconds");
        expect(counts).toEqual({ running: 1, most: 1, terms: 1 });
        yield* Effect.promise(() => nats.kill());
        yield* stopped;
        yield* Effect.promise(() => nats.start());
        yield* started;
        expect(counts).toEqual({ running: 1, most: 1, terms: 2 });
        yield* Fiber.interrupt(other);
      }),
    );
  });
});
