import { Schema } from "effect";
import { AggregateId, accept, isPublicId, ownId, refuse } from "../kernel/mod.ts";
import { type ChildRequest, defaultTimes } from "./contract.ts";
import type { Task } from "./state.ts";

const isId = Schema.is(AggregateId);

/**
 * Returns why an agent may never get a task: the task is for another agent, or was delegated through this one. Without
 * the second rule, two agents could delegate the same work to each other forever.
 */
export const notFor = (
  { to, chain }: { readonly to?: string; readonly chain?: ReadonlyArray<string> },
  agent: string,
): "only-for-another" | "delegation-circle" | undefined => {
  if (to !== undefined && to !== agent) return "only-for-another";
  return chain?.includes(agent) === true ? "delegation-circle" : undefined;
};

/** Returns the children of a task. A child without an id is named after the task. */
const named = (id: string, task: Task, [first, ...rest]: readonly [ChildRequest, ...ReadonlyArray<ChildRequest>]) => {
  const name = (child: ChildRequest, index: number) => ({
    ...defaultTimes,
    ...child,
    id: child.id ?? ownId(id, `${task.delegated + index + 1}`),
  });
  return [name(first, 0), ...rest.map((child, index) => name(child, index + 1))] as const;
};

/**
 * Returns whether an agent may give a child this id: a public id, or the task's own id with a number. Other clients
 * cannot take the latter in advance. Words after a `=` are reserved for the backend.
 */
const mayName = (parent: string, id: string): boolean => {
  const beginning = ownId(parent, "");
  return isPublicId(id) || (id.startsWith(beginning) && /^[0-9-]+$/u.test(id.slice(beginning.length)));
};

/** Returns the event by which an agent delegates parts of its task. Refuses a chain that returns to an agent. */
export const delegate = (
  id: string,
  task: Task,
  agent: string,
  requests: readonly [ChildRequest, ...ReadonlyArray<ChildRequest>],
) => {
  const [first = agent, ...rest] = [...task.chain, agent];
  const chain = [first, ...rest] as const;
  const tasks = named(id, task, requests);
  const back = tasks.find(({ to }) => to !== undefined && chain.includes(to));
  if (back !== undefined)
    return refuse(
      "delegation-circle",
      `task \`${id}\` came through ${chain.join(", ")} and cannot go back to \`${back.to}\`: ask another agent`,
      { chain },
    );
  const ids = tasks.map((child) => child.id);
  const twice = ids.find((child, index) => ids.indexOf(child) < index || task.children.includes(child) || child === id);
  if (twice !== undefined)
    return refuse("already-exists", `task \`${id}\` has a child \`${twice}\` already: give this one another id`);
  const notItsOwn = ids.find((child) => !mayName(id, child));
  if (notItsOwn !== undefined)
    return refuse(
      "not-its-own-id",
      `task \`${id}\` cannot have a child \`${notItsOwn}\`: use an id without \`=\`, or \`${ownId(id, "")}\` and a number`,
    );
  const tooLong = ids.find((child) => !isId(child));
  if (tooLong !== undefined)
    return refuse("id-too-long", `\`${tooLong}\` is too long for the id of a task: give the child an id of its own`);
  return accept({ type: "task-delegated", data: { agent, chain, tasks } } as const);
};
