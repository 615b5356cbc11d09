import { Effect } from "effect";
import { EventStore, type StoreUnavailable } from "./ports/mod.ts";

/**
 * Returns whether a reader's `position` is beyond the end of the log, and logs a warning then. This happens if the log
 * was restored from an older backup, or if the position was forged. What derives from the log then starts over. A newly
 * elected leader may still be reading its log, so a log that seems too short is checked twice.
 */
export const isBeyondLog = Effect.fnUntraced(function* (
  reader: string,
  position: number,
): Effect.fn.Return<boolean, StoreUnavailable, EventStore> {
  const { lastPosition } = yield* EventStore;
  if (position <= (yield* lastPosition)) return false;
  const end = yield* Effect.delay(lastPosition, "2 seconds");
  if (position <= end) return false;
  yield* Effect.logWarning(
    `${reader} has come to position ${position}, and the log ends at ${end}: it starts over. Was the log restored from an older backup?`,
  );
  return true;
});
