import { HashMap } from "effect";
import { agent } from "../../../domain/agent/decider.ts";
import { isEventOf, type RecordedEvent, type RecordedEventOf } from "../../../domain/kernel/mod.ts";
import { task } from "../../../domain/task/decider.ts";
import { canTake, choose } from "./choice.ts";
import {
  type AllocationState,
  drop,
  enqueue,
  hold,
  type OpenTask,
  release,
  taskOf,
  type Worker,
  withTask,
  withWorker,
  workerOf,
} from "./state.ts";

const assign = (state: AllocationState, open: OpenTask, agentId: string, reasons: ReadonlyArray<string>) => {
  const attempt = open.attempt + 1;
  const held = hold(state, { ...open, attempt }, agentId);
  return { ...held, decided: [...held.decided, { task: open.id, attempt, agent: agentId, reasons }] };
};

/** Gives a waiting task to the best agent that has room for it. */
const place = (state: AllocationState, id: string): AllocationState => {
  const open = taskOf(state, id);
  if (open === undefined || open.agent !== undefined) return state;
  const choice = choose(HashMap.values(state.workers), open);
  return choice === undefined ? state : assign(state, open, choice.worker.id, choice.reasons);
};

/** Gives an agent that may have room the waiting tasks it can take, as long as it is the best for them. */
const employ = (state: AllocationState, agentId: string): AllocationState => {
  let next = state;
  for (const id of state.queue) {
    const worker = workerOf(next, agentId);
    if (worker === undefined || worker.holds.length >= worker.maxConcurrentTasks) return next;
    const open = taskOf(next, id);
    if (open !== undefined && canTake(worker, open)) next = place(next, id);
  }
  return next;
};

const unknownWorker = (id: string): Worker => ({
  id,
  registered: false,
  status: "offline",
  capabilities: [],
  maxConcurrentTasks: 1,
  holds: [],
});

const evolveByAgent = (state: AllocationState, event: RecordedEventOf<typeof agent.events>): AllocationState => {
  const worker = workerOf(state, event.id) ?? unknownWorker(event.id);
  switch (event.type) {
    case "agent-registered": {
      const { capabilities, maxConcurrentTasks } = event.data;
      return employ(withWorker(state, { ...worker, registered: true, capabilities, maxConcurrentTasks }), event.id);
    }
    case "capabilities-updated":
      return employ(withWorker(state, { ...worker, ...event.data }), event.id);
    case "presence-changed":
      return employ(withWorker(state, { ...worker, status: event.data.status }), event.id);
    case "agent-deregistered":
      return withWorker(state, { ...worker, registered: false });
  }
};

const evolveByTask = (state: AllocationState, event: RecordedEventOf<typeof task.events>): AllocationState => {
  if (event.type === "task-submitted") {
    const { priority, requiredCapabilities, preferredCapabilities, maxAttempts } = event.data;
    const open: OpenTask = {
      id: event.id,
      submitted: event.position,
      attempt: 0,
      ...{ priority, requiredCapabilities, preferredCapabilities, maxAttempts },
    };
    return place(enqueue(withTask(state, open), open), open.id);
  }
  const open = taskOf(state, event.id);
  if (open === undefined) return state;
  switch (event.type) {
    case "task-assigned": {
      const { agent: agentId, attempt } = event.data;
      return hold(agentId === open.agent ? state : release(state, open), { ...open, attempt }, agentId);
    }
    case "assignment-expired": {
      const waiting: OpenTask = { ...open, lostBy: event.data.agent };
      const freed = release(state, waiting);
      // After the last attempt the task fails in the same commit.
      if (event.data.attempt >= open.maxAttempts) return employ(freed, event.data.agent);
      return employ(place(enqueue(freed, waiting), open.id), event.data.agent);
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
 * The allocator after an event, with what it decides because of it. Decisions are part of the state, so that they count
 * for the agents at once and not only when their events come back from the log.
 */
export const evolve = (state: AllocationState, event: RecordedEvent): AllocationState => {
  const before: AllocationState = state.decided.length === 0 ? state : { ...state, decided: [] };
  if (isEventOf(agent, event)) return evolveByAgent(before, event);
  if (isEventOf(task, event)) return evolveByTask(before, event);
  return before;
};
