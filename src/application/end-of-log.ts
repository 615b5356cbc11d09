import { Effect } from "effect";
import { EventStore, type StoreUnavailable } from "./ports/mod.ts";

/**
 * Returns whether a reader that says it has come to `position` has come further than the log, and warns of it. That is so
 * if the log was restored from an older backup, or if the position was forged: what follows from the log starts over then.
 * A server that has just begun to lead may still be reading its log, so one that seems too short is asked again.
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
