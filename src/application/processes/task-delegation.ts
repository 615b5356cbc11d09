import { HashMap, Option, type Schema } from "effect";
import { defined, isEventOf, type RecordedEvent, type RecordedEventOf } from "../../domain/kernel/mod.ts";
import { task } from "../../domain/task/decider.ts";
import type { Action } from "../action.ts";
import type { ProcessManager } from "../process-manager.ts";
import { give } from "./actions.ts";

type TaskEvent = RecordedEventOf<typeof task.events>;

interface DelegationState {
  /** The children that each task delegated in its current attempt, including ended ones. */
  readonly children: HashMap.HashMap<string, ReadonlyArray<string>>;
  /** The parent of each open child. */
  readonly parents: HashMap.HashMap<string, string>;
  /** The parent of the task that the newest event ended. */
  readonly parent: string | undefined;
  /** The children of the attempt that the newest event ended. */
  readonly left: ReadonlyArray<string>;
}

const get = <V>(map: HashMap.HashMap<string, V>, key: string): V | undefined =>
  Option.getOrUndefined(HashMap.get(map, key));

/** Ends the attempt of a task, whose children are then not needed. */
const leave = (state: DelegationState, id: string): DelegationState => ({
  ...state,
  children: HashMap.remove(state.children, id),
  left: get(state.children, id) ?? [],
});

const end = (state: DelegationState, id: string): DelegationState => ({
  ...leave(state, id),
  parents: HashMap.remove(state.parents, id),
  parent: get(state.parents, id),
});

const evolve = (before: DelegationState, event: RecordedEvent): DelegationState => {
  const state: DelegationState = { ...before, parent: undefined, left: [] };
  if (!isEventOf(task, event)) return state;
  switch (event.type) {
    case "task-submitted": {
      const { parent } = event.data;
      return parent === undefined ? state : { ...state, parents: HashMap.set(state.parents, event.id, parent) };
    }
    case "task-delegated": {
      const ids = event.data.tasks.map(({ id }) => id);
      const all = [...(get(state.children, event.id) ?? []), ...ids];
      return { ...state, children: HashMap.set(state.children, event.id, all) };
    }
    case "assignment-expired":
    case "attempt-failed":
      return leave(state, event.id);
    case "task-completed":
    case "task-failed":
    case "task-cancelled":
      return end(state, event.id);
    default:
      return state;
  }
};

type ChildEnd = {
  readonly child: string;
  readonly status: "completed" | "failed" | "cancelled";
  readonly result?: Schema.Json;
  readonly failure?: { readonly reason: string; readonly data?: Schema.Json };
};

const endChild = (
  parent: string,
  payload: ChildEnd,
  step = `${payload.child}.end`,
): Action & { readonly kind: "command" } => give(task, parent, { type: "end-child", payload }, step);

/**
 * Returns the submissions of the children. If a child cannot be submitted, because its id is taken, it counts as
 * failed.
 */
const submitAll = ({ id: parent, data }: TaskEvent & { type: "task-delegated" }): ReadonlyArray<Action> =>
  data.tasks.map(({ id, ...request }) => ({
    ...give(task, id, { type: "submit-child", payload: { ...request, parent, chain: data.chain } }, `${id}.submit`),
    otherwise: endChild(parent, { child: id, status: "failed", failure: { reason: "already-exists" } }),
  }));

/**
 * Returns the report to the parent. If result and parent together exceed a message, the report leaves out the result,
 * which the child still has.
 */
const tell = (parent: string, end: ChildEnd): Action => {
  const { child, status } = end;
  return { ...endChild(parent, end), otherwise: endChild(parent, { child, status }, `${child}.end-at-least`) };
};

const ends = (parent: string, event: TaskEvent): ReadonlyArray<Action> => {
  const child = event.id;
  switch (event.type) {
    case "task-completed": {
      const { agent: _, ...result } = event.data;
      return [tell(parent, { child, status: "completed", ...result })];
    }
    case "task-failed": {
      const { agent: _, ...failure } = event.data;
      return [tell(parent, { child, status: "failed", failure })];
    }
    case "task-cancelled": {
      const { reason } = event.data;
      const failure = reason === undefined ? undefined : { reason };
      return [tell(parent, { child, status: "cancelled", ...defined({ failure }) })];
    }
    default:
      return [];
  }
};

const whyLeft = (event: TaskEvent): string => {
  switch (event.type) {
    case "task-cancelled":
      return "parent-cancelled";
    case "task-failed":
      return "parent-failed";
    default:
      return "parent-given-back";
  }
};

const react = (state: DelegationState, event: RecordedEvent): ReadonlyArray<Action> => {
  if (!isEventOf(task, event)) return [];
  const given = event.type === "task-delegated" ? submitAll(event) : [];
  const told = state.parent === undefined ? [] : ends(state.parent, event);
  const payload = { parent: event.id, reason: whyLeft(event) };
  const cancelled = state.left.map((id) => give(task, id, { type: "cancel-child", payload }, `${id}.cancel`));
  return [...given, ...told, ...cancelled];
};

/** Submits what agents delegate, reports the outcomes to the parents, and cancels children that no parent waits for. */
export const taskDelegation: ProcessManager<DelegationState> = {
  name: "task-delegation",
  aggregates: [task.name],
  initial: { children: HashMap.empty(), parents: HashMap.empty(), parent: undefined, left: [] },
  evolve,
  react,
};
