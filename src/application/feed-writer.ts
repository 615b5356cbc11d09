import { Effect, Stream } from "effect";
import type { RecordedEvent } from "../domain/kernel/mod.ts";
import type { Aggregate } from "./aggregate.ts";
import { CheckedLog } from "./checked-log.ts";
import { commitIn } from "./history.ts";
import { Pace } from "./pace.ts";
import { EventStore, Feed, type FeedMark, Leases } from "./ports/mod.ts";
import { recordedEvents } from "./recorded-events.ts";
import { forEachInSlices } from "./time-slices.ts";

/** Milliseconds of the feed's {@link Pace}. */
const pause = 10;

/**
 * Writes every event of the log to the feed, once and in order. Continues after the feed's last message that is an
 * event of this log, so a crash neither loses nor repeats events. One backend writes at a time, and the feed itself
 * refuses a second writer. Never returns.
 */
export const runFeedWriter = Effect.fnUntraced(function* (aggregates: ReadonlyArray<Aggregate<unknown>>) {
  const leases = yield* Leases;
  const { lost } = yield* Feed;
  return yield* leases.whileHeld("feed", Effect.raceFirst(writeFeed(aggregates), lost));
});

const writeFeed = Effect.fnUntraced(function* (aggregates: ReadonlyArray<Aggregate<unknown>>) {
  const log = yield* CheckedLog;
  const feed = yield* Feed;
  const byName = new Map(aggregates.map((aggregate) => [aggregate.name, aggregate]));
  const store = yield* EventStore;
  const isOfLog = ({ position, events, eventId }: FeedMark) =>
    Effect.map(
      commitIn(store, position),
      (commit) =>
        commit !== undefined && recordedEvents(byName.get(commit.aggregate), commit)[events - 1]?.eventId === eventId,
    );
  const end = yield* feed.end(isOfLog);
  const unwritten = (event: RecordedEvent, index: number) => event.position > end.position || index >= end.events;
  yield* log.follow(Math.max(0, end.position - 1), undefined, new Pace(pause, () => false)).pipe(
    Stream.runForEachArray(
      Effect.fnUntraced(function* (items) {
        const events: Array<RecordedEvent> = [];
        yield* forEachInSlices(items, (item) => {
          if (item.kind !== "commit") return;
          const recorded = recordedEvents(byName.get(item.commit.aggregate), item.commit);
          for (const event of recorded.filter(unwritten)) events.push(event);
        });
        if (events.length > 0) yield* feed.append(events);
      }),
    ),
  );
});
