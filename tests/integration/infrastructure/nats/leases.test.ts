import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { jetstream } from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import { connect } from "@nats-io/transport-node";
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

/** A backend: leases on connections of its own. */
const backendWith = (options?: Parameters<typeof leasesLayer>[0]) =>
  Effect.suspend(() => Layer.build(Layer.fresh(Layer.provideMerge(leasesLayer(options), nats.connection()))));
const backend = backendWith();
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

  /** Lets nothing else run in this thread. */
  const block = (seconds: number) =>
    Effect.sync(() => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, seconds * 1_000));
  /** The holder of a lease as the server has it. Asked by a new connection: the server may have left one that stood still. */
  const holderOf = (context: Context.Context<NatsConnection>, role: string) =>
    Effect.promise(async () => {
      const { names } = Context.get(context, NatsConnection);
      const connection = await connect({ servers: nats.url });
      const bucket = await new Kvm(jetstream(connection)).open(names.buckets.leases, { allow_direct: false });
      const holder = (await bucket.get(role))?.string();
      await connection.close();
      return holder;
    });

  test("a holder whose thread stands still for 20 s keeps its lease, and its work goes on", () =>
    run(
      Effect.gen(function* () {
        const context = yield* backend;
        const { work, counts, started } = countedWork();
        yield* Effect.forkScoped(Context.get(context, Leases).whileHeld("busy", work));
        yield* started;
        const holder = yield* holderOf(context, "busy");
        yield* block(20);
        expect(yield* holderOf(context, "busy")).toBe(holder);
        yield* Effect.sleep("1 second");
        expect(yield* holderOf(context, "busy")).toBe(holder);
        expect(counts).toEqual({ running: 1, most: 1, terms: 1 });
      }),
    ));

  /** Takes a lease as soon as it is free, for some seconds, in a thread that goes on while this one stands still. */
  const successor = (bucket: string, role: string) =>
    Effect.acquireRelease(
      Effect.sync(() => new Worker(succeeding, { eval: true, workerData: { servers: nats.url, bucket, role } })),
      (worker) => Effect.promise(() => worker.terminate()),
    );
  const succeeding = `
    const { workerData: { servers, bucket, role } } = require("node:worker_threads");
    const { connect } = require("@nats-io/transport-node");
    const { jetstream } = require("@nats-io/jetstream");
    const { Kvm } = require("@nats-io/kv");
    (async () => {
      const leases = await new Kvm(jetstream(await connect({ servers }))).open(bucket, { allow_direct: false });
      for (;;) {
        if (await leases.create(role, "successor").then(() => true, () => false)) break;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      for (let renewal = 0; renewal < 6; renewal++) {
        await new Promise((resolve) => setTimeout(resolve, 1000));
        await leases.put(role, "successor");
      }
    })();`;

  test("a holder whose thread stands still for longer than is waited for loses its lease, and then its work ends", () =>
    run(
      Effect.gen(function* () {
        const context = yield* backendWith({ patienceSeconds: 2 });
        const { work, counts, started, stopped } = countedWork();
        yield* Effect.forkScoped(Context.get(context, Leases).whileHeld("hanging", work));
        yield* started;
        yield* successor(Context.get(context, NatsConnection).names.buckets.leases, "hanging");
        yield* block(10);
        expect(yield* holderOf(context, "hanging")).toBe("successor");
        yield* stopped;
        yield* started;
        expect(counts).toEqual({ running: 1, most: 1, terms: 2 });
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
