import { agent } from "../../../domain/agent/decider.ts";
import { proposal } from "../../../domain/consensus/decider.ts";
import { dialog } from "../../../domain/dialog/decider.ts";
import { defined, isEventOf, type RecordedEvent, type RecordedEventOf } from "../../../domain/kernel/mod.ts";
import { deadlineExceeded } from "../../../domain/task/contract.ts";
import { task } from "../../../domain/task/decider.ts";
import type { Action } from "../../action.ts";
import type { ProcessManager } from "../../process-manager.ts";
import { ballots } from "../actions.ts";
import { ofDeparture, ofDialog } from "./of-dialog.ts";
import { type DataOf, type DeliveriesState, deliver, evolve, found, nothingYet } from "./state.ts";
import { stillMatters } from "./still-matters.ts";

type TaskEvent = RecordedEventOf<typeof task.events>;
type ProposalEvent = RecordedEventOf<typeof proposal.events>;

const ofTask = (state: DeliveriesState, event: RecordedEvent & TaskEvent): ReadonlyArray<Action> => {
  const { id } = event;
  const open = state.ended ?? found(state.tasks, id);
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
        task: defined({ id, type, priority, attempt, acknowledgeBy, requiredCapabilities, parent, payload }),
      });
    }
    case "child-ended": {
      const end: DataOf<TaskEvent, "child-ended"> = event.data;
      return open.agent === undefined
        ? []
        : deliver(state, event, open.agent, "task", { kind: "child-ended", task: { id, attempt }, ...end });
    }
    case "assignment-expired":
      return withdrawn(event.data.agent, event.data.reason);
    case "task-failed":
      // An agent knows of the failures that it reports, and of an expired attempt already.
      return event.data.reason === deadlineExceeded && event.data.agent !== undefined
        ? withdrawn(event.data.agent, deadlineExceeded)
        : [];
    case "task-cancelled":
      return event.data.agent === undefined ? [] : withdrawn(event.data.agent, event.data.reason ?? "cancelled");
    default:
      return [];
  }
};

const ofProposal = (state: DeliveriesState, event: RecordedEvent & ProposalEvent): ReadonlyArray<Action> => {
  const open = found(state.proposals, event.id);
  if (open?.opened === undefined) return [];
  const { submitted, opened, conditions } = open;
  const { kind, title, subject, excluded } = submitted;
  const { protocol, quorum, deadline } = opened;
  const proposal = { id: event.id, kind, title, subject, protocol, quorum, deadline };
  if (event.type === "voting-opened") {
    const round = defined({ round: excluded === undefined ? undefined : 1 });
    return event.data.electorate.flatMap(({ id: voter, weight }) =>
      deliver(state, event, voter, "proposal", { kind: "voting-opened", proposal: { ...proposal, weight, ...round } }),
    );
  }
  if (event.type !== "round-opened") return [];
  const { round, subject: revised, electorate, deadline: end, carried } = event.data;
  const again = { ...proposal, subject: revised, deadline: end, round };
  const stands = new Set(carried);
  return electorate.flatMap(({ id: voter, weight }) =>
    deliver(state, event, voter, "proposal", {
      kind: "round-opened",
      proposal: { ...again, weight },
      conditions,
      carried: stands.has(voter),
    }),
  );
};

const react = (state: DeliveriesState, event: RecordedEvent): ReadonlyArray<Action> => {
  if (isEventOf(agent, event)) {
    if (event.type === "agent-registered") return [{ kind: "open-inbox", agent: event.id }];
    return event.type === "agent-deregistered"
      ? [{ kind: "keep-inbox", agent: event.id }, ...ofDeparture(state, event.id)]
      : [];
  }
  if (isEventOf(task, event)) return ofTask(state, event);
  if (isEventOf(dialog, event)) return ofDialog(state, event);
  if (isEventOf(proposal, event)) return ofProposal(state, event);
  return [];
};

/**
 * Delivers to agents what concerns them: tasks that they get or lose, turns and hand-offs, open votes. If an agent
 * signs off, this process takes back what waits for it in dialogs.
 */
export const deliveries: ProcessManager<DeliveriesState> = {
  name: "deliveries",
  aggregates: [agent.name, task.name, dialog.name, proposal.name],
  ignores: ballots,
  concurrency: 64,
  delivers: true,
  owners: ({ agents }) => agents,
  stillMatters,
  initial: nothingYet,
  evolve,
  react,
};
