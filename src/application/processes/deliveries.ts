import { agent } from "../../domain/agent/decider.ts";
import { proposal } from "../../domain/consensus/decider.ts";
import { dialog } from "../../domain/dialog/decider.ts";
import { isEventOf, type RecordedEvent, type RecordedEventOf } from "../../domain/kernel/mod.ts";
import { task } from "../../domain/task/decider.ts";
import type { Action, ProcessManager } from "../process-manager.ts";
import { ofDialog } from "./deliveries/of-dialog.ts";
import { type DeliveriesState, deliver, evolve, found, nothingYet } from "./deliveries/state.ts";

type TaskEvent = RecordedEventOf<typeof task.events>;
type ProposalEvent = RecordedEventOf<typeof proposal.events>;

const ofTask = (state: DeliveriesState, event: RecordedEvent & TaskEvent): ReadonlyArray<Action> => {
  const { id } = event;
  const withdrawn = (recipient: string, reason: string) =>
    deliver(state, event, recipient, "task", { kind: "withdrawn", task: { id }, reason });
  switch (event.type) {
    case "task-assigned": {
      const submitted = found(state.tasks, id);
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

const ofProposal = (state: DeliveriesState, event: RecordedEvent & ProposalEvent): ReadonlyArray<Action> => {
  const submitted = found(state.proposals, event.id);
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

/** Tells agents what concerns them: tasks they get or lose, turns and hand-offs, votes that are open. */
export const deliveries: ProcessManager<DeliveriesState> = {
  name: "deliveries",
  aggregates: [agent.name, task.name, dialog.name, proposal.name],
  initial: nothingYet,
  evolve,
  react,
};
