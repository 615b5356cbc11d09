import { HashSet } from "effect";
import { agent } from "../../domain/agent/decider.ts";
import { addSeconds, isEventOf, type RecordedEvent } from "../../domain/kernel/mod.ts";
import { task } from "../../domain/task/decider.ts";
import type { Action } from "../action.ts";
import type { ProcessManager } from "../process-manager.ts";
import { cancelTimer, give, schedule } from "./give.ts";
import { evolve } from "./task-assignment/allocate.ts";
import { type AllocationState, nothingYet, taskOf, workerOf } from "./task-assignment/state.ts";

const acknowledgeTimer = (taskId: string, attempt: number) => `${taskId}-ack-${attempt}`;
const deadlineTimer = (taskId: string) => `${taskId}-deadline`;

/** Takes back what an agent holds that is not there any more. */
const expireAllOf = (state: AllocationState, agentId: string): ReadonlyArray<Action> =>
  [...(workerOf(state, agentId)?.holds ?? HashSet.empty<string>())].flatMap((id) => {
    const attempt = taskOf(state, id)?.attempt;
    if (attempt === undefined) return [];
    const payload = { agent: agentId, attempt, reason: "agent-offline" } as const;
    return [give(task, id, { type: "expire-assignment", payload }, `${id}.expire-assignment`)];
  });

const consequences = (state: AllocationState, event: RecordedEvent): ReadonlyArray<Action> => {
  if (isEventOf(agent, event)) {
    const gone =
      event.type === "agent-deregistered" || (event.type === "presence-changed" && event.data.status === "offline");
    return gone ? expireAllOf(state, event.id) : [];
  }
  if (!isEventOf(task, event)) return [];
  switch (event.type) {
    case "task-submitted": {
      const { deadlineSeconds } = event.data;
      if (deadlineSeconds === undefined) return [];
      const expire = { type: "expire", payload: {} } as const;
      return [schedule(deadlineTimer(event.id), addSeconds(event.time, deadlineSeconds), task, event.id, expire)];
    }
    case "task-assigned": {
      const { agent: agentId, attempt, acknowledgeBy } = event.data;
      const payload = { agent: agentId, attempt, reason: "unacknowledged" } as const;
      const expire = { type: "expire-assignment", payload } as const;
      return [schedule(acknowledgeTimer(event.id, attempt), acknowledgeBy, task, event.id, expire)];
    }
    case "task-acknowledged": {
      const attempt = taskOf(state, event.id)?.attempt;
      return attempt === undefined ? [] : [cancelTimer(acknowledgeTimer(event.id, attempt))];
    }
    case "task-completed":
    case "task-failed":
    case "task-cancelled":
      return state.ended?.hasDeadline === true ? [cancelTimer(deadlineTimer(event.id))] : [];
    default:
      return [];
  }
};

const assignments = (state: AllocationState): ReadonlyArray<Action> =>
  state.decided.map(({ task: id, agent: agentId, strategy, reasons, attempt }) =>
    give(task, id, { type: "assign", payload: { agent: agentId, strategy, reasons } }, `${id}.assign.${attempt}`),
  );

/** Gives tasks to agents that can do them, and takes them back from agents that do not. */
export const taskAssignment: ProcessManager<AllocationState> = {
  name: "task-assignment",
  aggregates: [agent.name, task.name],
  concurrency: 64,
  initial: nothingYet,
  evolve,
  react: (state, event) => [...consequences(state, event), ...assignments(state)],
};
