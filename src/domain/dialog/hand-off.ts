import type { Result } from "effect";
import { accept, type CommandOf, type DecisionContext, jsonBytes, type Rejection, refuse } from "../kernel/mod.ts";
import { audienceOf, type KnownToDialogs } from "./audience.ts";
import { type ContextValues, ownValue } from "./context.ts";
import { contradiction, sizeAfter, tooLarge } from "./context-refusals.ts";
import type { dialogCommands } from "./contract.ts";
import type { DialogEvent } from "./evolve.ts";
import type { Dialog, HandOff } from "./state.ts";

type Payload<T extends keyof typeof dialogCommands> = (CommandOf<typeof dialogCommands> & { type: T })["payload"];
type Decision = Result.Result<ReadonlyArray<DialogEvent>, Rejection>;
type Context = DecisionContext<KnownToDialogs | undefined>;

/**
 * What keeps a context from going with an offer. What the receiver sets until it accepts keeps nothing back: where the
 * dialog's strategy is `reject-on-conflict` its own value stands then.
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

/** Offers the word: whoever has it, or anyone while nobody has. An offer of one's own that waits is withdrawn for it. */
export const offer = (
  { to, ...offered }: Payload<"hand-off">,
  dialog: Dialog,
  { aggregateId: id, principal: from }: Context,
  known: KnownToDialogs,
): Decision => {
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
      `dialog \`${id}\`: \`${to}\` is no other participant; hand off to one who takes part`,
      { recipients: [to] },
    );
  const problem = contextProblem(id, dialog, from, to, offered.context);
  if (problem !== undefined) return problem;
  const handOff: DialogEvent = {
    type: "hand-off-offered",
    data: { handOff: dialog.handOffs + 1, from, to, ...offered },
  };
  if (pending === undefined) return accept(handOff);
  const { context: _, ...withdrawn } = pending;
  return accept<DialogEvent>({ type: "hand-off-withdrawn", data: withdrawn }, handOff);
};

/** The offer that a participant answers: the one it names, or the one that waits for it. */
const answered = (
  dialog: Dialog,
  number: number | undefined,
  { aggregateId, principal }: Context,
): HandOff | Result.Result<never, Rejection> => {
  const { handOff } = dialog;
  return handOff?.to === principal && (number === undefined || number === handOff.handOff)
    ? handOff
    : refuse(
        "no-hand-off",
        `dialog \`${aggregateId}\`: ${number === undefined ? "no hand-off" : `hand-off ${number}`} waits for \`${principal}\`; it was answered or withdrawn, or went to someone else`,
      );
};

/** Takes the word, and the context that comes with it, merged as the dialog does. */
export const acceptOffer = ({ handOff }: Payload<"accept-hand-off">, dialog: Dialog, context: Context): Decision => {
  const offered = answered(dialog, handOff, context);
  if (!("from" in offered)) return offered;
  const merge = offered.context === undefined ? {} : { merge: dialog.merge };
  return accept({ type: "hand-off-accepted", data: { ...offered, ...merge } });
};

/** Leaves the word where it is. */
export const declineOffer = (
  { handOff, ...why }: Payload<"decline-hand-off">,
  dialog: Dialog,
  context: Context,
): Decision => {
  const offered = answered(dialog, handOff, context);
  if (!("from" in offered)) return offered;
  const { context: _, ...declined } = offered;
  return accept({ type: "hand-off-declined", data: { ...declined, ...why } });
};

/** The end of an offer that waits, where one of the two goes: who made it hears that it was declined. */
export const offersOf = (
  participant: string,
  { handOff }: Dialog,
  reason: "left" | "signed-off",
): ReadonlyArray<DialogEvent> => {
  if (handOff === undefined) return [];
  const { context: _, ...ended } = handOff;
  if (ended.to === participant) return [{ type: "hand-off-declined", data: { ...ended, reason } }];
  return ended.from === participant ? [{ type: "hand-off-withdrawn", data: ended }] : [];
};

/** A participant signed off: nothing waits for it, and it keeps nobody from taking the word. */
export const release = ({ participant }: Payload<"release">, dialog: Dialog): Decision => {
  const reason = "signed-off";
  const ended = offersOf(participant, dialog, reason);
  return dialog.speaker === participant
    ? accept<DialogEvent>(...ended, { type: "word-returned", data: { from: participant, reason } })
    : accept(...ended);
};
