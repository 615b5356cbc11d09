import { Schema } from "effect";
import { TurnNumber } from "../../dialog/contract.ts";
import type { dialog } from "../../dialog/decider.ts";
import { AggregateId, LogEntry, logEntryOf, Principal, type RecordedEventOf } from "../../kernel/mod.ts";
import { Finding } from "../finding.ts";
import { reviewIn } from "../review.ts";

const { changes: _, ...foundFields } = Finding.fields;

/** What was said about a deployment before the vote, and since. */
export const DiscussionAccount = Schema.Struct({
  dialog: AggregateId,
  topic: Schema.String,
  turns: Schema.Array(
    Schema.Struct({
      turn: TurnNumber,
      speaker: Principal,
      text: Schema.String,
      /** What a review found; what would mend it is in the conditions of the vote. */
      findings: Schema.Array(Schema.Struct(foundFields)),
      said: LogEntry,
    }),
  ),
});
export type DiscussionAccount = typeof DiscussionAccount.Type;

/** A discussion from all events of its dialog; undefined where there are none. */
export const discussionAccountOf = (
  events: ReadonlyArray<RecordedEventOf<typeof dialog.events>>,
): DiscussionAccount | undefined => {
  const opened = events.find((event) => event.type === "dialog-opened");
  if (opened === undefined) return undefined;
  const turns = events.flatMap((event) => {
    if (event.type !== "turn-said") return [];
    const { turn, speaker, text, data } = event.data;
    const findings = (reviewIn(data)?.findings ?? []).map(({ changes: _changes, ...found }) => found);
    return [{ turn, speaker, text, findings, said: logEntryOf(event) }];
  });
  return { dialog: opened.id, topic: opened.data.topic, turns };
};
