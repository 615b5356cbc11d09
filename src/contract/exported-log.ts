import { Schema } from "effect";

/*
 * The log as a file: JSON Lines of CloudEvents 1.0 in structured mode. A line is a message of the log, which is a commit
 * with all its events, and the last line says what the file has. docs/operations.md has the reasons.
 */

/** The types of the lines. `foreign` is the type of a message that is not a commit. */
export const lineTypes = { commit: "cim.commit.v1", foreign: "cim.foreign.v1", end: "cim.log-end.v1" } as const;

const attributes = {
  specversion: Schema.Literal("1.0"),
  id: Schema.String,
  /** The installation: `/<prefix>`. */
  source: Schema.String,
};

const ofMessage = {
  ...attributes,
  /** The subject of the message without the prefix that all subjects of the log share: `graph.shop`. */
  subject: Schema.String,
  /** The position in the log. */
  sequence: Schema.String,
  /** SHA-256 of the subject, a line break and the bytes of the message. */
  digest: Schema.String,
};

/** A commit. `data` is the message, character for character. */
export const CommitLine = Schema.Struct({
  ...ofMessage,
  type: Schema.Literal(lineTypes.commit),
  time: Schema.String,
  datacontenttype: Schema.Literal("application/json"),
  data: Schema.Json,
}).annotate({ identifier: "CommitLine" });

/** A message that is not a commit. It keeps its place, so that later positions do not shift. */
export const ForeignLine = Schema.Struct({
  ...ofMessage,
  type: Schema.Literal(lineTypes.foreign),
  data_base64: Schema.String,
}).annotate({ identifier: "ForeignLine" });

/** The last line. A file without it is incomplete. */
export const EndLine = Schema.Struct({
  ...attributes,
  type: Schema.Literal(lineTypes.end),
  datacontenttype: Schema.Literal("application/json"),
  data: Schema.Struct({
    /** The positions of the first and the last message. If there are no messages, `to` is one less than `from`. */
    from: Schema.Int,
    to: Schema.Int,
    /** SHA-256 of all lines before this one, including their line breaks. */
    digest: Schema.String,
  }),
}).annotate({ identifier: "EndLine" });
export type EndLine = typeof EndLine.Type;
