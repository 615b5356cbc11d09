import { Schema } from "effect";
import { Finding } from "../../../../domain/deployment/review.ts";
import { type DialogEvent, dialogEvents } from "../../../../domain/dialog/contract.ts";
import type { TranscriptEntry } from "../../../../domain/dialog/transcript.ts";

type Turn = (DialogEvent & { readonly type: "turn-said" })["data"];

const isKnown = (event: string): event is DialogEvent["type"] => Object.hasOwn(dialogEvents, event);

/** The event of an entry; undefined if this page does not know its kind. */
export const eventOf = ({ event, data }: Pick<TranscriptEntry, "event" | "data">): DialogEvent | undefined =>
  isKnown(event) && Schema.is(dialogEvents[event].schema)(data) ? ({ type: event, data } as DialogEvent) : undefined;

const isFindings = Schema.is(Schema.Struct({ findings: Schema.Array(Finding) }));

/** The findings that a turn of a reviewer has; none in other turns. */
export const findingsIn = ({ data }: Pick<Turn, "data">): ReadonlyArray<Finding> =>
  isFindings(data) ? data.findings : [];

const because = (reason: string | undefined): string => (reason === undefined ? "" : `: ${reason}`);

const routes: Readonly<Record<Turn["routedBy"], string>> = {
  broadcast: "it goes to everyone",
  "round-robin": "in turn",
  capability: "by what they can do",
  priority: "by priority",
  addressed: "they were named",
  speaker: "they have the word",
};

/** Who was asked, and why. */
export const askedWords = ({ recipients, routedBy, reasons = [] }: Turn): string => {
  const who = recipients.length === 0 ? "nobody" : recipients.join(", ");
  return `to ${who} (${[routes[routedBy], ...reasons].join("; ")})`;
};

/** What happened, in a sentence; of a turn, only that it was said. */
export const sentenceOf = (event: DialogEvent): string => {
  const { type, data } = event;
  switch (type) {
    case "dialog-opened":
      return `${data.openedBy} opened it with ${data.participants.join(", ")}`;
    case "participant-joined":
      return `${data.participant} takes part`;
    case "participant-left":
      return `${data.participant} left`;
    case "turn-said":
      return `${data.speaker} said #${data.turn}`;
    case "loop-noticed":
      return `#${data.turn} is the last of ${data.hops} answers in a row; at ${data.pausesAt} it is paused`;
    case "turn-acknowledged":
      return `${data.participant} has taken #${data.turn}`;
    case "turn-passed-on":
      return `#${data.turn} went on from ${data.from} to ${data.to} (${[data.because, ...data.reasons].join(", ")})`;
    case "turn-unanswered":
      return `#${data.turn} got no answer from ${data.asked.join(", ")}`;
    case "hand-off-offered":
      return `${data.from} offers ${data.to} the word${because(data.reason)}`;
    case "hand-off-accepted":
      return `${data.to} has the word from ${data.from}`;
    case "hand-off-declined":
      return `${data.to} declines the word of ${data.from}${because(data.reason)}`;
    case "hand-off-withdrawn":
      return `${data.from} does not offer ${data.to} the word any more`;
    case "word-returned":
      return `${data.from} has the word no longer${because(data.reason)}`;
    case "context-set":
      return `${data.by} set ${Object.keys(data.values).join(", ")} for the ${data.scope}`;
    case "dialog-paused":
      return `${data.pausedFor === undefined ? data.by : "the system"} paused it${because(data.reason)}`;
    case "dialog-resumed":
      return `${data.by} resumed it`;
    case "dialog-closed":
      return `${data.by} closed it${because(data.reason)}`;
  }
};

/** An arrow of the sequence diagram. */
export interface Arrow {
  readonly from: string;
  readonly to: ReadonlyArray<string>;
  readonly text: string;
  /** Dashed: no turn, but the word or a receipt. */
  readonly dashed: boolean;
}

/** The arrow of an event; undefined if it goes from nobody to nobody. */
export const arrowOf = (event: DialogEvent): Arrow | undefined => {
  const { type, data } = event;
  switch (type) {
    case "turn-said":
      return { from: data.speaker, to: data.recipients, text: `#${data.turn} ${data.text}`, dashed: false };
    case "turn-passed-on":
      return { from: data.from, to: [data.to], text: `#${data.turn} goes on (${data.because})`, dashed: true };
    case "hand-off-offered":
      return { from: data.from, to: [data.to], text: "offers the word", dashed: true };
    case "hand-off-accepted":
      return { from: data.to, to: [data.from], text: "takes the word", dashed: true };
    case "hand-off-declined":
      return { from: data.to, to: [data.from], text: "declines the word", dashed: true };
    default:
      return undefined;
  }
};
