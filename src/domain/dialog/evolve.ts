import type { EventOf, EvolveContext } from "../kernel/mod.ts";
import { type ContextChange, changed, ownValue } from "./context.ts";
import type { dialogEvents, Participant } from "./contract.ts";
import type { AwaitedTurn, Dialog, DialogState } from "./state.ts";

export type DialogEvent = EventOf<typeof dialogEvents>;
type Data<T extends DialogEvent["type"]> = (DialogEvent & { type: T })["data"];

/** Seconds that a recipient chosen by priority has to answer, where the dialog says nothing else. */
export const defaultAnswerWithinSeconds = 30;

const opened = ({ participants, preferences = [], ...data }: Data<"dialog-opened">): Dialog => {
  const byId = new Map(preferences.map((participant) => [participant.id, participant]));
  const { type, topic, task, routing, merge = "newest", answerWithinSeconds = defaultAnswerWithinSeconds } = data;
  return {
    ...{ type, topic, routing, merge, answerWithinSeconds },
    ...(task === undefined ? {} : { task }),
    status: "open",
    participants: participants.map((id) => byId.get(id) ?? { id }),
    left: [],
    turns: 0,
    served: {},
    handOffs: 0,
    awaited: [],
    context: {},
    participantContext: {},
  };
};

/** The participants after one joined, or has other preferences: it keeps its place then. */
export const withParticipant = (
  participants: ReadonlyArray<Participant>,
  { participant: id, ...preferences }: Data<"participant-joined">,
): ReadonlyArray<Participant> => {
  const joined = { id, ...preferences };
  return participants.some((one) => one.id === id)
    ? participants.map((one) => (one.id === id ? joined : one))
    : [...participants, joined];
};

const withoutOffer = ({ handOff: _, ...dialog }: Dialog): Dialog => dialog;
const withoutWord = ({ speaker: _, ...dialog }: Dialog): Dialog => dialog;

const without = <T>(record: Readonly<Record<string, T>>, id: string): Readonly<Record<string, T>> =>
  Object.fromEntries(Object.entries(record).filter(([key]) => key !== id));

/** Nothing of a participant that left waits for it: neither the word nor an offer of it. */
const left = (before: Dialog, id: string): Dialog => {
  const { speaker, handOff } = before;
  const word = speaker === id ? withoutWord(before) : before;
  const dialog = handOff?.to === id || handOff?.from === id ? withoutOffer(word) : word;
  const joined = dialog.participants.some((participant) => participant.id === id);
  const brings = dialog.type !== "direct" && dialog.type !== "group";
  return {
    ...dialog,
    participants: joined ? dialog.participants.filter((participant) => participant.id !== id) : dialog.participants,
    left: brings ? [...dialog.left, id] : dialog.left,
    served: without(dialog.served, id),
    participantContext: without(dialog.participantContext, id),
  };
};

/** The turns that wait after somebody spoke: whoever was asked has answered with it. */
const answeredBy = (awaited: ReadonlyArray<AwaitedTurn>, speaker: string): ReadonlyArray<AwaitedTurn> =>
  awaited.some(({ asked }) => asked.includes(speaker))
    ? awaited.filter(({ asked }) => !asked.includes(speaker))
    : awaited;

const said = (dialog: Dialog, { turn, speaker, recipients, routedBy, answerBy }: Data<"turn-said">): Dialog => {
  const awaited = answeredBy(dialog.awaited, speaker);
  const [recipient] = recipients;
  if (recipient === undefined) return { ...dialog, turns: turn, awaited };
  return {
    ...dialog,
    turns: turn,
    served: routedBy === "round-robin" ? { ...dialog.served, [recipient]: turn } : dialog.served,
    awaited: answerBy === undefined ? awaited : [...awaited, { turn, speaker, asked: [recipient], answerBy }],
  };
};

const contextSet = (dialog: Dialog, data: Data<"context-set">, order: number): Dialog => {
  const { values, merge, by } = data;
  const change = { values, merge, by, order };
  if (data.scope === "dialog") return { ...dialog, context: changed(dialog.context, change) };
  if (data.scope !== "participant" || data.participant === undefined) return dialog;
  return withParticipantContext(dialog, data.participant, change);
};

const withParticipantContext = (dialog: Dialog, id: string, change: ContextChange): Dialog => ({
  ...dialog,
  participantContext: {
    ...dialog.participantContext,
    [id]: changed(ownValue(dialog.participantContext, id) ?? {}, change),
  },
});

const accepted = (dialog: Dialog, data: Data<"hand-off-accepted">, order: number): Dialog => {
  const { from, to, context, merge = "newest" } = data;
  const after = { ...withoutOffer(dialog), speaker: to };
  return context === undefined ? after : withParticipantContext(after, to, { values: context, merge, by: from, order });
};

/** Who was asked before a pause has the full time again. */
const resumed = (dialog: Dialog, { answerBy }: Data<"dialog-resumed">): Dialog => ({
  ...dialog,
  status: "open",
  awaited: answerBy === undefined ? dialog.awaited : dialog.awaited.map((one) => ({ ...one, answerBy })),
});

/** A dialog after one more event. Values of contexts carry the number of the event that set them as their order. */
export const evolve = (
  dialog: DialogState,
  event: DialogEvent,
  { version }: Pick<EvolveContext, "version">,
): DialogState => {
  if (event.type === "dialog-opened") return opened(event.data);
  if (dialog === null) return dialog;
  switch (event.type) {
    case "participant-joined": {
      const { participant } = event.data;
      const participants = withParticipant(dialog.participants, event.data);
      return { ...dialog, participants, left: dialog.left.filter((id) => id !== participant) };
    }
    case "participant-left":
      return left(dialog, event.data.participant);
    case "turn-said":
      return said(dialog, event.data);
    case "turn-acknowledged":
    case "turn-unanswered":
      return { ...dialog, awaited: dialog.awaited.filter(({ turn }) => turn !== event.data.turn) };
    case "turn-passed-on": {
      const { turn, to, answerBy } = event.data;
      const next = (one: AwaitedTurn): AwaitedTurn => ({ ...one, asked: [...one.asked, to], answerBy });
      return { ...dialog, awaited: dialog.awaited.map((one) => (one.turn === turn ? next(one) : one)) };
    }
    case "hand-off-offered": {
      const { reason: _, ...handOff } = event.data;
      return { ...dialog, handOffs: handOff.handOff, handOff };
    }
    case "hand-off-accepted":
      return accepted(dialog, event.data, version);
    case "hand-off-declined":
    case "hand-off-withdrawn":
      return withoutOffer(dialog);
    case "word-returned":
      return withoutWord(dialog);
    case "context-set":
      return contextSet(dialog, event.data, version);
    case "dialog-paused":
      return { ...dialog, status: "paused" };
    case "dialog-resumed":
      return resumed(dialog, event.data);
    case "dialog-closed":
      return { ...dialog, status: "closed", awaited: [] };
  }
};
