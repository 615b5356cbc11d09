import type { DialogEvent, PausedFor } from "./contract.ts";
import type { Dialog } from "./state.ts";

/**
 * Returns the length of the chain of answers that led to a turn: 0 for a turn that answers nothing. If the answered
 * turn is older than the remembered ones, the oldest remembered one counts instead.
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

/** Returns the pause that follows if the next turn or offer of the word reaches the dialog's maximum. */
export const afterLastTurn = ({ turns, handOffs, turnsBefore, maxTurns }: Dialog): ReadonlyArray<DialogEvent> =>
  turns + handOffs + 1 - turnsBefore < maxTurns
    ? []
    : [pausedBySystem("max-turns", `it has had ${maxTurns} turns and offers of the word`)];

/**
 * Returns the consequences of the next turn, after a chain of `hops` answers. At `maxHops` a loop is noticed, visibly
 * for everyone. At twice as many the dialog is paused. Otherwise agents that answer each other would continue forever,
 * and every turn costs something.
 */
export const afterTurn = (dialog: Dialog, hops: number): ReadonlyArray<DialogEvent> => {
  const turn = dialog.turns + 1;
  const pausesAt = 2 * dialog.maxHops;
  if (hops >= pausesAt) return [pausedBySystem("loop", `turn ${turn} is the last of ${hops} consecutive answers`)];
  const noticed: ReadonlyArray<DialogEvent> =
    hops === dialog.maxHops ? [{ type: "loop-noticed", data: { turn, hops, pausesAt } }] : [];
  return [...noticed, ...afterLastTurn(dialog)];
};
