import { expect, test } from "@jest/globals";
import { Effect, type Layer, type Schema } from "effect";
import { ViewStore } from "../../../src/application/ports/mod.ts";

type Changes = ReadonlyMap<string, Schema.Json | undefined>;

const changes = (entries: Record<string, Schema.Json | undefined>): Changes => new Map(Object.entries(entries));

/** What every store of views must do. */
export const viewStoreContract = (layer: () => Layer.Layer<ViewStore, unknown>) => {
  const run = <A>(body: (views: ViewStore["Service"], view: string) => Effect.Effect<A, unknown>) =>
    Effect.runPromise(
      Effect.provide(
        Effect.flatMap(ViewStore, (views) => body(views, `view-${crypto.randomUUID().slice(0, 8)}`)),
        layer(),
      ),
    );

  test("a view that was never written is empty, of version 0", () =>
    run((views, view) =>
      Effect.gen(function* () {
        expect(yield* views.load(view)).toEqual({ version: 0, position: 0, documents: new Map() });
      }),
    ));

  test("documents are written, replaced and deleted; the rest stays", () =>
    run((views, view) =>
      Effect.gen(function* () {
        yield* views.save(view, 1, changes({ a: { text: "Unicode ✓" }, b: [1], "thing.c": null }), 5);
        expect(yield* views.save(view, 1, changes({ a: { text: "new" }, b: undefined, d: 4 }), 9)).toBe(15);
        yield* views.save(view, 1, new Map(), 12);
        expect(yield* views.load(view)).toEqual({
          version: 1,
          position: 12,
          documents: new Map<string, unknown>([
            ["a", { text: "new" }],
            ["d", 4],
            ["thing.c", null],
          ]),
        });
      }),
    ));

  test("documents without a position are there; how far they are complete stays as it was", () =>
    run((views, view) =>
      Effect.gen(function* () {
        yield* views.save(view, 1, changes({ a: 1, b: 1 }), 5);
        yield* views.save(view, 1, changes({ a: 2, b: undefined }));
        expect(yield* views.load(view)).toEqual({ version: 1, position: 5, documents: new Map([["a", 2]]) });
        yield* views.save(view, 1, new Map(), 8);
        expect(yield* views.load(view)).toEqual({ version: 1, position: 8, documents: new Map([["a", 2]]) });
      }),
    ));

  test("a version is not there before it is said how far it is complete", () =>
    run((views, view) =>
      Effect.gen(function* () {
        yield* views.save(view, 1, changes({ a: 1 }));
        expect(yield* views.load(view)).toEqual({ version: 0, position: 0, documents: new Map([["a", 1]]) });
        yield* views.save(view, 1, changes({ b: 1 }), 5);
        yield* views.save(view, 2, changes({ a: 2 }));
        expect(yield* views.load(view)).toMatchObject({ version: 0, position: 0 });
        yield* views.save(view, 2, changes({ b: undefined }), 5);
        expect(yield* views.load(view)).toEqual({ version: 2, position: 5, documents: new Map([["a", 2]]) });
      }),
    ));

  test("a newer version replaces an older one, an older one writes nothing", () =>
    run((views, view) =>
      Effect.gen(function* () {
        yield* views.save(view, 1, new Map([["a", 1]]), 5);
        yield* views.save(view, 2, new Map([["a", 2]]), 3);
        const error = yield* Effect.flip(views.save(view, 1, new Map([["a", 1]]), 9));
        expect(error).toMatchObject({ _tag: "StoreUnavailable", message: expect.stringContaining("version 2") });
        expect(yield* views.load(view)).toEqual({ version: 2, position: 3, documents: new Map([["a", 2]]) });
      }),
    ));
};
