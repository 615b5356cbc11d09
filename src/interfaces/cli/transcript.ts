import { Schema } from "effect";
import type { Client } from "../../agents/kit/mod.ts";
import { type DialogEvent, dialogEvents } from "../../domain/dialog/contract.ts";
import type { Transcript, TranscriptEntry } from "../../domain/dialog/transcript.ts";
import { provenanceText } from "../../domain/kernel/mod.ts";
import type { Output } from "./output.ts";
import { momentText } from "./text.ts";

const pageSize = 500;

/** A dialog's transcript from the entry `from` on, page by page. With `minPosition`, at least up to there. */
export async function* transcriptPages(
  client: Client,
  id: string,
  signal: AbortSignal,
  { from = 1, minPosition = 0 }: { readonly from?: number; readonly minPosition?: number } = {},
): AsyncGenerator<Transcript> {
  let next: number | undefined = from;
  while (next !== undefined) {
    const input = { id, from: next, limit: pageSize };
    const answer: { readonly data: Transcript } = await client.query("dialogs", "transcript", input, {
      signal,
      minPosition,
    });
    yield answer.data;
    next = answer.data.next;
  }
}

/** Every entry from `from` on, also those that come later, until the dialog is closed or `signal` aborts. */
export async function* followTranscript(
  client: Client,
  id: string,
  signal: AbortSignal,
  from: number,
): AsyncGenerator<TranscriptEntry> {
  let next = from;
  for await (const { document } of client.watch("dialogs", { id }, signal)) {
    if (document === undefined || document.version < next) continue;
    const { position: minPosition, status } = document;
    for await (const { entries } of transcriptPages(client, id, signal, { from: next, minPosition })) {
      yield* entries;
      next += entries.length;
    }
    if (status === "closed") return;
  }
}

const isKnown = (event: string): event is DialogEvent["type"] => Object.hasOwn(dialogEvents, event);

/** The event of an entry; undefined if this version does not know its kind. */
const eventOf = ({ event, data }: TranscriptEntry): DialogEvent | undefined =>
  isKnown(event) && Schema.is(dialogEvents[event].schema)(data) ? ({ type: event, data } as DialogEvent) : undefined;

/** A text of several lines. Those after the first stand behind a bar, so that none looks like an entry of its own. */
const lines = (text: string): ReadonlyArray<string> =>
  text.split(/\r\n|\n/).map((line, index) => (index === 0 ? line : `    | ${line}`));
const because = (reason: string | undefined): string => (reason === undefined ? "" : `: ${reason}`);
const json = (value: unknown): string => JSON.stringify(value);

const turn = (data: (DialogEvent & { type: "turn-said" })["data"]): string => {
  const {
    speaker,
    text,
    recipients,
    routedBy,
    reasons = [],
    answers,
    hops = 0,
    answerBy,
    context,
    provenance = {},
  } = data;
  const why = [routedBy, ...reasons].join(", ");
  const until = answerBy === undefined ? "" : `; answer by ${momentText(answerBy)}`;
  const values = context === undefined ? "" : `, with ${json(context)}`;
  const answer = answers === undefined ? "" : `; answers #${answers}${hops < 2 ? "" : `, ${hops} in a row`}`;
  const origin = provenanceText(provenance);
  const from = origin === undefined ? "" : `; by ${origin}`;
  return `#${data.turn} ${speaker} → ${recipients.join(", ")} (${why}${answer}${until}${values}${from}): ${text}`;
};

const what = (event: DialogEvent): string => {
  const { type, data } = event;
  switch (type) {
    case "dialog-opened":
      return `${data.openedBy} opened it with ${data.participants.join(", ")}`;
    case "participant-joined":
      return `${data.participant} takes part`;
    case "participant-left":
      return `${data.participant} left`;
    case "turn-said":
      return turn(data);
    case "loop-noticed":
      return `#${data.turn} is the last of ${data.hops} answers in a row: if agents answer each other without end, it is paused at ${data.pausesAt}`;
    case "turn-acknowledged":
      return `${data.participant} has taken #${data.turn}`;
    case "turn-passed-on":
      return `#${data.turn} went on from ${data.from} to ${data.to} (${data.because}, ${data.reasons.join(", ")})`;
    case "turn-unanswered":
      return `#${data.turn} got no answer from ${data.asked.join(", ")}`;
    case "hand-off-offered":
      return `${data.from} offers ${data.to} the word${because(data.reason)}${data.context === undefined ? "" : `, with ${json(data.context)}`}`;
    case "hand-off-accepted":
      return `${data.to} has the word from ${data.from}`;
    case "hand-off-declined":
      return `${data.to} declines the word of ${data.from}${because(data.reason)}`;
    case "hand-off-withdrawn":
      return `${data.from} does not offer ${data.to} the word any more`;
    case "word-returned":
      return `${data.from} has the word no longer${because(data.reason)}`;
    case "context-set":
      return `${data.by} set ${json(data.values)} (${data.scope}${data.participant === undefined ? "" : ` ${data.participant}`}, ${data.merge})`;
    case "dialog-paused":
      return `${data.pausedFor === undefined ? data.by : "the system"} paused it${because(data.reason)}`;
    case "dialog-resumed":
      return `${data.by} resumed it`;
    case "dialog-closed":
      return `${data.by} closed it${because(data.reason)}`;
  }
};

/** An entry of a transcript: the time, the actor, and what it did. */
export const entryLines = (entry: TranscriptEntry, { style }: Pick<Output, "style">): ReadonlyArray<string> => {
  const event = eventOf(entry);
  const text = event === undefined ? `${entry.actor}: ${entry.event} ${json(entry.data)}` : what(event);
  return lines(`${style("dim", momentText(entry.at))}  ${text}`);
};

const participantText = ({ id, priority, presence }: Transcript["participants"][number]): string => {
  const known = [
    ...(presence === undefined ? [] : [presence]),
    ...(priority === undefined ? [] : [`priority ${priority}`]),
  ];
  return known.length === 0 ? id : `${id} (${known.join(", ")})`;
};

/** The head of a transcript: the topic of the dialog, its participants, its context. */
export const headLines = (transcript: Transcript): ReadonlyArray<string> => {
  const { dialog, type, topic, task, status, routing, speaker, participants, context } = transcript;
  const { participant, ...scopes } = context;
  const values = [
    ...Object.entries(scopes),
    ...Object.entries(participant).map(([id, own]) => [`participant ${id}`, own] as const),
  ].filter(([, own]) => Object.keys(own).length > 0);
  return [
    `${dialog}: ${topic} (${type}, ${routing}, ${status})`,
    ...(task === undefined ? [] : [`task: ${task}`]),
    `participants: ${participants.map(participantText).join(", ")}`,
    ...(speaker === undefined ? [] : [`the word has: ${speaker}`]),
    ...values.map(([scope, own]) => `context, ${scope}: ${json(own)}`),
  ];
};
