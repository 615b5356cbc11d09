import { Record as Rec, Schema, Struct } from "effect";
import { AggregateId, type DataOf, defined, type EvolveContext, Instant, Principal } from "../kernel/mod.ts";
import { type ContextChange, ContextEntries, ContextValues, changed, Merge, ownValue } from "./context.ts";
import {
  type DialogEvent,
  DialogType,
  type dialogEvents,
  Participant,
  PausedFor,
  Routing,
  TurnNumber,
} from "./contract.ts";

/** A turn that waits for an answer from the last participant in `asked`. */
export const AwaitedTurn = Schema.Struct({
  turn: TurnNumber,
  speaker: Principal,
  asked: Schema.NonEmptyArray(Principal),
  answerBy: Instant,
});
export type AwaitedTurn = typeof AwaitedTurn.Type;

/** An unanswered offer of the word. */
export const HandOff = Schema.Struct({
  handOff: Schema.Int,
  from: Principal,
  to: Principal,
  context: Schema.optionalKey(ContextValues),
});
export type HandOff = typeof HandOff.Type;

export const DialogStatus = Schema.Literals(["open", "paused", "closed"]);

/** The state of a dialog. */
export const dialogFields = {
  type: DialogType,
  topic: Schema.String,
  openedBy: Principal,
  task: Schema.optionalKey(AggregateId),
  status: DialogStatus,
  routing: Routing,
  merge: Merge,
  answerWithinSeconds: Schema.Finite,
  maxTurns: Schema.Int,
  maxHops: Schema.Int,
  /** Why the system paused it. */
  pausedFor: Schema.optionalKey(PausedFor),
  /** The participants that were named or have joined, in that order. */
  participants: Schema.Array(Participant),
  /** Participants that left, if the type of the dialog would otherwise add them again. */
  left: Schema.Array(Principal),
  /** The number of turns. */
  turns: Schema.Int,
  /** The number of turns and offers of the word at the end of the system's last pause. `maxTurns` counts from there. */
  turnsBefore: Schema.Int,
  /** The length of the chain of answers behind each recent turn since then; the newest turn is last. */
  hops: Schema.Array(Schema.Int),
  /** The newest turn that round-robin sent to each participant. */
  served: Schema.Record(Principal, TurnNumber),
  /** The participant that has the word after an accepted hand-off. */
  speaker: Schema.optionalKey(Principal),
  handOffs: Schema.Int,
  handOff: Schema.optionalKey(HandOff),
  awaited: Schema.Array(AwaitedTurn),
  context: ContextEntries,
  participantContext: Schema.Record(Principal, ContextEntries),
};

/** The state of a dialog; null before it was opened. */
export const DialogState = Schema.NullOr(Schema.Struct(dialogFields));
export type DialogState = typeof DialogState.Type;
/** A dialog that exists. */
export type Dialog = NonNullable<DialogState>;

/** The default time in seconds for the answer of a recipient chosen by priority. */
export const defaultAnswerWithinSeconds = 30;

/** The default number of turns and offers of the word after which a dialog is paused. */
export const defaultMaxTurns = 10_000;

/** The default number of consecutive answers at which a loop is noticed. */
export const defaultMaxHops = 25;

/** The number of turns whose chains of answers a dialog remembers. */
const rememberedTurns = 100;

const opened = ({ participants, preferences = [], ...data }: DataOf<typeof dialogEvents, "dialog-opened">): Dialog => {
  const byId = new Map(preferences.map((participant) => [participant.id, participant]));
  const {
    type,
    topic,
    openedBy,
    task,
    routing,
    merge = "newest",
    answerWithinSeconds = defaultAnswerWithinSeconds,
    maxTurns = defaultMaxTurns,
    maxHops = defaultMaxHops,
  } = data;
  return defined({
    type,
    topic,
    openedBy,
    task,
    routing,
    merge,
    answerWithinSeconds,
    maxTurns,
    maxHops,
    status: "open",
    participants: participants.map((id) => byId.get(id) ?? { id }),
    left: [],
    turns: 0,
    turnsBefore: 0,
    hops: [],
    served: {},
    handOffs: 0,
    awaited: [],
    context: {},
    participantContext: {},
  });
};

/** Returns the participants after one joined or changed its preferences. In the second case, it keeps its place. */
export const withParticipant = (
  participants: ReadonlyArray<Participant>,
  { participant: id, ...preferences }: DataOf<typeof dialogEvents, "participant-joined">,
): ReadonlyArray<Participant> => {
  const joined = { id, ...preferences };
  return participants.some((one) => one.id === id)
    ? participants.map((one) => (one.id === id ? joined : one))
    : [...participants, joined];
};

const withoutOffer = (dialog: Dialog): Dialog => Struct.omit(dialog, ["handOff"]);
const withoutWord = (dialog: Dialog): Dialog => Struct.omit(dialog, ["speaker"]);

/** Returns the dialog after a participant left. It loses the word, and its offers end. */
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
    served: Rec.remove(dialog.served, id),
    participantContext: Rec.remove(dialog.participantContext, id),
  };
};

/**
 * Returns the turns that still wait after somebody spoke. Any turn of a participant answers everything that it was
 * asked.
 */
const answeredBy = (awaited: ReadonlyArray<AwaitedTurn>, speaker: string): ReadonlyArray<AwaitedTurn> =>
  awaited.some(({ asked }) => asked.includes(speaker))
    ? awaited.filter(({ asked }) => !asked.includes(speaker))
    : awaited;

const said = (
  before: Dialog,
  { turn, speaker, recipients, routedBy, answerBy, hops = 0 }: DataOf<typeof dialogEvents, "turn-said">,
): Dialog => {
  const awaited = answeredBy(before.awaited, speaker);
  const dialog = { ...before, turns: turn, awaited, hops: [...before.hops, hops].slice(-rememberedTurns) };
  const [recipient] = recipients;
  if (recipient === undefined) return dialog;
  return {
    ...dialog,
    served: routedBy === "round-robin" ? { ...dialog.served, [recipient]: turn } : dialog.served,
    awaited: answerBy === undefined ? awaited : [...awaited, { turn, speaker, asked: [recipient], answerBy }],
  };
};

const contextSet = (dialog: Dialog, data: DataOf<typeof dialogEvents, "context-set">, order: number): Dialog => {
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

const accepted = (dialog: Dialog, data: DataOf<typeof dialogEvents, "hand-off-accepted">, order: number): Dialog => {
  const { from, to, context, merge = "newest" } = data;
  const after = { ...withoutOffer(dialog), speaker: to };
  return context === undefined ? after : withParticipantContext(after, to, { values: context, merge, by: from, order });
};

/**
 * Returns the dialog after a pause. Everyone that was asked before has the full time again. After a pause by the
 * system, turns and answers are counted from here.
 */
const resumed = (before: Dialog, { answerBy }: DataOf<typeof dialogEvents, "dialog-resumed">): Dialog => {
  const { pausedFor, ...dialog } = before;
  const awaited = answerBy === undefined ? dialog.awaited : dialog.awaited.map((one) => ({ ...one, answerBy }));
  const open: Dialog = { ...dialog, status: "open", awaited };
  return pausedFor === undefined ? open : { ...open, turnsBefore: open.turns + open.handOffs, hops: [] };
};

/**
 * Returns the dialog after an event. Context values get the number of their event as order. So merging by newest and
 * oldest follows the log, not the clocks of their authors.
 */
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
    case "loop-noticed":
      return dialog;
    case "turn-acknowledged":
    case "turn-unanswered":
      return { ...dialog, awaited: dialog.awaited.filter(({ turn }) => turn !== event.data.turn) };
    case "turn-passed-on": {
      const { turn, to, answerBy } = event.data;
      const next = (one: AwaitedTurn): AwaitedTurn => ({ ...one, asked: [...one.asked, to], answerBy });
      return { ...dialog, awaited: dialog.awaited.map((one) => (one.turn === turn ? next(one) : one)) };
    }
    case "hand-off-offered": {
      const handOff = Struct.omit(event.data, ["reason"]);
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
      return { ...dialog, status: "paused", ...defined({ pausedFor: event.data.pausedFor }) };
    case "dialog-resumed":
      return resumed(dialog, event.data);
    case "dialog-closed":
      return { ...dialog, status: "closed", awaited: [] };
  }
};
