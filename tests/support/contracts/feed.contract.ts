import { expect, test } from "@jest/globals";
import { Effect, Result, type Scope } from "effect";
import fc from "fast-check";
import type { Feed } from "../../../src/application/ports/mod.ts";
import type { RecordedEvent } from "../../../src/domain/kernel/mod.ts";

type Writer = Feed["Service"];

/** The events of commits 1, 2 …, of so many events each. */
export const eventsOf = (...sizes: ReadonlyArray<number>): ReadonlyArray<RecordedEvent> =>
  sizes.flatMap((size, index) =>
    Array.from({ length: size }, (_, number): RecordedEvent => {
      const version = number + 1;
      return {
        eventId: `thing.t-${index + 1}.${version}`,
        aggregate: "thing",
        id: `t-${index + 1}`,
        type: "changed",
        schemaVersion: 2,
        version,
        position: index + 1,
        lastOfCommit: version === size,
        time: "2026-01-01T00:00:00.000Z",
        actor: "tester",
        commandId: "command-1",
        correlationId: "correlation",
        cid: `cid-${version}`,
        data: { text: "Unicode ✓", version },
      };
    }),
  );

/** A feed of its own for each test, with two writers, and a look at the ids in it. */
export interface FeedUnderTest {
  readonly one: Writer;
  readonly other: Writer;
  readonly written: Effect.Effect<ReadonlyArray<string>, unknown>;
}

/** A log that has every event. */
export const ofLog = () => Effect.succeed(true);

/** What every feed must do. */
export const feedContract = (feed: Effect.Effect<FeedUnderTest, unknown, Scope.Scope>) => {
  const run = <A>(body: (feed: FeedUnderTest) => Effect.Effect<A, unknown, Scope.Scope>) =>
    Effect.runPromise(Effect.scoped(Effect.flatMap(feed, body)));
  const ids = (events: ReadonlyArray<RecordedEvent>) => events.map(({ eventId }) => eventId);

  test("it starts empty, and its end says what the last event was", () =>
    run(({ one, other }) =>
      Effect.gen(function* () {
        expect(yield* one.end(ofLog)).toEqual({ position: 0, events: 0 });
        const events = eventsOf(1, 3, 2);
        yield* one.append(events.slice(0, 3));
        expect(yield* other.end(ofLog)).toMatchObject({ position: 2, events: 2 });
        yield* one.append(events.slice(3, 4));
        expect(yield* other.end(ofLog)).toMatchObject({ position: 2, events: 3 });
        yield* other.append(events.slice(4));
        expect(yield* other.end(ofLog)).toMatchObject({ position: 3, events: 2 });
      }),
    ));

  test("events come in order", () =>
    run(({ one, written }) =>
      Effect.gen(function* () {
        const events = eventsOf(...Array.from({ length: 700 }, (_, index) => (index % 3) + 1));
        yield* one.end(ofLog);
        yield* one.append(events.slice(0, 5));
        yield* one.append([]);
        yield* one.append(events.slice(5));
        expect(yield* written).toEqual(ids(events));
      }),
    ));

  test("what is at its end and no event of the log is taken out, and writing goes on before it", () =>
    run(({ one, other, written }) =>
      Effect.gen(function* () {
        const events = eventsOf(2, 1, 3);
        yield* one.end(ofLog);
        yield* one.append(events);
        const asked: Array<string> = [];
        const end = yield* other.end((mark) => {
          asked.push(`${mark.eventId} ${mark.position} ${mark.events}`);
          return Effect.succeed(mark.position < 3);
        });
        expect(asked).toEqual(["thing.t-3.3 3 3", "thing.t-3.2 3 2", "thing.t-3.1 3 1", "thing.t-2.1 2 1"]);
        expect(end).toMatchObject({ position: 2, events: 1 });
        expect(yield* written).toEqual(ids(events.slice(0, 3)));
        // A server knows the ids of what was deleted for a while.
        const renamed = (event: RecordedEvent) => ({ ...event, eventId: `${event.eventId}-of-this-log` });
        const others = eventsOf(2, 1, 1).slice(3).map(renamed);
        yield* other.append(others);
        expect(yield* written).toEqual(ids([...events.slice(0, 3), ...others]));
        expect(yield* one.end(() => Effect.succeed(false))).toEqual({ position: 0, events: 0 });
        expect(yield* written).toEqual([]);
        yield* one.append(events.slice(3).map(renamed).map(renamed));
        expect(yield* written).toHaveLength(3);
      }),
    ));

  test("a writer that was overtaken fails until it has read the end again", () =>
    run(({ one, other, written }) =>
      Effect.gen(function* () {
        const events = eventsOf(1, 1, 1, 1);
        yield* one.end(ofLog);
        yield* other.end(ofLog);
        yield* one.append(events.slice(0, 2));
        expect((yield* Effect.flip(other.append(events.slice(0, 2))))._tag).toBe("StoreUnavailable");
        expect((yield* Effect.flip(other.append(events.slice(0, 2))))._tag).toBe("StoreUnavailable");
        expect(yield* written).toEqual(ids(events.slice(0, 2)));
        yield* other.end(ofLog);
        yield* other.append(events.slice(2));
        expect(yield* written).toEqual(ids(events));
      }),
    ));

  test("two writers at once, going on from the end after each failure, write each event once and in order", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 10 }),
        (sizes, batch) =>
          run(({ one, other, written }) =>
            Effect.gen(function* () {
              const events = eventsOf(...sizes);
              const rest = Effect.fnUntraced(function* (writer: Writer) {
                const end = yield* writer.end(ofLog);
                return events.filter(
                  (event) =>
                    event.position > end.position || (event.position === end.position && event.version > end.events),
                );
              });
              const write = Effect.fnUntraced(function* (writer: Writer) {
                let left = yield* rest(writer);
                while (left.length > 0) {
                  const appended = yield* Effect.result(writer.append(left.slice(0, batch)));
                  left = Result.isSuccess(appended) ? left.slice(batch) : yield* rest(writer);
                  yield* Effect.yieldNow;
                }
              });
              yield* Effect.all([write(one), write(other)], { concurrency: "unbounded" });
              expect(yield* written).toEqual(ids(events));
            }),
          ),
      ),
      { numRuns: 100 },
    ));
};
