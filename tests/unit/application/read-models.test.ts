import { describe, expect, test } from "@jest/globals";
import { Context, Effect, Fiber, Latch, Layer, Result, type Schema, Stream } from "effect";
import { TestClock } from "effect/testing";
import fc from "fast-check";
import { CheckedLog } from "../../../src/application/checked-log.ts";
import type { MaintainedView } from "../../../src/application/live-view.ts";
import { type StoredView, ViewStore } from "../../../src/application/ports/mod.ts";
import { ReadModels } from "../../../src/application/read-models.ts";
import { commitOf, counters, give, inBackend, increase, onLeaf, settle } from "./memory-leaf.ts";

type Total = { readonly total: number; readonly position: number };
const totalOf = (document: unknown): number => (document as Total | undefined)?.total ?? 0;

/** What each counter has come to, times `factor`; a counter that is reset vanishes. */
const totals = (version = 1, factor = 1): MaintainedView => ({
  name: "totals",
  version,
  apply: (get, commit) => {
    const id = commit[0]?.id ?? "";
    let total: number | undefined = totalOf(get(id));
    for (const { type, data } of commit) {
      if (type === "increased") total = (total ?? 0) + factor * (data as { readonly by: number }).by;
      if (type === "was-reset") total = undefined;
    }
    return [[id, total === undefined ? undefined : { total, position: commit[0]?.position ?? 0 }]];
  },
});

/** A backend that keeps the view, on the ports of the leaf. */
const backend = (view: MaintainedView = totals()) =>
  inBackend(Effect.map(Layer.build(ReadModels.layer([view], counters)), (context) => Context.get(context, ReadModels)));

const published = Effect.flatMap(ViewStore, (store) => store.load("totals"));
const amounts = (documents: ReadonlyMap<string, Schema.Json>) =>
  Object.fromEntries([...documents].map(([id, document]) => [id, totalOf(document)]));

describe("documents", () => {
  test("follow the log", () =>
    onLeaf(
      Effect.gen(function* () {
        yield* increase("a", 1);
        const { running } = yield* backend();
        yield* increase("a", 2);
        yield* commitOf("b", [3, 4]);
        expect(amounts(yield* running.upToDate("totals"))).toEqual({ a: 3, b: 7 });
        yield* give("counter", "a", "reset");
        expect(amounts(yield* running.upToDate("totals"))).toEqual({ b: 7 });
      }),
    ));

  test("of a view that there is not are `unknown-command`", () =>
    onLeaf(
      Effect.gen(function* () {
        const { running } = yield* backend();
        const answer = yield* Effect.result(running.documents("sums"));
        expect(Result.isFailure(answer) && answer.failure.code).toBe("unknown-command");
      }),
    ));

  test("of an aggregate whose commit a view cannot take stay as they were and say so; others and other views go on", () =>
    onLeaf(
      Effect.gen(function* () {
        const brittle: MaintainedView = {
          ...totals(),
          name: "brittle",
          keyOf: (_, id) => id,
          apply: (get, commit) => {
            if (commit.some(({ type }) => type === "was-reset")) throw new Error("no resets, please");
            return totals().apply(get, commit);
          },
        };
        const start = inBackend(
          Effect.map(Layer.build(ReadModels.layer([brittle, totals()], counters)), (context) =>
            Context.get(context, ReadModels),
          ),
        );
        const first = yield* start;
        yield* increase("a", 1);
        const { position } = yield* give("counter", "a", "reset");
        yield* increase("a", 5);
        yield* increase("b", 2);
        const damage = { position, problem: "view brittle cannot take the commit (Error: no resets, please)" };
        const check = Effect.fnUntraced(function* (running: ReadModels["Service"]) {
          expect(amounts(yield* running.upToDate("totals"))).toEqual({ a: 5, b: 2 });
          const documents = yield* running.upToDate("brittle");
          expect(amounts(documents)).toEqual({ a: 1, b: 2 });
          expect(documents.get("a")).toMatchObject({ damaged: damage });
          expect(documents.get("b")).not.toHaveProperty("damaged");
          expect(running.damageOf("brittle", "a")).toEqual(damage);
        });
        yield* check(first.running);
        yield* settle;
        expect((yield* Effect.flatMap(ViewStore, (store) => store.load("brittle"))).documents.get("a")).toMatchObject({
          damaged: damage,
        });
        yield* first.kill;
        yield* increase("a", 7);
        const second = yield* start;
        expect(amounts(yield* second.running.upToDate("brittle"))).toEqual({ a: 1, b: 2 });
        expect(amounts(yield* second.running.upToDate("totals"))).toEqual({ a: 12, b: 2 });
      }),
    ));

  test("that were published from a longer log are built again from this one, and published as they are now", () =>
    onLeaf(
      Effect.gen(function* () {
        yield* increase("a", 1);
        const store = yield* ViewStore;
        const saved = (position: number, of: number) =>
          store.save(
            "totals",
            1,
            new Map([
              ["a", { total: 99, position: of }],
              ["b", { total: 5, position: 1 }],
            ]),
            position,
          );
        for (const [position, of] of [
          [900, 2],
          [1, 900],
        ] as const) {
          yield* saved(position, of);
          const one = yield* Effect.forkChild(backend());
          yield* TestClock.adjust("3 seconds");
          const { running, kill } = yield* Fiber.join(one);
          expect(amounts(yield* running.upToDate("totals"))).toEqual({ a: 1 });
          yield* TestClock.adjust("10 seconds");
          yield* settle;
          expect(amounts((yield* published).documents)).toEqual({ a: 1 });
          yield* kill;
        }
      }),
    ));

  test("wait for a position that is not there yet", () =>
    onLeaf(
      Effect.gen(function* () {
        const { running } = yield* backend();
        const waiting = yield* Effect.forkChild(running.documents("totals", 2));
        yield* TestClock.adjust("4 seconds");
        expect(waiting.pollUnsafe()).toBeUndefined();
        yield* increase("a", 5);
        const { position, documents } = yield* Fiber.join(waiting);
        expect(position).toBe(2);
        expect(amounts(documents)).toEqual({ a: 5 });
      }),
    ));

  test("are a `timeout` where the position does not come", () =>
    onLeaf(
      Effect.gen(function* () {
        const { running } = yield* backend();
        yield* increase("a", 5);
        const waiting = yield* Effect.forkChild(Effect.result(running.documents("totals", 3)));
        yield* TestClock.adjust("5 seconds");
        const answer = yield* Fiber.join(waiting);
        expect(Result.isFailure(answer) && answer.failure).toMatchObject({
          code: "timeout",
          message: "the views have seen position 2, not yet 3: ask again",
        });
      }),
    ));
});

describe("publication", () => {
  test("writes what changed, and how far it came", () =>
    onLeaf(
      Effect.gen(function* () {
        yield* backend();
        yield* increase("a", 1);
        yield* increase("b", 2);
        yield* settle;
        expect(yield* published).toMatchObject({ version: 1, position: 4 });
        expect(amounts((yield* published).documents)).toEqual({ a: 1, b: 2 });
        yield* give("counter", "b", "reset");
        yield* settle;
        expect(amounts((yield* published).documents)).toEqual({ a: 1 });
      }),
    ));

  test("is in parts, so that a large view does not keep others waiting", () =>
    onLeaf(
      Effect.gen(function* () {
        const store = yield* ViewStore;
        const sizes: Array<number> = [];
        const measured: ViewStore["Service"] = {
          ...store,
          save: (...written) =>
            Effect.tap(store.save(...written), (characters) => Effect.sync(() => sizes.push(characters))),
        };
        for (const id of ["a", "b", "c", "d", "e", "f", "g"]) yield* increase(id, 1);
        const wide: MaintainedView = {
          ...totals(),
          apply: (get, commit) =>
            totals()
              .apply(get, commit)
              .map(([id, document]) => [id, { ...(document as Total), text: "x".repeat(30_000) }]),
        };
        yield* Effect.provideService(backend(wide), ViewStore, measured);
        yield* settle;
        yield* settle;
        expect(Math.max(...sizes)).toBeLessThan(64_000);
        expect(sizes.filter((characters) => characters > 0).length).toBeGreaterThan(3);
        expect(yield* published).toMatchObject({ version: 1, position: 14 });
        expect((yield* published).documents.size).toBe(7);
      }),
    ));

  test("is done by one backend; another goes on when it is gone, and writes what was missed", () =>
    onLeaf(
      Effect.gen(function* () {
        const store = yield* ViewStore;
        const writers: Array<string> = [];
        const named = (name: string) =>
          Effect.provideService(backend(), ViewStore, {
            ...store,
            save: (...written) =>
              Effect.andThen(
                Effect.sync(() => writers.push(name)),
                store.save(...written),
              ),
          });
        const first = yield* named("first");
        yield* named("second");
        yield* increase("a", 1);
        yield* settle;
        expect(new Set(writers)).toEqual(new Set(["first"]));
        yield* first.kill;
        yield* increase("a", 10);
        yield* settle;
        expect(amounts((yield* published).documents)).toEqual({ a: 11 });
        expect(new Set(writers)).toEqual(new Set(["first", "second"]));
      }),
    ));

  test("never goes back: a backend that lags behind catches up before it publishes", () =>
    onLeaf(
      Effect.gen(function* () {
        const log = yield* CheckedLog;
        const gate = yield* Latch.make(true);
        const slow = { ...log, follow: (after: number) => Stream.tap(log.follow(after), () => gate.await) };
        const ahead = yield* backend();
        yield* Effect.provideService(backend(), CheckedLog, slow);
        yield* increase("a", 1);
        yield* settle;
        yield* gate.close;
        yield* increase("a", 10);
        yield* settle;
        yield* ahead.kill;
        yield* settle;
        expect(amounts((yield* published).documents)).toEqual({ a: 11 });
        yield* gate.open;
        yield* increase("a", 100);
        yield* settle;
        expect(amounts((yield* published).documents)).toEqual({ a: 111 });
      }),
    ));

  test("repeats what the store did not take", () =>
    onLeaf(
      Effect.gen(function* () {
        const store = yield* ViewStore;
        let failures = 3;
        const unreliable: ViewStore["Service"] = {
          ...store,
          save: (...written) => (failures-- > 0 ? Effect.die(new Error("the disk is full")) : store.save(...written)),
        };
        yield* Effect.provideService(backend(), ViewStore, unreliable);
        yield* increase("a", 1);
        for (let second = 0; second < 6; second++) yield* TestClock.adjust("1 second");
        expect(amounts((yield* published).documents)).toEqual({ a: 1 });
      }),
    ));
});

describe("a view of another version", () => {
  test("is built anew beside the old one, which stays until the new one is complete", () =>
    onLeaf(
      Effect.gen(function* () {
        const old = yield* backend();
        yield* increase("a", 1);
        yield* increase("b", 2);
        yield* settle;
        const newer = yield* backend(totals(2, 100));
        expect(amounts(yield* newer.running.upToDate("totals"))).toEqual({ a: 100, b: 200 });
        yield* increase("a", 1);
        yield* settle;
        expect((yield* published).version).toBe(1);
        expect(amounts((yield* published).documents)).toEqual({ a: 2, b: 2 });
        yield* old.kill;
        yield* settle;
        expect((yield* published).version).toBe(2);
        expect(amounts((yield* published).documents)).toEqual({ a: 200, b: 200 });
      }),
    ));

  test("loses the documents that the new version does not have", () =>
    onLeaf(
      Effect.gen(function* () {
        const old = yield* backend();
        yield* increase("a", 1);
        yield* increase("b", 2);
        yield* settle;
        yield* old.kill;
        const { apply } = totals(2);
        yield* backend({
          name: "totals",
          version: 2,
          apply: (get, commit) => apply(get, commit).filter(([id]) => id !== "a"),
        });
        yield* settle;
        expect(amounts((yield* published).documents)).toEqual({ b: 2 });
      }),
    ));

  test("that is newer is left alone, and whoever has it goes on publishing it", () =>
    onLeaf(
      Effect.gen(function* () {
        const newer = yield* backend(totals(2, 100));
        yield* increase("a", 1);
        yield* settle;
        yield* newer.kill;
        const old = yield* backend(totals(1));
        yield* increase("a", 1);
        yield* settle;
        expect(amounts(yield* old.running.upToDate("totals"))).toEqual({ a: 2 });
        expect(yield* published).toMatchObject({ version: 2 });
        expect(amounts((yield* published).documents)).toEqual({ a: 100 });
        yield* backend(totals(2, 100));
        yield* settle;
        expect(amounts((yield* published).documents)).toEqual({ a: 200 });
      }),
    ));
});

/** A store as NATS is one: documents one after the other, then the checkpoint. It dies after `writes` documents. */
const dyingStore = (kept: Map<string, Schema.Json>, checkpoint: { current: StoredView }, writes: number) => {
  let left = writes;
  return ViewStore.of({
    load: () => Effect.sync(() => ({ ...checkpoint.current, documents: new Map(kept) })),
    save: Effect.fnUntraced(function* (_, version, changes, position) {
      for (const [id, document] of changes) {
        if (left-- <= 0) return yield* Effect.never;
        if (document === undefined) kept.delete(id);
        else kept.set(id, document);
      }
      if (position !== undefined) checkpoint.current = { version, position, documents: kept };
      return changes.size;
    }),
    lost: Effect.never,
  });
};

const step = fc.record({
  commits: fc.array(
    fc.tuple(fc.constantFrom("a", "b", "c"), fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 })),
    { maxLength: 5 },
  ),
  /** Documents that are written before the backend dies. */
  writes: fc.nat(6),
});

test("after any crashes nothing is counted twice and nothing is missed", () =>
  fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 5 }), (steps) =>
      onLeaf(
        Effect.gen(function* () {
          const kept = new Map<string, Schema.Json>();
          const checkpoint = { current: { version: 0, position: 0, documents: kept } };
          const expected: Record<string, number> = {};
          const live = (writes: number) =>
            Effect.provideService(backend(), ViewStore, dyingStore(kept, checkpoint, writes));
          for (const { commits, writes } of steps) {
            const dying = yield* live(writes);
            for (const [id, by] of commits) {
              yield* commitOf(id, by);
              expected[id] = (expected[id] ?? 0) + by.reduce((sum, amount) => sum + amount, 0);
              yield* TestClock.adjust("30 millis");
            }
            expect(amounts(yield* dying.running.upToDate("totals"))).toEqual(expected);
            yield* dying.kill;
          }
          const healthy = yield* live(Number.POSITIVE_INFINITY);
          yield* settle;
          expect(amounts(yield* healthy.running.upToDate("totals"))).toEqual(expected);
          expect(amounts(kept)).toEqual(expected);
        }),
      ),
    ),
    { numRuns: 100 },
  ));
