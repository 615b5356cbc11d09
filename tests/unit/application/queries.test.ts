import { describe, expect, test } from "@jest/globals";
import { Effect, Fiber, Layer, Result, Schema } from "effect";
import { notFound } from "../../../src/application/command-error.ts";
import { PastViews } from "../../../src/application/past-views.ts";
import { type Answers, Queries, type QueryRequest } from "../../../src/application/queries.ts";
import { ReadModels } from "../../../src/application/read-models.ts";
import { counters, increase, onLeaf, settle } from "./memory-leaf.ts";

const published = {
  names: {
    operations: {
      get: { input: Schema.Struct({ id: Schema.String }) },
      refuse: { input: Schema.Struct({}) },
      now: { input: Schema.Struct({}), nowOnly: true },
      moment: { input: Schema.Struct({ position: Schema.optionalKey(Schema.Int) }) },
    },
  },
};

const answers: Answers = {
  names: {
    get: ({ id }: { readonly id: string }, documents) => Effect.succeed(documents.get(id) ?? null),
    refuse: () => Effect.fail(notFound("name", "x")),
    now: () => Effect.succeed("now"),
    moment: (input: { readonly position?: number }) => Effect.succeed({ ...input }),
  },
};

/** A view that holds the id of each counter. */
const names = {
  name: "names",
  version: 1,
  apply: (_: unknown, commit: ReadonlyArray<{ readonly id: string; readonly position: number }>) =>
    commit.map(({ id, position }) => [id, { id, position }] as const),
};

const queries = Layer.fresh(
  Queries.layer(published, answers).pipe(
    Layer.provideMerge(ReadModels.layer([names], counters)),
    Layer.provideMerge(PastViews.layer([names], counters)),
  ),
);

const ask = Effect.fnUntraced(function* (view: string, name: string, input: unknown, more: Partial<QueryRequest> = {}) {
  return yield* (yield* Queries).ask({ view, operation: name, input, ...more });
});

const refusalOf = (...asked: Parameters<typeof ask>) =>
  Effect.map(Effect.result(ask(...asked)), (answer) => (Result.isFailure(answer) ? answer.failure : undefined));

test("a question is answered from the documents, with the position up to which the answer holds", () =>
  onLeaf(
    Effect.gen(function* () {
      const { position } = yield* increase("a", 1);
      expect(yield* ask("names", "get", { id: "a" })).toEqual({ position, data: { id: "a", position } });
      expect(yield* ask("names", "get", { id: "b" })).toEqual({ position, data: null });
    }).pipe(Effect.provide(queries)),
  ));

describe("a question that cannot be answered", () => {
  test.each([
    ["of a view that there is not", "sums", "unknown-command", "there is no view `sums`: use one of names"],
    [
      "of an object's own property",
      "constructor",
      "unknown-command",
      "there is no view `constructor`: use one of names",
    ],
  ])("%s is refused by name", (...[, view, code, message]) =>
    onLeaf(
      Effect.gen(function* () {
        expect(yield* refusalOf(view, "get", {})).toMatchObject({ code, message, details: { available: ["names"] } });
      }).pipe(Effect.provide(queries)),
    ),
  );

  test.each(["list", "toString"])("by the operation %s is refused with those that there are", (name) =>
    onLeaf(
      Effect.gen(function* () {
        expect(yield* refusalOf("names", name, {})).toMatchObject({
          code: "unknown-command",
          message: `view names has no operation \`${name}\`: use one of get, refuse, now, moment`,
        });
      }).pipe(Effect.provide(queries)),
    ),
  );

  test.each([
    ["a missing field", {}, "id"],
    ["a wrong type", { id: 7 }, "id"],
    ["an unknown field", { id: "a", is: "b" }, "is"],
    ["no object", null, ""],
  ])("with %s says which field", (...[, input, field]) =>
    onLeaf(
      Effect.gen(function* () {
        expect(yield* refusalOf("names", "get", input)).toMatchObject({
          code: "invalid-command",
          details: [{ field, problem: expect.any(String) }],
        });
      }).pipe(Effect.provide(queries)),
    ),
  );

  test("by its own rules says so", () =>
    onLeaf(
      Effect.gen(function* () {
        expect(yield* refusalOf("names", "refuse", {})).toMatchObject({
          code: "rejected",
          details: { reason: "not-found" },
        });
      }).pipe(Effect.provide(queries)),
    ));
});

describe("with a position to wait for", () => {
  test("the answer knows what was appended up to there", () =>
    onLeaf(
      Effect.gen(function* () {
        const waiting = yield* Effect.forkChild(ask("names", "get", { id: "a" }, { minPosition: 2 }));
        yield* settle;
        yield* increase("a", 1);
        expect(yield* Fiber.join(waiting)).toEqual({ position: 2, data: { id: "a", position: 2 } });
      }).pipe(Effect.provide(queries)),
    ));

  test("that does not come it is a `timeout`", () =>
    onLeaf(
      Effect.gen(function* () {
        const waiting = yield* Effect.forkChild(refusalOf("names", "get", { id: "a" }, { minPosition: 1 }));
        for (let times = 0; times < 3; times++) yield* settle;
        expect(yield* Fiber.join(waiting)).toMatchObject({ code: "timeout" });
      }).pipe(Effect.provide(queries)),
    ));
});

describe("at a moment of the past", () => {
  test("the answer is as it was, with the position that belongs to the moment", () =>
    onLeaf(
      Effect.gen(function* () {
        const { position } = yield* increase("a", 1);
        const later = yield* increase("a", 1);
        const at = { position };
        expect(yield* ask("names", "get", { id: "a" }, { at })).toEqual({ position, data: { id: "a", position } });
        expect(yield* ask("names", "get", { id: "a" })).toEqual({
          position: later.position,
          data: { id: "a", position: later.position },
        });
        expect(yield* ask("names", "get", { id: "a" }, { at: { position: 0 } })).toEqual({ position: 0, data: null });
      }).pipe(Effect.provide(queries)),
    ));

  test("an operation that names moments in its input is asked for this one, unless it is asked for another", () =>
    onLeaf(
      Effect.gen(function* () {
        const { position } = yield* increase("a", 1);
        const at = { position };
        expect((yield* ask("names", "moment", {}, { at })).data).toEqual({ position });
        expect((yield* ask("names", "moment", { position: 1 }, { at })).data).toEqual({ position: 1 });
      }).pipe(Effect.provide(queries)),
    ));

  test("what is about the present alone is refused", () =>
    onLeaf(
      Effect.gen(function* () {
        const { position } = yield* increase("a", 1);
        expect(yield* refusalOf("names", "now", {}, { at: { position } })).toMatchObject({
          code: "rejected",
          message: "names.now is only about the present: ask it without Cim-At",
          details: { reason: "now-only" },
        });
      }).pipe(Effect.provide(queries)),
    ));
});
