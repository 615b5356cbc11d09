import { type Result, Struct } from "effect";
import { accept, defined, jsonBytes, type PayloadOf, type Rejection, refuse } from "../kernel/mod.ts";
import { type ContextValues, contradiction, ownValue, sizeAfter, tooLarge } from "./context.ts";
import type { DialogContext, DialogDecision, DialogEvent, dialogCommands, KnownToDialogs } from "./contract.ts";
import { afterLastTurn } from "./loops.ts";
import { audienceOf } from "./routing.ts";
import type { Dialog, HandOff } from "./state.ts";

/**
 * Refuses a context that cannot go with an offer: it conflicts with the receiver's own, or would make that too large.
 *
 * Both are checked at the offer, not at the acceptance. At the acceptance, the receiver could not resolve a conflict,
 * and the word would be stuck between the two. Later values of the receiver cannot invalidate the offer either. Under
 * `reject-on-conflict` the receiver's value stays, and the rest of the context is merged (see `changed` in context.ts).
 */
const contextProblem = (id: string, dialog: Dialog, by: string, to: string, values: ContextValues | undefined) => {
  if (values === undefined) return undefined;
  const own = ownValue(dialog.participantContext, to) ?? {};
  const instead = `leave it out of the context of the hand-off, or let \`${to}\` remove it first`;
  const change = { values, merge: dialog.merge, by };
  return (
    contradiction(id, own, change, instead) ??
    tooLarge(id, "participant", Math.max(jsonBytes(values), sizeAfter(own, change)))
  );
};

/**
 * Offers the word to another participant. Only the participant with the word may offer it, or anyone if nobody has it.
 * A second offer of the same participant replaces its first.
 */
export const offer = (
  { to, ...offered }: PayloadOf<typeof dialogCommands, "hand-off">,
  dialog: Dialog,
  { aggregateId: id, principal: from }: DialogContext,
  known: KnownToDialogs,
): DialogDecision => {
  const { speaker, handOff: pending } = dialog;
  if (speaker !== undefined && speaker !== from)
    return refuse("not-the-speaker", `dialog \`${id}\`: \`${speaker}\` has the word; only it can hand it off`, {
      speaker,
    });
  if (pending !== undefined && pending.from !== from)
    return refuse(
      "hand-off-pending",
      `dialog \`${id}\`: \`${pending.from}\` has offered the word to \`${pending.to}\`; wait for the answer`,
      { handOff: pending.handOff, from: pending.from, to: pending.to },
    );
  if (to === from || !audienceOf(dialog, known).some((participant) => participant.id === to))
    return refuse(
      "unknown-recipient",
      `dialog \`${id}\`: \`${to}\` is not another participant; hand off to one that takes part`,
      { recipients: [to] },
    );
  const problem = contextProblem(id, dialog, from, to, offered.context);
  if (problem !== undefined) return problem;
  const handOff: DialogEvent = {
    type: "hand-off-offered",
    data: { handOff: dialog.handOffs + 1, from, to, ...offered },
  };
  const paused = afterLastTurn(dialog);
  if (pending === undefined) return accept(handOff, ...paused);
  const withdrawn: DialogEvent = { type: "hand-off-withdrawn", data: Struct.omit(pending, ["context"]) };
  return accept(withdrawn, handOff, ...paused);
};

/** Returns the offer that a participant answers: the one that it names, or the one waiting for it. */
const answered = (
  dialog: Dialog,
  number: number | undefined,
  { aggregateId, principal }: DialogContext,
): HandOff | Result.Result<never, Rejection> => {
  const { handOff } = dialog;
  return handOff?.to === principal && (number === undefined || number === handOff.handOff)
    ? handOff
    : refuse(
        "no-hand-off",
        `dialog \`${aggregateId}\`: ${number === undefined ? "no hand-off" : `hand-off ${number}`} waits for \`${principal}\`; it was answered or withdrawn, or went to someone else`,
      );
};

/** Accepts the word, and merges the offered context as the dialog is configured. */
export const acceptOffer = (
  { handOff }: PayloadOf<typeof dialogCommands, "accept-hand-off">,
  dialog: Dialog,
  context: DialogContext,
): DialogDecision => {
  const offered = answered(dialog, handOff, context);
  if (!("from" in offered)) return offered;
  const merge = offered.context === undefined ? undefined : dialog.merge;
  return accept({ type: "hand-off-accepted", data: { ...offered, ...defined({ merge }) } });
};

/** Declines the offer. The word stays where it is. */
export const declineOffer = (
  { handOff, ...why }: PayloadOf<typeof dialogCommands, "decline-hand-off">,
  dialog: Dialog,
  context: DialogContext,
): DialogDecision => {
  const offered = answered(dialog, handOff, context);
  if (!("from" in offered)) return offered;
  return accept({ type: "hand-off-declined", data: { ...Struct.omit(offered, ["context"]), ...why } });
};

/**
 * Returns the end of a waiting offer if one of its two participants leaves. If the receiver leaves, the offer counts as
 * declined. Otherwise the offering participant would wait for an answer that never comes.
 */
export const offersOf = (
  participant: string,
  { handOff }: Dialog,
  reason: "left" | "signed-off",
): ReadonlyArray<DialogEvent> => {
  if (handOff === undefined) return [];
  const ended = Struct.omit(handOff, ["context"]);
  if (ended.to === participant) return [{ type: "hand-off-declined", data: { ...ended, reason } }];
  return ended.from === participant ? [{ type: "hand-off-withdrawn", data: ended }] : [];
};

/**
 * Releases a participant that signed off. Its offers and the offers to it end, and it gives back the word so that
 * others can take it.
 */
export const release = (
  { participant }: PayloadOf<typeof dialogCommands, "release">,
  dialog: Dialog,
): DialogDecision => {
  const reason = "signed-off";
  const ended = offersOf(participant, dialog, reason);
  return dialog.speaker === participant
    ? accept<DialogEvent>(...ended, { type: "word-returned", data: { from: participant, reason } })
    : accept(...ended);
};
