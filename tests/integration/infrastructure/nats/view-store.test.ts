import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Kvm } from "@nats-io/kv";
import { Effect, Fiber, Layer, type Schema } from "effect";
import { ViewStore } from "../../../../src/application/ports/mod.ts";
import { NatsConnection } from "../../../../src/infrastructure/nats/connection.ts";
import { viewStoreLayer } from "../../../../src/infrastructure/nats/view-store.ts";
import { viewStoreContract } from "../../../support/contracts/view-store.contract.ts";
import { type TestNats, testNats } from "../../../support/nats.ts";

let nats: TestNats;
beforeAll(async () => {
  nats = await testNats();
});
afterAll(() => nats.dispose());

const layer = () => Layer.provideMerge(viewStoreLayer, nats.connection());
const run = <A>(body: (views: ViewStore["Service"], view: string) => Effect.Effect<A, unknown, NatsConnection>) =>
  Effect.runPromise(
    Effect.provide(
      Effect.flatMap(ViewStore, (views) => body(views, `view-${crypto.randomUUID().slice(0, 8)}`)),
      layer(),
    ),
  );

describe("views in buckets", () => {
  viewStoreContract(layer);

  test("any KV client can watch them", () =>
    run((views, view) =>
      Effect.gen(function* () {
        yield* views.save(view, 1, new Map([["thing", { n: 1 }]]), 1);
        const { js, names } = yield* NatsConnection;
        const entries = yield* Effect.promise(async () => (await new Kvm(js).open(names.buckets.view(view))).watch());
        const iterator = entries[Symbol.asyncIterator]();
        const next = Effect.promise(async () => {
          const { value: entry } = await iterator.next();
          return `${entry?.operation} ${entry?.key} ${new TextDecoder().decode(entry?.value)}`;
        });
        expect(yield* next).toBe('PUT thing {"n":1}');
        yield* views.save(view, 1, new Map([["thing", { n: 2 }]]), 2);
        expect(yield* next).toBe('PUT thing {"n":2}');
        yield* views.save(view, 1, new Map([["thing", undefined]]), 3);
        expect(yield* next).toBe("DEL thing ");
      }),
    ));

  test("10,000 documents are written and loaded", () =>
    run((views, view) =>
      Effect.gen(function* () {
        const documents = new Map(
          Array.from({ length: 10_000 }, (_, index) => [`thing-${index}`, { id: index, text: "x".repeat(200) }]),
        );
        yield* views.save(view, 1, documents, 10_000);
        expect((yield* views.load(view)).documents).toEqual(documents);
      }),
    ));

  /** As a power failure does to what was written lazily: the bucket is there, with less in it. */
  const lose = (view: string) =>
    Effect.gen(function* () {
      const { jsm, names } = yield* NatsConnection;
      const stream = `KV_${names.buckets.view(view)}`;
      yield* Effect.promise(async () => {
        const { config } = await jsm.streams.info(stream);
        await jsm.streams.delete(stream);
        await jsm.streams.add(config);
      });
    });

  test("that lost documents must be rebuilt, also where new ones have been written meanwhile", () =>
    run((views, view) =>
      Effect.gen(function* () {
        const { js, names } = yield* NatsConnection;
        yield* views.save(view, 1, new Map([["a", 1]]), 5);
        yield* views.save(view, 1, new Map([["b", 2]]), 6);
        yield* lose(view);
        yield* Effect.promise(() => js.publish(`$KV.${names.buckets.view(view)}.c`, "3"));
        expect(yield* views.load(view)).toEqual({ version: 0, position: 0, documents: new Map([["c", 3]]) });
      }),
    ));

  test("that lost documents is not taken for whole while it is written anew", () =>
    run((views, view) =>
      Effect.gen(function* () {
        yield* views.save(view, 1, new Map(Object.entries({ a: 1, b: 1, c: 1 })), 5);
        yield* lose(view);
        expect(yield* views.load(view)).toMatchObject({ version: 0 });
        for (const key of ["a", "b", "a", "b"]) yield* views.save(view, 1, new Map([[key, 1]]));
        expect(yield* views.load(view)).toMatchObject({ version: 0 });
        yield* views.save(view, 1, new Map([["c", 1]]), 5);
        expect(yield* views.load(view)).toMatchObject({ version: 1, position: 5 });
      }),
    ));

  test("that lost documents under who publishes it is published anew", () =>
    run((views, view) =>
      Effect.gen(function* () {
        const { nc, ask, onReconnect } = yield* NatsConnection;
        yield* views.save(view, 1, new Map([["a", 1]]), 5);
        yield* lose(view);
        const back = Effect.callback<void>((resume) => Effect.sync(onReconnect(() => resume(Effect.void))));
        const waiting = yield* Effect.forkChild(back, { startImmediately: true });
        yield* Effect.promise(() => nc.reconnect());
        yield* Fiber.join(waiting);
        yield* ask(() => nc.flush());
        const error = yield* Effect.flip(views.save(view, 1, new Map([["b", 2]]), 6));
        expect(error.message).toContain("lost documents");
        expect(yield* views.load(view)).toMatchObject({ version: 0 });
        yield* views.save(view, 1, new Map(Object.entries({ a: 1, b: 2 })), 6);
        expect(yield* views.load(view)).toMatchObject({ version: 1, position: 6 });
      }),
    ));

  test("a damaged document makes the view one that must be rebuilt", () =>
    run((views, view) =>
      Effect.gen(function* () {
        const { js, names } = yield* NatsConnection;
        yield* views.save(
          view,
          3,
          new Map([
            ["a", 1],
            ["b", 2],
          ]),
          9,
        );
        yield* Effect.promise(() => js.publish(`$KV.${names.buckets.view(view)}.b`, "{no JSON"));
        expect(yield* views.load(view)).toEqual({
          version: 0,
          position: 0,
          documents: new Map([
            ["a", 1],
            ["b", null],
          ]),
        });
        yield* views.save(view, 3, new Map([["b", 2]]), 9);
        expect((yield* views.load(view)).version).toBe(3);
      }),
    ));

  test("so does a damaged checkpoint", () =>
    run((views, view) =>
      Effect.gen(function* () {
        const { js, names } = yield* NatsConnection;
        yield* views.save(view, 3, new Map([["a", 1]]), 9);
        yield* Effect.promise(() => js.publish(`$KV.${names.buckets.checkpoints}.view.${view}`, "?"));
        expect((yield* views.load(view)).version).toBe(0);
      }),
    ));

  test("a document that no message can carry is left out, and the view rebuilt until it fits", () =>
    run((views, view) =>
      Effect.gen(function* () {
        yield* views.save(
          view,
          1,
          new Map<string, Schema.Json>([
            ["a", 1],
            ["large", "x".repeat(9_000_000)],
          ]),
          5,
        );
        expect(yield* views.load(view)).toEqual({ version: 0, position: 0, documents: new Map([["a", 1]]) });
        yield* views.save(view, 1, new Map([["a", 2]]), 6);
        expect((yield* views.load(view)).version).toBe(0);
        yield* views.save(view, 1, new Map([["large", "small"]]), 7);
        expect(yield* views.load(view)).toMatchObject({ version: 1, position: 7 });
      }),
    ));
});
