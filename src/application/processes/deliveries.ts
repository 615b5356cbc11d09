import { HashMap, HashSet, Option, type Schema } from "effect";
import { agent } from "../../domain/agent/decider.ts";
import { proposal } from "../../domain/consensus/decider.ts";
import { dialog } from "../../domain/dialog/decider.ts";
import { isEventOf, type RecordedEvent, type RecordedEventOf } from "../../domain/kernel/mod.ts";
import { task } from "../../domain/task/decider.ts";
import type { InboxChannel } from "../ports/mod.ts";
import type { Action, ProcessManager } from "../process-manager.ts";

type DataOf<E, T> = E extends { readonly type: T; readonly data: infer Data } ? Data : never;
type TaskEvent = RecordedEventOf<typeof task.events>;
type DialogEvent = RecordedEventOf<typeof dialog.events>;
type ProposalEvent = RecordedEventOf<typeof proposal.events>;

/** Who has an inbox, and what deliveries tell about their subjects. */
interface DeliveriesState {
  readonly agents: HashSet.HashSet<string>;
  readonly tasks: HashMap.HashMap<string, DataOf<TaskEvent, "task-submitted">>;
  readonly dialogs: HashMap.HashMap<string, DataOf<DialogEvent, "dialog-opened">>;
  readonly proposals: HashMap.HashMap<string, DataOf<ProposalEvent, "proposal-submitted">>;
}

const evolve = (state: DeliveriesState, event: RecordedEvent): DeliveriesState => {
  const { id } = event;
  if (isEventOf(agent, event)) {
    if (event.type === "agent-registered") return { ...state, agents: HashSet.add(state.agents, id) };
    return event.type === "agent-deregistered" ? { ...state, agents: HashSet.remove(state.agents, id) } : state;
  }
  if (isEventOf(task, event)) {
    if (event.type === "task-submitted") return { ...state, tasks: HashMap.set(state.tasks, id, event.data) };
    const isOver = event.type === "task-completed" || event.type === "task-failed" || event.type === "task-cancelled";
    return isOver ? { ...state, tasks: HashMap.remove(state.tasks, id) } : state;
  }
  if (isEventOf(dialog, event)) {
    if (event.type === "dialog-opened") return { ...state, dialogs: HashMap.set(state.dialogs, id, event.data) };
    return event.type === "dialog-closed" ? { ...state, dialogs: HashMap.remove(state.dialogs, id) } : state;
  }
  if (isEventOf(proposal, event)) {
    if (event.type === "proposal-submitted")
      return { ...state, proposals: HashMap.set(state.proposals, id, event.data) };
    const isOpen = ["voting-opened", "ballot-cast", "voting-extended"].includes(event.type);
    return isOpen ? state : { ...state, proposals: HashMap.remove(state.proposals, id) };
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
  const withdrawn = (recipient: string, reason: string) =>
    deliver(state, event, recipient, "task", { kind: "withdrawn", task: { id }, reason });
  switch (event.type) {
    case "task-assigned": {
      const submitted = Option.getOrUndefined(HashMap.get(state.tasks, id));
      if (submitted === undefined) return [];
      const { type, payload, priority, requiredCapabilities } = submitted;
      const { agent: recipient, attempt, acknowledgeBy } = event.data;
      return deliver(state, event, recipient, "task", {
        kind: "assigned",
        task: {
          ...{ id, type, priority, attempt, acknowledgeBy, requiredCapabilities },
          ...(payload === undefined ? {} : { payload }),
        },
      });
    }
    case "assignment-expired":
      return withdrawn(event.data.agent, event.data.reason);
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
  initial: {
    agents: HashSet.empty(),
    tasks: HashMap.empty(),
    dialogs: HashMap.empty(),
    proposals: HashMap.empty(),
  },
  evolve,
  react,
};
