import { Schema } from "effect";
import type { Commands } from "../../contract/commands.ts";
import type { ItemOf } from "../../contract/views/mod.ts";
import { defined, olderIdOf, ownId } from "../../domain/kernel/mod.ts";
import { ChildStatus } from "../../domain/task/contract.ts";
import type { Client, QueryOptions } from "./client.ts";
import { CommandRefused, isGivenBefore, isTooLarge } from "./errors.ts";
import type { ChildEnd, Task, TaskContext } from "./task-context.ts";

const isEnd = Schema.is(ChildStatus);

/** Requests with the ids that their tasks will have. */
type Children = readonly [Child, ...Array<Child>];
type Child = Commands["task"]["delegate"]["tasks"][number] & { readonly id: string };

/** The delegations of one run of a task. */
export interface Delegation {
  readonly delegate: TaskContext["delegate"];
  /** Resolves when all delegated tasks are over. */
  readonly over: () => Promise<void>;
}

/**
 * Returns the delegation of one run of a task. The ids of children and commands are made of the attempt and a number,
 * so that a run that continues another one finds the children of that one.
 */
export const delegating = (
  client: Client,
  agent: { readonly id: string; readonly instance: string },
  task: Task,
  abort: AbortController,
): Delegation => {
  const { signal } = abort;
  const all: Array<Promise<unknown>> = [];

  const give = async (calls: number, tasks: Children) => {
    signal.throwIfAborted();
    const commandId = `${agent.id}.${task.id}.${task.attempt}.delegate.${calls}`;
    try {
      await client.command(
        "task",
        task.id,
        "delegate",
        { tasks, attempt: task.attempt, instance: agent.instance },
        { commandId, timeoutMs: Number.POSITIVE_INFINITY, signal },
      );
    } catch (error) {
      if (isLoss(error)) abort.abort(error);
      // A run before this one has delegated: the children are those of that run.
      if (!isGivenBefore(error)) throw error;
    }
    return endsOf(
      client,
      task.id,
      tasks.map(({ id }) => id),
      signal,
    );
  };

  return {
    delegate: (requests) => {
      const calls = all.length + 1;
      const [first, ...others] = requests.map((request, index) => ({
        ...request,
        id: ownId(task.id, `${task.attempt}-${calls}-${index + 1}`),
      }));
      const ended = first === undefined ? Promise.resolve([]) : give(calls, [first, ...others]);
      all.push(ended.catch(() => undefined));
      return ended;
    },
    over: async () => {
      await Promise.all(all);
    },
  };
};

const losses: ReadonlySet<string | undefined> = new Set(["not-permitted", "wrong-state", "old-attempt", "replaced"]);

/** Returns true if the agent does not have the task any more. Any other refusal is left to the handler. */
const isLoss = (error: unknown): boolean => error instanceof CommandRefused && losses.has(error.reason);

/** Waits until all these children are over. Returns how each of them ended. */
const endsOf = async (
  client: Client,
  parent: string,
  ids: ReadonlyArray<string>,
  signal: AbortSignal,
): Promise<ReadonlyArray<ChildEnd>> => {
  for await (const { document } of client.watch("tasks", { id: parent }, signal)) {
    if (document === undefined) continue;
    const { children = [], openChildren, position } = document;
    const known = new Set(children.map(({ id }) => id));
    // A run of an older kit has given them other ids.
    const given = ids.map((id) => (known.has(id) ? id : olderIdOf(id)));
    if (given.some((id) => !known.has(id) || openChildren.includes(id))) continue;
    return Promise.all(given.map((id) => endOf(client, parent, id, { minPosition: position, signal })));
  }
  signal.throwIfAborted();
  throw new Error(`task ${parent} is not watched any more: is the connection closed?`);
};

const endOf = async (client: Client, parent: string, id: string, options: QueryOptions): Promise<ChildEnd> => {
  const child = await documentOf(client, id, options);
  if (child === undefined || child.parent !== parent || !isEnd(child.status))
    return { id, status: "failed", failure: { reason: "already-exists" } };
  return defined({ id, status: child.status, result: child.result, failure: child.failure });
};

/**
 * Returns the document of a task. One that is too large for a message comes from the list, without its largest fields.
 */
const documentOf = async (client: Client, id: string, options: QueryOptions): Promise<ItemOf<"tasks"> | undefined> => {
  try {
    return (await client.query("tasks", "get", { id }, options)).data;
  } catch (error) {
    if (!isTooLarge(error)) throw error;
    const { data } = await client.query("tasks", "list", { filter: { id }, limit: 1 }, options);
    return data.items[0];
  }
};
