import { HashMap, HashSet, Option, type Schema } from "effect";
import { agent } from "../../domain/agent/decider.ts";
import { proposal } from "../../domain/consensus/decider.ts";
import { dialog } from "../../domain/dialog/decider.ts";
import { isEventOf, type RecordedEvent, type RecordedEventOf } from "../../domain/kernel/mod.ts";
import { deadlineExceeded } from "../../domain/task/contract.ts";
import { task } from "../../domain/task/decider.ts";
import type { InboxChannel } from "../ports/mod.ts";
import type { Action, ProcessManager } from "../process-manager.ts";

type DataOf<E, T> = E extends { readonly type: T; readonly data: infer Data } ? Data : never;
type TaskEvent = RecordedEventOf<typeof task.events>;
type DialogEvent = RecordedEventOf<typeof dialog.events>;
type ProposalEvent = RecordedEventOf<typeof proposal.events>;

/** A task that is not over: what was asked, and which attempt of whom it is in. */
interface DeliveredTask {
  readonly request: DataOf<TaskEvent, "task-submitted">;
  readonly agent?: string;
  readonly attempt: number;
}

/** Who has an inbox, and what deliveries tell about their subjects. */
interface DeliveriesState {
  readonly agents: HashSet.HashSet<string>;
  readonly tasks: HashMap.HashMap<string, DeliveredTask>;
  /** The task that the newest event ended. */
  readonly ended: DeliveredTask | undefined;
  readonly dialogs: HashMap.HashMap<string, DataOf<DialogEvent, "dialog-opened">>;
  readonly proposals: HashMap.HashMap<string, DataOf<ProposalEvent, "proposal-submitted">>;
}

const evolveByTask = (state: DeliveriesState, event: RecordedEvent & TaskEvent): DeliveriesState => {
  const { id } = event;
  if (event.type === "task-submitted")
    return { ...state, tasks: HashMap.set(state.tasks, id, { request: event.data, attempt: 0 }) };
  const open = Option.getOrUndefined(HashMap.get(state.tasks, id));
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

const evolve = (before: DeliveriesState, event: RecordedEvent): DeliveriesState => {
  const { id } = event;
  const state: DeliveriesState = before.ended === undefined ? before : { ...before, ended: undefined };
  if (isEventOf(agent, event)) {
    if (event.type === "agent-registered") return { ...state, agents: HashSet.add(state.agents, id) };
    return event.type === "agent-deregistered" ? { ...state, agents: HashSet.remove(state.agents, id) } : state;
  }
  if (isEventOf(task, event)) return evolveByTask(state, event);
  if (isEventOf(dialog, event)) {
    if (event.type === "dialog-opened") return { ...state, dialogs: HashMap.set(state.dialogs, id, event.data) };
    return event.type === "dialog-closed" ? { ...state, dialogs: HashMap.remove(state.dialogs, id) } : state;
  }
  if (isEventOf(proposal, event)) {
    if (event.type === "proposal-submitted")
      return { ...state, proposals: HashMap.set(state.proposals, id, event.data) };
    const isOver = event.type !== "voting-opened" && event.type !== "ballot-cast";
    return isOver ? { ...state, proposals: HashMap.remove(state.proposals, id) } : state;
  }
  return state;
};

/** A delivery, where the recipient has an inbox: the same event gives the same delivery id. */
const deliver = (
  state: DeliveriesState,
  event: RecordedEvent,
  recipient: string,
  channel: InboxChannel,
  message: Readonly<Record<string, Schema.Json>>,
): ReadonlyArray<Action> => {
  if (!HashSet.has(state.agents, recipient)) return [];
  const deliveryId = `${event.eventId}:${recipient}`;
  return [{ kind: "deliver", agent: recipient, channel, deliveryId, message: { deliveryId, ...message } }];
};

const ofTask = (state: DeliveriesState, event: RecordedEvent & TaskEvent): ReadonlyArray<Action> => {
  const { id } = event;
  const open = state.ended ?? Option.getOrUndefined(HashMap.get(state.tasks, id));
  if (open === undefined) return [];
  const { attempt } = open;
  const withdrawn = (recipient: string, reason: string) =>
    deliver(state, event, recipient, "task", { kind: "withdrawn", task: { id, attempt }, reason });
  switch (event.type) {
    case "task-assigned": {
      const { type, payload, priority, requiredCapabilities, parent } = open.request;
      const { agent: recipient, acknowledgeBy } = event.data;
      return deliver(state, event, recipient, "task", {
        kind: "assigned",
        task: {
          ...{ id, type, priority, attempt, acknowledgeBy, requiredCapabilities },
          ...(parent === undefined ? {} : { parent }),
          ...(payload === undefined ? {} : { payload }),
        },
      });
    }
    case "child-ended": {
      const end: DataOf<TaskEvent, "child-ended"> = event.data;
      const message = { kind: "child-ended", task: { id, attempt }, ...end };
      return open.agent === undefined ? [] : deliver(state, event, open.agent, "task", message);
    }
    case "assignment-expired":
      return withdrawn(event.data.agent, event.data.reason);
    case "task-failed":
      // What the agent says itself it need not be told, nor twice that its attempt expired.
      return event.data.reason === deadlineExceeded && event.data.agent !== undefined
        ? withdrawn(event.data.agent, deadlineExceeded)
        : [];
    case "task-cancelled":
      return event.data.agent === undefined ? [] : withdrawn(event.data.agent, event.data.reason ?? "cancelled");
    default:
      return [];
  }
};

const ofDialog = (state: DeliveriesState, event: RecordedEvent & DialogEvent): ReadonlyArray<Action> => {
  const opened = Option.getOrUndefined(HashMap.get(state.dialogs, event.id));
  if (event.type !== "turn-said" || opened === undefined) return [];
  const { turn, speaker, text, data, recipients } = event.data;
  const { type, topic } = opened;
  return recipients.flatMap((recipient) =>
    deliver(state, event, recipient, "turn", {
      kind: "said",
      dialog: { id: event.id, type, topic },
      ...{ turn, speaker, text },
      ...(data === undefined ? {} : { data }),
    }),
  );
};

const ofProposal = (state: DeliveriesState, event: RecordedEvent & ProposalEvent): ReadonlyArray<Action> => {
  const submitted = Option.getOrUndefined(HashMap.get(state.proposals, event.id));
  if (event.type !== "voting-opened" || submitted === undefined) return [];
  const { kind, title, subject } = submitted;
  const { electorate, protocol, quorum, deadline } = event.data;
  return electorate.flatMap(({ id: voter, weight }) =>
    deliver(state, event, voter, "proposal", {
      kind: "voting-opened",
      proposal: { id: event.id, kind, title, subject, protocol, quorum, deadline, weight },
    }),
  );
};

const react = (state: DeliveriesState, event: RecordedEvent): ReadonlyArray<Action> => {
  if (isEventOf(agent, event)) {
    if (event.type === "agent-registered") return [{ kind: "open-inbox", agent: event.id }];
    return event.type === "agent-deregistered" ? [{ kind: "close-inbox", agent: event.id }] : [];
  }
  if (isEventOf(task, event)) return ofTask(state, event);
  if (isEventOf(dialog, event)) return ofDialog(state, event);
  if (isEventOf(proposal, event)) return ofProposal(state, event);
  return [];
};

/** Tells agents what concerns them: tasks they get or lose, turns, votes that are open. */
export const deliveries: ProcessManager<DeliveriesState> = {
  name: "deliveries",
  aggregates: [agent.name, task.name, dialog.name, proposal.name],
  concurrency: 64,
  initial: {
    agents: HashSet.empty(),
    tasks: HashMap.empty(),
    ended: undefined,
    dialogs: HashMap.empty(),
    proposals: HashMap.empty(),
  },
  evolve,
  react,
};
