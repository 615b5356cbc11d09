import { HashSet } from "effect";
import { agent } from "../../domain/agent/decider.ts";
import { addSeconds, defined, isEventOf, type RecordedEvent, type RecordedEventOf } from "../../domain/kernel/mod.ts";
import {
  type AllocationState,
  drop,
  employ,
  hold,
  nothingYet,
  place,
  placeElsewhere,
  release,
  taskOf,
  withAbility,
  withWorker,
  workerOf,
} from "../../domain/task/allocation.ts";
import type { OpenTask, Worker } from "../../domain/task/choice.ts";
import { defaultStrategy } from "../../domain/task/contract.ts";
import { task } from "../../domain/task/decider.ts";
import type { Action } from "../action.ts";
import type { ProcessManager } from "../process-manager.ts";
import { cancelTimer, give, schedule } from "./actions.ts";

type TaskEvent = RecordedEventOf<typeof task.events>;

const unknownWorker = (id: string): Worker => ({
  id,
  registered: false,
  status: "offline",
  capabilities: [],
  maxConcurrentTasks: 1,
  holds: HashSet.empty(),
  load: 0,
  uses: {},
  turn: 0,
});

const evolveByAgent = (state: AllocationState, event: RecordedEventOf<typeof agent.events>): AllocationState => {
  const worker = workerOf(state, event.id) ?? unknownWorker(event.id);
  switch (event.type) {
    case "agent-registered":
      return employ(withAbility(state, { ...worker, registered: true }, event.data), event.id);
    case "capabilities-updated":
      return employ(withAbility(state, worker, event.data), event.id);
    case "presence-changed":
      return employ(withWorker(state, { ...worker, status: event.data.status }), event.id);
    case "key-changed":
      return state;
    case "agent-deregistered":
      // It counts as offline from its departure until its next heartbeat.
      return withWorker(state, { ...worker, registered: false, status: "offline" });
  }
};

const submitted = ({ id, position, data }: TaskEvent & { type: "task-submitted" }): OpenTask => {
  const { priority, requiredCapabilities, preferredCapabilities, maxAttempts, deadlineSeconds, to, chain } = data;
  return {
    id,
    priority,
    submitted: position,
    requiredCapabilities,
    preferredCapabilities,
    maxAttempts,
    ...defined({ to, chain }),
    strategy: data.strategy ?? defaultStrategy,
    attempt: 0,
    lostBy: [],
    hasDeadline: deadlineSeconds !== undefined,
  };
};

const evolveByTask = (state: AllocationState, event: TaskEvent): AllocationState => {
  if (event.type === "task-submitted") return place(state, submitted(event));
  const open = taskOf(state, event.id);
  if (open === undefined) return state;
  switch (event.type) {
    case "task-assigned": {
      const { agent: agentId, attempt } = event.data;
      if (agentId === open.agent) return hold(state, { ...open, attempt }, agentId);
      const given = hold(release(state, open), { ...open, attempt }, agentId);
      return open.agent === undefined ? given : employ(given, open.agent);
    }
    case "assignment-expired":
    case "attempt-failed": {
      const loser = event.data.agent;
      const lost: OpenTask = { ...open, lostBy: [...open.lostBy, loser] };
      const freed = release(state, lost);
      // After the last attempt, the task fails in the same commit.
      return event.data.attempt >= open.maxAttempts ? employ(freed, loser) : placeElsewhere(freed, lost, loser);
    }
    case "task-completed":
    case "task-failed":
    case "task-cancelled": {
      const dropped = drop(state, open);
      return open.agent === undefined ? dropped : employ(dropped, open.agent);
    }
    default:
      return state;
  }
};

/**
 * Returns the allocator after an event, with its decisions. Decisions are part of the state, so they count against an
 * agent's capacity at once. Otherwise a burst of tasks would be assigned to the same agent before the first assignment
 * returned from the log.
 */
const evolve = (state: AllocationState, event: RecordedEvent): AllocationState => {
  const { ended: _, ...rest } = state;
  const before: AllocationState = { ...rest, decided: [] };
  if (isEventOf(agent, event)) return evolveByAgent(before, event);
  if (isEventOf(task, event)) return evolveByTask(before, event);
  return before;
};

/** The timer of an attempt's next step: first the acknowledgement, then the start. */
const stepTimer = (taskId: string, attempt: number) => `${taskId}-ack-${attempt}`;
const deadlineTimer = (taskId: string) => `${taskId}-deadline`;

/** Takes back the tasks of an agent that is gone. */
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
      return [schedule(stepTimer(event.id, attempt), acknowledgeBy, task, event.id, expire)];
    }
    case "task-acknowledged": {
      const attempt = taskOf(state, event.id)?.attempt;
      if (attempt === undefined) return [];
      const { agent: agentId, startBy } = event.data;
      const timer = stepTimer(event.id, attempt);
      if (startBy === undefined) return [cancelTimer(timer)];
      const payload = { agent: agentId, attempt, reason: "not-started" } as const;
      return [schedule(timer, startBy, task, event.id, { type: "expire-assignment", payload })];
    }
    case "task-started": {
      const attempt = taskOf(state, event.id)?.attempt;
      return attempt === undefined ? [] : [cancelTimer(stepTimer(event.id, attempt))];
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

/** Assigns tasks to agents that can do them, and takes them back from agents that do not. */
export const taskAssignment: ProcessManager<AllocationState> = {
  name: "task-assignment",
  aggregates: [agent.name, task.name],
  concurrency: 64,
  initial: nothingYet,
  evolve,
  react: (state, event) => [...consequences(state, event), ...assignments(state)],
};
