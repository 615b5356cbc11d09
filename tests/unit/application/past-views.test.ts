import { describe, expect, test } from "@jest/globals";
import { Effect, Layer, Result } from "effect";
import { TestClock } from "effect/testing";
import fc from "fast-check";
import { type Moment, PastViews } from "../../../src/application/past-views.ts";
import { EventStore } from "../../../src/application/ports/mod.ts";
import { ReadModels } from "../../../src/application/read-models.ts";
import { MemoryLog } from "../../../src/infrastructure/memory/event-store.ts";
import { counters, increase, onLeaf } from "./memory-leaf.ts";

/** A view with one document for each counter: the number of its events. */
const totals = {
  name: "totals",
  version: 1,
  keyOf: (_: string, id: string) => id,
  apply: (get: (id: string) => unknown, commit: ReadonlyArray<{ readonly id: string; readonly position: number }>) =>
    commit.slice(0, 1).map(({ id, position }) => {
      const before = get(id) as { readonly events: number } | undefined;
      return [id, { id, position, events: (before?.events ?? 0) + commit.length }] as const;
    }),
};

const views = Layer.fresh(Layer.merge(ReadModels.layer([totals], counters), PastViews.layer([totals], counters, 2)));

/** The documents of the view now, as one value. */
const now = Effect.gen(function* () {
  return Object.fromEntries(yield* (yield* ReadModels).upToDate("totals"));
});

/** The documents of the view at a moment, and the position that belongs to it. */
const then = Effect.fnUntraced(function* (moment: Moment) {
  const past = yield* (yield* PastViews).at(moment);
  return { position: past.position, documents: yield* past.provide(now) };
});

test("for any story and any order of questions, each moment is answered as it was", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 12 }),
      fc.array(fc.nat(), { maxLength: 30 }),
      (story, questions) =>
        onLeaf(
          Effect.gen(function* () {
            const seen = new Map<number, unknown>([[0, {}]]);
            for (const id of story) {
              const { position } = yield* increase(id, 1);
              seen.set(position, yield* now);
            }
            const positions = [...seen.keys()];
            for (const question of questions) {
              const position = positions[question % positions.length] ?? 0;
              expect(yield* then({ position })).toEqual({ position, documents: seen.get(position) });
            }
          }).pipe(Effect.provide(views)),
        ),
    ),
    { numRuns: 30 },
  ));

test("a time is the last place of the log that is not later", () =>
  onLeaf(
    Effect.gen(function* () {
      const first = yield* increase("a", 1);
      yield* TestClock.adjust("10 seconds");
      yield* increase("a", 1);
      const { position, documents } = yield* then({ time: "1970-01-01T00:00:05.000Z" });
      expect(position).toBe(first.position);
      expect(documents).toMatchObject({ a: { position } });
      expect(yield* then({ time: "1969-12-31T00:00:00.000Z" })).toEqual({ position: 0, documents: {} });
    }).pipe(Effect.provide(views)),
  ));

test("the log ends at the moment too: histories, the whole log, its end", () =>
  onLeaf(
    Effect.gen(function* () {
      const { position } = yield* increase("a", 1);
      yield* increase("a", 1);
      yield* increase("b", 1);
      const past = yield* (yield* PastViews).at({ position });
      const read = yield* past.provide(
        Effect.gen(function* () {
          const store = yield* EventStore;
          const own = yield* store.read("counter", "a");
          return [own.at(-1)?.position, (yield* store.read("counter", "b")).length, yield* store.lastPosition];
        }),
      );
      expect(read).toEqual([position, 0, position]);
    }).pipe(Effect.provide(views)),
  ));

describe("a moment", () => {
  test("that the log has not reached is refused by name", () =>
    onLeaf(
      Effect.gen(function* () {
        const { position } = yield* increase("a", 1);
        const answer = yield* Effect.result(then({ position: position + 5 }));
        expect(Result.isFailure(answer) ? answer.failure : undefined).toMatchObject({
          code: "rejected",
          message: `the log ends at position ${position}: position ${position + 5} is not there yet`,
          details: { reason: "not-there-yet", end: position },
        });
      }).pipe(Effect.provide(views)),
    ));

  test("before damage does not know of it, and one after it does", async () => {
    const log = new MemoryLog();
    await onLeaf(
      Effect.gen(function* () {
        const { position } = yield* increase("a", 1);
        log.put("cim.evt.counter.a", "rubbish");
        yield* increase("b", 1);
        expect((yield* then({ position })).documents).toEqual({ a: { id: "a", position, events: 2 } });
        const { documents } = yield* then({ position: position + 1 });
        expect(documents).toMatchObject({ a: { damaged: { position: position + 1 } } });
      }).pipe(Effect.provide(views)),
      counters,
      log,
    );
  });
});
