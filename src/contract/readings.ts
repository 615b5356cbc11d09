import { Schema } from "effect";
import { Instant } from "../domain/kernel/mod.ts";

/**
 * What a peer may read: the feed, the bucket of a view, or the log of one knowledge space. The text is the end of the
 * request's subject.
 */
export const readingOf = {
  feed: "feed",
  view: (view: string) => `view.${view}`,
  knowledge: (space: string) => `knowledge.${space}`,
} as const;

/** Asks the backend of a closed installation for a consumer. Without a start, the consumer reads from the beginning. */
export const ReadingRequest = Schema.Struct({
  /** The subjects to read; if absent, the whole source. */
  subjects: Schema.optionalKey(Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(512))),
  /** Starts at this sequence number of the stream. */
  from: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))),
  /** Starts at this moment. */
  since: Schema.optionalKey(Instant),
  /** Starts with the newest message of each subject. */
  newest: Schema.optionalKey(Schema.Boolean),
}).annotate({ identifier: "ReadingRequest" });
export type ReadingRequest = typeof ReadingRequest.Type;

/** The created consumer, and the number of messages that it has. */
export const ReadingOpened = Schema.Struct({
  stream: Schema.String,
  consumer: Schema.String,
  pending: Schema.Int,
}).annotate({ identifier: "ReadingOpened" });
export type ReadingOpened = typeof ReadingOpened.Type;

export const ReadingReply = Schema.Struct({ ok: Schema.Literal(true), ...ReadingOpened.fields });
