import { expect, test } from "@jest/globals";
import { Effect, Stream } from "effect";
import fc from "fast-check";
import { runFeedWriter } from "../../../src/application/feed-writer.ts";
import { EventStore, Feed, StoreUnavailable } from "../../../src/application/ports/mod.ts";
import { recordedEvents } from "../../../src/application/recorded-events.ts";
import type { RecordedEvent } from "../../../src/domain/kernel/mod.ts";
import { memoryFeedLayer } from "../../../src/infrastructure/memory/messaging.ts";
import { commitsIn } from "../../support/memory.ts";
import { commitOf, counters, inBackend, onLeaf, settle } from "./memory-leaf.ts";

/** A writer of its own on a feed; `between` stands between the two. */
const writer = (written: Array<RecordedEvent>, between: (feed: Feed["Service"]) => Feed["Service"] = (feed) => feed) =>
  inBackend(
    Effect.forkScoped(runFeedWriter(counters)).pipe(
      Effect.provideServiceEffect(Feed, Effect.map(Feed, between)),
      Effect.provide(memoryFeedLayer(written)),
    ),
  );

/** Every event of the log, in order. */
const wholeLog = Effect.flatMap(EventStore, (store) =>
  Stream.runCollect(commitsIn(store.readAll(0))).pipe(
    Effect.map((commits) => commits.flatMap((commit) => recordedEvents(counters[0], commit))),
    Effect.orDie,
  ),
);

test("writes every event of every commit, old and new, in the order of the log", () =>
  onLeaf(
    Effect.gen(function* () {
      const written: Array<RecordedEvent> = [];
      yield* commitOf("a", [1, 2]);
      yield* writer(written);
      yield* commitOf("b", [3]);
      yield* commitOf("a", [4]);
      yield* settle;
      expect(written.map(({ eventId }) => eventId)).toEqual([
        "counter.a.1",
        "counter.a.2",
        "counter.b.1",
        "counter.a.3",
      ]);
      expect(written).toEqual(yield* wholeLog);
    }),
  ));

test("goes on inside a commit of which the feed has a part", () =>
  onLeaf(
    Effect.gen(function* () {
      yield* commitOf("a", [1, 2, 3]);
      const written = (yield* wholeLog).slice(0, 2);
      yield* writer(written);
      yield* settle;
      expect(written).toEqual(yield* wholeLog);
    }),
  ));

test("takes out what was written from a longer log, and goes on with this one", () =>
  onLeaf(
    Effect.gen(function* () {
      yield* commitOf("a", [1, 2]);
      const events = yield* wholeLog;
      const others = events.map((event, index) => ({ ...event, id: "b", eventId: `counter.b.${index + 1}` }));
      const later = events.map((event) => ({ ...event, position: event.position + 100 }));
      const written = [...events.slice(0, 1), ...others, ...later];
      yield* writer(written);
      yield* commitOf("a", [3]);
      yield* settle;
      expect(written).toEqual(yield* wholeLog);
    }),
  ));

test("goes on where another writer has come to, when that one is gone", () =>
  onLeaf(
    Effect.gen(function* () {
      const written: Array<RecordedEvent> = [];
      const first = yield* writer(written);
      yield* writer(written);
      yield* commitOf("a", [1, 2]);
      yield* settle;
      yield* first.kill;
      yield* commitOf("a", [3]);
      yield* settle;
      expect(written).toEqual(yield* wholeLog);
    }),
  ));

const round = fc.record({
  commits: fc.array(
    fc.tuple(fc.constantFrom("a", "b"), fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 })),
    { maxLength: 4 },
  ),
  /** Events that get to the feed before the writer dies, or its store says no. */
  events: fc.nat(8),
  end: fc.constantFrom("dies", "fails"),
});

test("writes every event once and in order, wherever writers die or fail", () =>
  fc.assert(
    fc.asyncProperty(fc.array(round, { minLength: 1, maxLength: 5 }), (rounds) =>
      onLeaf(
        Effect.gen(function* () {
          const written: Array<RecordedEvent> = [];
          for (const { commits, events, end } of rounds) {
            let left = events;
            const dying = yield* writer(written, (feed) => ({
              ...feed,
              append: Effect.fnUntraced(function* (wanted) {
                const fitting = wanted.slice(0, left);
                left -= fitting.length;
                yield* feed.append(fitting);
                if (fitting.length === wanted.length) return;
                return yield* end === "dies" ? Effect.never : new StoreUnavailable({ message: "not now" });
              }),
            }));
            for (const [id, amounts] of commits) yield* commitOf(id, amounts);
            yield* settle;
            yield* dying.kill;
          }
          yield* writer(written);
          yield* settle;
          expect(written).toEqual(yield* wholeLog);
        }),
      ),
    ),
    { numRuns: 100 },
  ));
