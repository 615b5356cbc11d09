import { HashMap, HashSet } from "effect";
import { agent } from "../../../domain/agent/decider.ts";
import { isEventOf, type RecordedEvent, type RecordedEventOf } from "../../../domain/kernel/mod.ts";
import { defaultStrategy } from "../../../domain/task/contract.ts";
import { task } from "../../../domain/task/decider.ts";
import { obstacle } from "../../../domain/task/eligibility.ts";
import { choose } from "./choice.ts";
import { nextOf } from "./queue.ts";
import {
  type AllocationState,
  drop,
  hold,
  type OpenTask,
  release,
  taskOf,
  type Worker,
  wait,
  withAbility,
  withWorker,
  workerOf,
} from "./state.ts";

type TaskEvent = RecordedEventOf<typeof task.events>;

/** Gives a task to an agent. */
const assign = (state: AllocationState, open: OpenTask, agentId: string, reasons: ReadonlyArray<string>) => {
  const attempt = open.attempt + 1;
  const { id, strategy } = open;
  const held = hold(state, { ...open, attempt }, agentId);
  return { ...held, decided: [...held.decided, { task: id, attempt, agent: agentId, strategy, reasons }] };
};

/** Gives a task to the best agent that has room for it, or lets it wait. */
const place = (state: AllocationState, open: OpenTask): AllocationState => {
  const choice = choose(HashMap.values(state.workers), open);
  return choice === undefined ? wait(state, open) : assign(state, open, choice.worker.id, choice.reasons);
};

/** Gives an agent that may have room the waiting tasks it can take. */
const employ = (state: AllocationState, agentId: string): AllocationState => {
  for (let next = state; ; ) {
    const worker = workerOf(next, agentId);
    if (worker === undefined || worker.load >= worker.maxConcurrentTasks) return next;
    const open = taskOf(next, nextOf(next.queue, (need) => obstacle(worker, need) === undefined) ?? "");
    if (open === undefined) return next;
    next = place(next, open);
  }
};

/** Another agent gets the task where one has room for it; else it waits, and the one that lost it takes what comes next. */
const placeElsewhere = (state: AllocationState, open: OpenTask, loser: string): AllocationState => {
  const choice = choose(HashMap.values(state.workers), open);
  return choice === undefined || choice.worker.id === loser
    ? employ(wait(state, open), loser)
    : employ(assign(state, open, choice.worker.id, choice.reasons), loser);
};

const unknownWorker = (id: string): Worker => ({
  ...{ id, registered: false, status: "offline", capabilities: [], maxConcurrentTasks: 1 },
  ...{ holds: HashSet.empty(), load: 0, uses: {}, turn: 0 },
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
    case "agent-deregistered":
      // It is offline from its departure on, until it is heard again.
      return withWorker(state, { ...worker, registered: false, status: "offline" });
  }
};

const submitted = ({ id, position, data }: TaskEvent & { type: "task-submitted" }): OpenTask => {
  const { priority, requiredCapabilities, preferredCapabilities, maxAttempts, deadlineSeconds, to, chain } = data;
  return {
    ...{ id, priority, submitted: position, requiredCapabilities, preferredCapabilities, maxAttempts },
    ...(to === undefined ? {} : { to }),
    ...(chain === undefined ? {} : { chain }),
    ...{ strategy: data.strategy ?? defaultStrategy, attempt: 0, lostBy: [] },
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
      // After the last attempt the task fails in the same commit.
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
 * The allocator after an event, with what it decides because of it. Decisions are part of the state, so that they count
 * for the agents at once and not only when their events come back from the log.
 */
export const evolve = (state: AllocationState, event: RecordedEvent): AllocationState => {
  const { ended: _, ...rest } = state;
  const before: AllocationState = { ...rest, decided: [] };
  if (isEventOf(agent, event)) return evolveByAgent(before, event);
  if (isEventOf(task, event)) return evolveByTask(before, event);
  return before;
};
