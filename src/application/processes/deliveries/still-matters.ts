import { HashSet, Result, Schema } from "effect";
import { type InboxChannel, ProposalDelivery, TaskDelivery, TurnDelivery } from "../../../contract/deliveries.ts";
import type { Delivery } from "../../owed.ts";
import { type DeliveriesState, found } from "./state.ts";

type Matters = (state: DeliveriesState, agent: string, message: Schema.Json) => string | undefined;

const ofTask: Matters = ({ tasks }, agent, message) => {
  const delivery = Result.getOrUndefined(decodeTask(message));
  if (delivery?.kind !== "assigned") return undefined;
  const { id, attempt } = delivery.task;
  const open = found(tasks, id);
  return open?.agent === agent && open.attempt === attempt ? id : undefined;
};

const ofVote: Matters = ({ proposals }, _, message) => {
  const id = Result.getOrUndefined(decodeProposal(message))?.proposal.id;
  return id !== undefined && found(proposals, id)?.opened !== undefined ? id : undefined;
};

const ofTurn: Matters = ({ dialogs }, agent, message) => {
  const delivery = Result.getOrUndefined(decodeTurn(message));
  if (delivery === undefined) return undefined;
  const { id } = delivery.dialog;
  const state = found(dialogs, id)?.state;
  if (delivery.kind === "hand-off") return state?.handOff?.to === agent ? `${id} hand-off` : undefined;
  if (delivery.kind !== "said") return undefined;
  const isAwaited = state?.awaited.some(({ turn, asked }) => turn === delivery.turn && asked.includes(agent));
  return isAwaited === true ? `${id} ${delivery.turn}` : undefined;
};

const decodeTask = Schema.decodeUnknownResult(TaskDelivery);
const decodeProposal = Schema.decodeUnknownResult(ProposalDelivery);
const decodeTurn = Schema.decodeUnknownResult(TurnDelivery);

const byChannel: Readonly<Record<InboxChannel, Matters>> = { task: ofTask, proposal: ofVote, turn: ofTurn };

/**
 * Returns a key if a delivery is still relevant, so that it is made again after a loss of the inboxes. Relevant are a
 * task for its current agent, an open vote, a turn that waits for an answer, and an offered word. The transcript has
 * all other turns.
 */
export const stillMatters = (state: DeliveriesState, { agent, channel, message }: Delivery): string | undefined => {
  const { agents, away } = state;
  if (!HashSet.has(agents, agent) && !HashSet.has(away, agent)) return undefined;
  const key = byChannel[channel](state, agent, message);
  return key === undefined ? undefined : `${agent} ${channel} ${key}`;
};
