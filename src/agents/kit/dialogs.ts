import { type HandOff, type Turn, TurnDelivery } from "../../contract/deliveries.ts";
import type { AgentContext, AgentOptions } from "./agent-options.ts";
import { isDenied } from "./errors.ts";
import { reader } from "./json.ts";

const readDelivery = reader(TurnDelivery, "a delivery of a turn");

type Handlers = Pick<AgentOptions, "onTurn" | "onHandOff" | "onDialogNews">;

/**
 * Gives a command to a dialog under an id of its own, so that a delivery that comes twice is answered once. A refusal
 * by a rule means that the turn went to another participant, the offer was withdrawn, or the dialog is closed.
 */
const answer = async (
  { client, signal }: AgentContext,
  dialog: string,
  command: string,
  payload: object,
  purpose: string,
): Promise<void> => {
  try {
    const commandId = `${client.principal}.${dialog}.${purpose}`;
    await client.command("dialog", dialog, command, payload, { commandId, signal });
  } catch (error) {
    if (!isDenied(error)) throw error;
  }
};

/**
 * The same context, in which everything said in the dialog of a turn says that it answers the turn. So the dialog counts
 * answers to answers, and notices agents that answer each other without end.
 */
const answering = ({ client, signal }: AgentContext, { dialog, turn }: Turn): AgentContext => ({
  signal,
  client: {
    ...client,
    command: (aggregate, id, command, payload, options) => {
      const isAnswer = aggregate === "dialog" && id === dialog.id && command === "say";
      return client.command(aggregate, id, command, isAnswer ? { answers: turn, ...payload } : payload, options);
    },
  },
});

/** Acknowledges a turn that waits for an answer when the handler is done, because the handler may have said nothing. */
const takeTurn = async ({ onTurn }: Handlers, turn: Turn, context: AgentContext): Promise<void> => {
  if (onTurn === undefined) return;
  await onTurn(turn, answering(context, turn));
  if (turn.answerBy === undefined) return;
  await answer(context, turn.dialog.id, "acknowledge", { turn: turn.turn }, `acknowledge-${turn.turn}`);
};

const takeHandOff = async ({ onHandOff }: Handlers, offered: HandOff, context: AgentContext): Promise<void> => {
  const { dialog, handOff } = offered;
  const said = (await onHandOff?.(offered, context)) ?? { decline: "this agent takes no hand-offs" };
  const purpose = `hand-off-${handOff}`;
  if (said === "accept") return answer(context, dialog.id, "accept-hand-off", { handOff }, purpose);
  return answer(context, dialog.id, "decline-hand-off", { handOff, reason: said.decline }, purpose);
};

/** Takes a delivery that concerns a dialog. */
export const takeDialogDelivery = async (
  handlers: Handlers,
  message: unknown,
  context: AgentContext,
): Promise<void> => {
  const delivery = readDelivery(message);
  if (delivery.kind === "said") return takeTurn(handlers, delivery, context);
  if (delivery.kind === "hand-off") return takeHandOff(handlers, delivery, context);
  return handlers.onDialogNews?.(delivery, context);
};
