import { Schema } from "effect";
import { Instant } from "../domain/kernel/mod.ts";

/**
 * What may be read on: the feed, the bucket of a view, or the log of one space of knowledge. The text ends the subject of
 * the request.
 */
export const readingOf = {
  feed: "feed",
  view: (view: string) => `view.${view}`,
  knowledge: (space: string) => `knowledge.${space}`,
} as const;

/**
 * Asks the backend of a closed installation for a consumer. Without a place to start, everything is read from the
 * beginning.
 */
export const ReadingRequest = Schema.Struct({
  /** The subjects that are read; all of the source if it is absent. */
  subjects: Schema.optionalKey(Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(512))),
  /** Begins at this number of the stream. */
  from: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))),
  /** Begins at this moment. */
  since: Schema.optionalKey(Instant),
  /** Begins with the newest message of each subject. */
  newest: Schema.optionalKey(Schema.Boolean),
}).annotate({ identifier: "ReadingRequest" });
export type ReadingRequest = typeof ReadingRequest.Type;

/** The consumer that was made, and how many messages it has. */
export const ReadingOpened = Schema.Struct({
  stream: Schema.String,
  consumer: Schema.String,
  pending: Schema.Int,
}).annotate({ identifier: "ReadingOpened" });
export type ReadingOpened = typeof ReadingOpened.Type;

export const ReadingReply = Schema.Struct({ ok: Schema.Literal(true), ...ReadingOpened.fields });
