import { Result } from "effect";
import { accept, addSeconds, defined, jsonBytes, type PayloadOf, refuse } from "../kernel/mod.ts";
import { tooLarge } from "./context.ts";
import type { DialogContext, DialogDecision, DialogEvent, dialogCommands, KnownToDialogs } from "./contract.ts";
import { afterTurn, hopsOf } from "./loops.ts";
import { audienceOf, inOrderOfPriority, reasonOfPriority, route } from "./routing.ts";
import type { AwaitedTurn, Dialog } from "./state.ts";

const unknownTurn = (id: string, { turns }: Dialog, turn: number) =>
  refuse("unknown-turn", `dialog \`${id}\` has ${turns} turns, none with the number ${turn}`);

/**
 * Says a turn. It goes to those that its addresses, its capability or the dialog's strategy choose. A turn that shows a
 * loop, or is the last one that the dialog has, may pause the dialog.
 */
export const say = (
  { to, ...turn }: PayloadOf<typeof dialogCommands, "say">,
  dialog: Dialog,
  { aggregateId, principal, time }: DialogContext,
  known: KnownToDialogs,
): DialogDecision => {
  const { capability, context, answers } = turn;
  const asked = defined({ speaker: principal, to, capability });
  const problem = context === undefined ? undefined : tooLarge(aggregateId, "turn", jsonBytes(context));
  if (problem !== undefined) return problem;
  if (answers !== undefined && answers > dialog.turns) return unknownTurn(aggregateId, dialog, answers);
  const hops = hopsOf(dialog, answers);
  return Result.map(route(aggregateId, dialog, asked, known), (chosen): ReadonlyArray<DialogEvent> => {
    const waits = dialog.routing === "priority" && (chosen.routedBy === "priority" || chosen.routedBy === "speaker");
    const answerBy = waits ? addSeconds(time, dialog.answerWithinSeconds) : undefined;
    const more = defined({ answerBy, hops: hops === 0 ? undefined : hops });
    const data = { turn: dialog.turns + 1, speaker: principal, ...chosen, ...more, ...turn };
    return [{ type: "turn-said", data }, ...afterTurn(dialog, hops)];
  });
};

/** Records that a participant has taken the turn it was asked. Changes nothing if the turn waits for nobody. */
export const acknowledge = (
  { turn }: PayloadOf<typeof dialogCommands, "acknowledge">,
  dialog: Dialog,
  { aggregateId, principal }: DialogContext,
): DialogDecision => {
  if (turn > dialog.turns) return unknownTurn(aggregateId, dialog, turn);
  const awaited = dialog.awaited.find((one) => one.turn === turn);
  return awaited?.asked.includes(principal)
    ? accept({ type: "turn-acknowledged", data: { turn, participant: principal } })
    : accept();
};

/** Returns what becomes of a turn that its recipient does not answer: the next by priority gets it, if there is one. */
const next = (
  { turn, speaker, asked }: AwaitedTurn,
  because: "silence" | "left",
  dialog: Dialog,
  time: string,
  known: KnownToDialogs,
): DialogEvent => {
  const others = audienceOf(dialog, known).filter(({ id }) => id !== speaker && !asked.includes(id));
  const [first] = inOrderOfPriority(others);
  const from = asked.at(-1) ?? speaker;
  if (first === undefined) return { type: "turn-unanswered", data: { turn, asked } };
  const reasons = [reasonOfPriority(first, others)];
  const answerBy = addSeconds(time, dialog.answerWithinSeconds);
  return { type: "turn-passed-on", data: { turn, from, to: first.id, because, reasons, answerBy } };
};

/** Passes a turn on if it still waits for the last of the `asked` participants. While the dialog is paused it waits. */
export const passOn = (
  { turn, asked, answerBy }: PayloadOf<typeof dialogCommands, "pass-on">,
  dialog: Dialog,
  { time }: DialogContext,
  known: KnownToDialogs,
): DialogDecision => {
  const awaited = dialog.awaited.find((one) => one.turn === turn && one.asked.length === asked);
  // After a pause there is another deadline.
  const isOver = awaited === undefined || (answerBy !== undefined && answerBy !== awaited.answerBy);
  return isOver || dialog.status === "paused" ? accept() : accept(next(awaited, "silence", dialog, time, known));
};

const passedOn = (
  isGone: (asked: string) => boolean,
  dialog: Dialog,
  { time }: DialogContext,
  known: KnownToDialogs,
): ReadonlyArray<DialogEvent> =>
  dialog.awaited
    .filter(({ asked }) => isGone(asked.at(-1) ?? ""))
    .map((awaited) => next(awaited, "left", dialog, time, known));

/**
 * Returns what becomes of the turns that wait for a participant that leaves; `dialog` is the dialog without it. While
 * the dialog is paused they wait.
 */
export const turnsOf = (id: string, dialog: Dialog, context: DialogContext, known: KnownToDialogs) =>
  dialog.status === "paused" ? [] : passedOn((asked) => asked === id, dialog, context, known);

/**
 * Resumes the dialog. Everyone who was asked has the full time again, because a pause would otherwise count as silence.
 * Turns that wait for participants who left meanwhile are passed on.
 */
export const resume = (dialog: Dialog, context: DialogContext, known: KnownToDialogs): DialogDecision => {
  if (dialog.status === "open") return accept();
  const waits = dialog.awaited.length > 0;
  const answerBy = waits ? addSeconds(context.time, dialog.answerWithinSeconds) : undefined;
  const present = new Set(audienceOf(dialog, known).map(({ id }) => id));
  return accept<DialogEvent>(
    { type: "dialog-resumed", data: defined({ by: context.principal, answerBy }) },
    ...passedOn((asked) => !present.has(asked), dialog, context, known),
  );
};
