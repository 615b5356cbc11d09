import { Result } from "effect";
import {
  accept,
  addSeconds,
  type CommandOf,
  type DecisionContext,
  jsonBytes,
  type Rejection,
  refuse,
} from "../kernel/mod.ts";
import { audienceOf, type KnownToDialogs } from "./audience.ts";
import { tooLarge } from "./context-refusals.ts";
import type { dialogCommands } from "./contract.ts";
import type { DialogEvent } from "./evolve.ts";
import { inOrderOfPriority, reasonOfPriority, route } from "./routing.ts";
import type { AwaitedTurn, Dialog } from "./state.ts";

type Payload<T extends keyof typeof dialogCommands> = (CommandOf<typeof dialogCommands> & { type: T })["payload"];
type Decision = Result.Result<ReadonlyArray<DialogEvent>, Rejection>;
type Context = DecisionContext<KnownToDialogs | undefined>;

/** A turn, to those that its addresses, its capability or the dialog's strategy choose. */
export const say = (
  { to, ...turn }: Payload<"say">,
  dialog: Dialog,
  { aggregateId, principal, time }: Context,
  known: KnownToDialogs,
): Decision => {
  const asked = { speaker: principal, ...(to === undefined ? {} : { to }) };
  const { capability, context } = turn;
  const problem = context === undefined ? undefined : tooLarge(aggregateId, "turn", jsonBytes(context));
  if (problem !== undefined) return problem;
  return Result.map(
    route(aggregateId, dialog, capability === undefined ? asked : { ...asked, capability }, known),
    (chosen): ReadonlyArray<DialogEvent> => {
      const waits = dialog.routing === "priority" && (chosen.routedBy === "priority" || chosen.routedBy === "speaker");
      const answerBy = waits ? { answerBy: addSeconds(time, dialog.answerWithinSeconds) } : {};
      return [
        { type: "turn-said", data: { turn: dialog.turns + 1, speaker: principal, ...chosen, ...answerBy, ...turn } },
      ];
    },
  );
};

/** Who was asked has taken the turn; for a turn that waits for nobody this changes nothing. */
export const acknowledge = (
  { turn }: Payload<"acknowledge">,
  dialog: Dialog,
  { aggregateId, principal }: Context,
): Decision => {
  if (turn > dialog.turns)
    return refuse("unknown-turn", `dialog \`${aggregateId}\` has ${dialog.turns} turns, none with the number ${turn}`);
  const awaited = dialog.awaited.find((one) => one.turn === turn);
  return awaited?.asked.includes(principal)
    ? accept({ type: "turn-acknowledged", data: { turn, participant: principal } })
    : accept();
};

/** What becomes of a turn that its recipient does not answer: the next by priority has it, if there is one. */
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

/** Passes a turn on that still waits for the last of so many who were asked. While the dialog is paused it waits. */
export const passOn = (
  { turn, asked, answerBy }: Payload<"pass-on">,
  dialog: Dialog,
  { time }: Context,
  known: KnownToDialogs,
): Decision => {
  const awaited = dialog.awaited.find((one) => one.turn === turn && one.asked.length === asked);
  // After a pause there is another deadline.
  const isOver = awaited === undefined || (answerBy !== undefined && answerBy !== awaited.answerBy);
  return isOver || dialog.status === "paused" ? accept() : accept(next(awaited, "silence", dialog, time, known));
};

const passedOn = (
  isGone: (asked: string) => boolean,
  dialog: Dialog,
  { time }: Context,
  known: KnownToDialogs,
): ReadonlyArray<DialogEvent> =>
  dialog.awaited
    .filter(({ asked }) => isGone(asked.at(-1) ?? ""))
    .map((awaited) => next(awaited, "left", dialog, time, known));

/**
 * What becomes of the turns that wait for a participant that leaves; `dialog` is the one without it. While it is paused
 * they wait.
 */
export const turnsOf = (id: string, dialog: Dialog, context: Context, known: KnownToDialogs) =>
  dialog.status === "paused" ? [] : passedOn((asked) => asked === id, dialog, context, known);

/** The dialog goes on: who is asked has the full time again, and what was asked of those who are gone is passed on. */
export const resume = (dialog: Dialog, context: Context, known: KnownToDialogs): Decision => {
  if (dialog.status === "open") return accept();
  const waits = dialog.awaited.length > 0;
  const answerBy = waits ? { answerBy: addSeconds(context.time, dialog.answerWithinSeconds) } : {};
  const present = new Set(audienceOf(dialog, known).map(({ id }) => id));
  return accept<DialogEvent>(
    { type: "dialog-resumed", data: { by: context.principal, ...answerBy } },
    ...passedOn((asked) => !present.has(asked), dialog, context, known),
  );
};
