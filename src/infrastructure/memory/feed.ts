import { Effect, Layer } from "effect";
import { Feed, type FeedEnd, StoreUnavailable } from "../../application/ports/mod.ts";
import type { RecordedEvent } from "../../domain/kernel/mod.ts";

/** The feed in memory, for tests, which read `written`; several layers on one `written` are several writers. */
export const memoryFeedLayer = (written: Array<RecordedEvent> = []) =>
  Layer.sync(Feed, () => {
    let length: number | undefined;
    const end = (): FeedEnd => {
      const position = written.at(-1)?.position ?? 0;
      return { position, events: written.filter((event) => event.position === position).length };
    };
    return Feed.of({
      end: Effect.sync(() => {
        length = written.length;
        return end();
      }),
      append: Effect.fnUntraced(function* (events) {
        if (length !== written.length) {
          length = undefined;
          return yield* new StoreUnavailable({ message: "the feed's end is unknown: read it before appending" });
        }
        written.push(...events);
        length = written.length;
      }),
    });
  });
