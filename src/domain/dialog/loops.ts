import type { DialogEvent, PausedFor } from "./contract.ts";
import type { Dialog } from "./state.ts";

/**
 * How many answers led to a turn, one answering the other: 0 for a turn that answers nothing. A turn that answers one
 * older than those remembered counts as if it answered the oldest of them.
 */
export const hopsOf = ({ turns, hops }: Pick<Dialog, "turns" | "hops">, answers: number | undefined): number => {
  if (answers === undefined) return 0;
  const place = Math.max(0, hops.length - 1 - (turns - answers));
  return (hops[place] ?? 0) + 1;
};

const again = "its opener or an operator resumes it";

const pausedBySystem = (pausedFor: PausedFor, reason: string): DialogEvent => ({
  type: "dialog-paused",
  data: { by: "cim", reason: `${reason}; ${again}`, pausedFor },
});

/** Returns the pause that follows if the dialog has had all its turns with the next turn or offer of the word. */
export const afterLastTurn = ({ turns, handOffs, turnsBefore, maxTurns }: Dialog): ReadonlyArray<DialogEvent> =>
  turns + handOffs + 1 - turnsBefore < maxTurns
    ? []
    : [pausedBySystem("max-turns", `it has had ${maxTurns} turns and offers of the word`)];

/**
 * Returns what follows the next turn, to which so many answers led. At `maxHops` of them a loop is noticed, for
 * everybody to see. At twice as many the dialog is paused: agents that answer each other would go on for ever, and cost
 * something with every turn.
 */
export const afterTurn = (dialog: Dialog, hops: number): ReadonlyArray<DialogEvent> => {
  const turn = dialog.turns + 1;
  const pausesAt = 2 * dialog.maxHops;
  if (hops >= pausesAt)
    return [pausedBySystem("loop", `turn ${turn} is the last of ${hops} answers in a row, each to one of the others`)];
  const noticed: ReadonlyArray<DialogEvent> =
    hops === dialog.maxHops ? [{ type: "loop-noticed", data: { turn, hops, pausesAt } }] : [];
  return [...noticed, ...afterLastTurn(dialog)];
};
