import { HashMap, HashSet, Option } from "effect";
import type { InboxChannel, Undelivered } from "../../../contract/deliveries.ts";
import { agent } from "../../../domain/agent/decider.ts";
import { courseAfter } from "../../../domain/consensus/course.ts";
import { proposal } from "../../../domain/consensus/decider.ts";
import { type ContextEntries, changed } from "../../../domain/dialog/context.ts";
import { dialog } from "../../../domain/dialog/decider.ts";
import { sharedChangeOf } from "../../../domain/dialog/set-context.ts";
import type { AwaitedTurn, Dialog } from "../../../domain/dialog/state.ts";
import { isEventOf, type RecordedEvent, type RecordedEventOf } from "../../../domain/kernel/mod.ts";
import { task } from "../../../domain/task/decider.ts";
import type { Action } from "../../action.ts";

/** The data of one type of event. */
export type DataOf<E, T> = E extends { readonly type: T; readonly data: infer Data } ? Data : never;
type TaskEvent = RecordedEventOf<typeof task.events>;
type DialogEvent = RecordedEventOf<typeof dialog.events>;
type ProposalEvent = RecordedEventOf<typeof proposal.events>;
/** A turn as it was said. */
export type Said = DataOf<DialogEvent, "turn-said">;

/** A dialog that is open or whose timers must still be cancelled, with its turns that wait for an answer. */
export interface OpenDialog {
  readonly state: Dialog;
  readonly awaited: ReadonlyArray<Said>;
  /** The turns that stopped waiting with the newest event. */
  readonly over: ReadonlyArray<AwaitedTurn>;
}

/** An open task: the request, its agent, and its attempt. */
export interface DeliveredTask {
  readonly request: DataOf<TaskEvent, "task-submitted">;
  readonly agent?: string;
  readonly attempt: number;
}

/** An open proposal: its submission, its voting rules, and the conditions of the last ended round. */
export interface OpenProposal {
  readonly submitted: DataOf<ProposalEvent, "proposal-submitted">;
  readonly opened?: DataOf<ProposalEvent, "voting-opened">;
  readonly conditions: DataOf<ProposalEvent, "round-ended">["conditions"] | readonly [];
}

/** The agents that have an inbox, and the parts of other aggregates that deliveries contain. */
export interface DeliveriesState {
  /** The registered agents. */
  readonly agents: HashSet.HashSet<string>;
  /** The agents that signed off and have not returned. Turns wait for them. */
  readonly away: HashSet.HashSet<string>;
  readonly tasks: HashMap.HashMap<string, DeliveredTask>;
  /** The task that the newest event ended. */
  readonly ended: DeliveredTask | undefined;
  readonly dialogs: HashMap.HashMap<string, OpenDialog>;
  /** The shared contexts of dialogs, by id. */
  readonly contexts: HashMap.HashMap<string, ContextEntries>;
  readonly proposals: HashMap.HashMap<string, OpenProposal>;
}

export const nothingYet: DeliveriesState = {
  agents: HashSet.empty(),
  away: HashSet.empty(),
  tasks: HashMap.empty(),
  ended: undefined,
  dialogs: HashMap.empty(),
  contexts: HashMap.empty(),
  proposals: HashMap.empty(),
};

/** Returns the value of a key; undefined if there is none. */
export const found = <T>(map: HashMap.HashMap<string, T>, key: string): T | undefined =>
  Option.getOrUndefined(HashMap.get(map, key));

const waitsIn = ({ awaited }: Dialog, turn: number): boolean => awaited.some((one) => one.turn === turn);

const dialogAfter = (before: OpenDialog | undefined, event: RecordedEvent & DialogEvent): OpenDialog | undefined => {
  const { version, actor, time } = event;
  const state = dialog.evolve(before?.state ?? null, event, { aggregateId: event.id, version, actor, time });
  if (state === null) return undefined;
  const said = event.type === "turn-said" ? [...(before?.awaited ?? []), event.data] : (before?.awaited ?? []);
  return {
    state,
    awaited: said.filter(({ turn }) => waitsIn(state, turn)),
    over: (before?.state.awaited ?? []).filter(({ turn }) => !waitsIn(state, turn)),
  };
};

const evolveByDialog = (state: DeliveriesState, event: RecordedEvent & DialogEvent): DeliveriesState => {
  const before = found(state.dialogs, event.id);
  const after = dialogAfter(before, event);
  const isOver = after === undefined || (after.state.status === "closed" && after.over.length === 0);
  const dialogs = isOver ? HashMap.remove(state.dialogs, event.id) : HashMap.set(state.dialogs, event.id, after);
  const shared = sharedChangeOf(event);
  if (shared === undefined) return { ...state, dialogs };
  const { id, change } = shared;
  const contexts = HashMap.set(state.contexts, id, changed(found(state.contexts, id) ?? {}, change));
  return { ...state, dialogs, contexts };
};

const evolveByTask = (state: DeliveriesState, event: RecordedEvent & TaskEvent): DeliveriesState => {
  const { id } = event;
  if (event.type === "task-submitted")
    return { ...state, tasks: HashMap.set(state.tasks, id, { request: event.data, attempt: 0 }) };
  const open = found(state.tasks, id);
  if (open === undefined) return state;
  switch (event.type) {
    case "task-assigned": {
      const { agent: holder, attempt } = event.data;
      return { ...state, tasks: HashMap.set(state.tasks, id, { ...open, agent: holder, attempt }) };
    }
    case "task-completed":
    case "task-failed":
    case "task-cancelled":
      return { ...state, tasks: HashMap.remove(state.tasks, id), ended: open };
    default:
      return state;
  }
};

const evolveByProposal = (state: DeliveriesState, event: RecordedEvent & ProposalEvent): DeliveriesState => {
  const { id } = event;
  const keep = (open: OpenProposal) => ({ ...state, proposals: HashMap.set(state.proposals, id, open) });
  if (event.type === "proposal-submitted") return keep({ submitted: event.data, conditions: [] });
  const open = found(state.proposals, id);
  if (open === undefined) return state;
  const removed = () => ({ ...state, proposals: HashMap.remove(state.proposals, id) });
  switch (event.type) {
    case "voting-opened":
      return keep({ ...open, opened: event.data });
    case "round-ended":
      return keep({ ...open, conditions: event.data.conditions });
    case "proposal-vetoed":
      // The vote resumes if the key that signed the veto is revoked.
      return event.data.signedBy === undefined ? removed() : state;
    case "round-opened":
    case "voting-extended":
      return state;
    default:
      // An approved proposal takes no more ballots, so nothing more is delivered about it.
      return courseAfter[event.type] === "noted" ? state : removed();
  }
};

/** Returns the state of deliveries after an event. */
export const evolve = (before: DeliveriesState, event: RecordedEvent): DeliveriesState => {
  const { id } = event;
  const state: DeliveriesState = before.ended === undefined ? before : { ...before, ended: undefined };
  if (isEventOf(agent, event)) {
    const { agents, away } = state;
    if (event.type === "agent-registered")
      return { ...state, agents: HashSet.add(agents, id), away: HashSet.remove(away, id) };
    return event.type === "agent-deregistered"
      ? { ...state, agents: HashSet.remove(agents, id), away: HashSet.add(away, id) }
      : state;
  }
  if (isEventOf(task, event)) return evolveByTask(state, event);
  if (isEventOf(dialog, event)) return evolveByDialog(state, event);
  return isEventOf(proposal, event) ? evolveByProposal(state, event) : state;
};

/**
 * Returns a delivery, if the recipient has an inbox. The same event always has the same delivery id. If an agent has
 * signed off, only its turns and hand-offs wait for its return. Its tasks go to other agents, and votes ask only the
 * agents that are present.
 */
export const deliver = <C extends InboxChannel>(
  state: DeliveriesState,
  event: RecordedEvent,
  recipient: string,
  channel: C,
  message: Undelivered<C>,
): ReadonlyArray<Action> => {
  const waits = channel === "turn" && HashSet.has(state.away, recipient);
  if (!waits && !HashSet.has(state.agents, recipient)) return [];
  const deliveryId = `${event.eventId}:${recipient}`;
  return [{ kind: "deliver", agent: recipient, channel, deliveryId, message: { deliveryId, ...message } }];
};
