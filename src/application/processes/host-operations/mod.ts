import { HashMap, Option } from "effect";
import { agent } from "../../../domain/agent/decider.ts";
import { proposal } from "../../../domain/consensus/decider.ts";
import { freeze } from "../../../domain/freeze/decider.ts";
import { host } from "../../../domain/host/decider.ts";
import { isEventOf, type RecordedEvent, type RecordedEventOf } from "../../../domain/kernel/mod.ts";
import { task } from "../../../domain/task/decider.ts";
import type { CommandHandling } from "../../command-handling.ts";
import type { Digests, EventStore, Snapshots } from "../../ports/mod.ts";
import type { ProcessManager } from "../../process-manager.ts";
import type { ReadModels } from "../../read-models.ts";
import { ballots } from "../actions.ts";
import { onFreeze, onProposal, proposeChange, proposeRepair, proposeUnrepaired, proposeWaiting } from "./proposals.ts";
import { scale } from "./scale.ts";
import { hostOf, nothingGoesOn, type OperationsState, operationsName, type Voter } from "./state.ts";
import { beginOperation, endTasksOn, onTask } from "./tasks.ts";

const stranger: Voter = { registered: false, status: "offline", reviews: false, isPerson: false };

const voterAfter = (voter: Voter, event: RecordedEventOf<typeof agent.events>): Voter => {
  switch (event.type) {
    case "agent-registered": {
      const { capabilities, metadata } = event.data;
      return {
        ...voter,
        registered: true,
        reviews: capabilities.includes("review"),
        isPerson: metadata?.kind === "person",
      };
    }
    case "capabilities-updated":
      return { ...voter, reviews: event.data.capabilities.includes("review") };
    case "presence-changed":
      return { ...voter, status: event.data.status };
    case "key-changed":
      return voter;
    case "agent-deregistered":
      return { ...voter, registered: false };
  }
};

const byAgent = (state: OperationsState, event: RecordedEventOf<typeof agent.events>): OperationsState => {
  const voter = Option.getOrElse(HashMap.get(state.voters, event.id), () => stranger);
  return proposeWaiting({ ...state, voters: HashMap.set(state.voters, event.id, voterAfter(voter, event)) });
};

const byHost = (state: OperationsState, event: RecordedEventOf<typeof host.events>): OperationsState => {
  const { id } = event;
  const after = host.evolve(hostOf(state, id), event, { ...event, aggregateId: id });
  const next = { ...state, hosts: HashMap.set(state.hosts, id, after) };
  switch (event.type) {
    case "host-drift-detected":
      return proposeRepair(next, id, event.data.drift, event.data);
    case "host-drift-resolved":
      return event.data.kind === "unreachable" && event.data.by === "observed"
        ? proposeUnrepaired(next, id, event.data.drift)
        : next;
    case "change-proposed":
      return proposeChange(next, id, event.data.change);
    case "operation-requested":
      return beginOperation(next, id, event.data);
    case "host-change-begun":
      return endTasksOn(next, id, event.data.deployment);
    default:
      return next;
  }
};

const evolve = (before: OperationsState, event: RecordedEvent): OperationsState => {
  const state: OperationsState = before.decided.length === 0 ? before : { ...before, decided: [] };
  if (isEventOf(agent, event)) return byAgent(state, event);
  if (isEventOf(freeze, event)) return onFreeze(state, event);
  if (isEventOf(host, event)) return byHost(state, event);
  if (isEventOf(proposal, event)) return onProposal(state, event);
  if (isEventOf(task, event)) return onTask(state, event);
  return state;
};

/**
 * Puts drifts and requested changes to the vote. Turns each one that was approved, or that needs no vote, into a task.
 */
export const hostOperations: ProcessManager<
  OperationsState,
  Digests | EventStore | Snapshots | ReadModels | CommandHandling
> = {
  name: operationsName,
  aggregates: [agent.name, freeze.name, host.name, proposal.name, task.name],
  ignores: ballots,
  initial: nothingGoesOn,
  evolve,
  react: ({ decided }) => decided,
  operations: { scale },
};
