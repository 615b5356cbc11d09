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
 * Says a turn. Its address, its capability or the dialog's strategy chooses the recipients. A turn that shows a loop,
 * or that is the dialog's last, may pause the dialog.
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

/** Records that a participant acknowledged a turn. Changes nothing if the turn does not wait for an answer. */
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

/**
 * Returns what happens to a turn that its recipient does not answer: it goes to the next by priority, if there is one.
 */
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

/**
 * Passes a turn on if it still waits for the last of the `asked` participants. A paused dialog does not pass turns on.
 */
export const passOn = (
  { turn, asked, answerBy }: PayloadOf<typeof dialogCommands, "pass-on">,
  dialog: Dialog,
  { time }: DialogContext,
  known: KnownToDialogs,
): DialogDecision => {
  const awaited = dialog.awaited.find((one) => one.turn === turn && one.asked.length === asked);
  // After a pause, the deadline is different.
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
 * Returns what happens to turns that wait for a leaving participant. `dialog` is the dialog without it. In a paused
 * dialog, they keep waiting.
 */
export const turnsOf = (id: string, dialog: Dialog, context: DialogContext, known: KnownToDialogs) =>
  dialog.status === "paused" ? [] : passedOn((asked) => asked === id, dialog, context, known);

/**
 * Resumes the dialog. Everyone that was asked has the full time again, because otherwise the pause would count as
 * silence. Turns that wait for participants who left meanwhile are passed on.
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
