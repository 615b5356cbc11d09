import type { Client, QueryOptions } from "./client.ts";
import type { Commands } from "./commands.ts";
import type { Task } from "./deliveries.ts";
import { CommandRefused, isTooLarge } from "./errors.ts";
import { isObject, type Json } from "./json.ts";
import type { ChildEnd, TaskContext } from "./task-context.ts";

const ends: ReadonlyArray<string> = ["completed", "failed", "cancelled"] satisfies ReadonlyArray<ChildEnd["status"]>;

const isEnd = (status: Json | undefined): status is ChildEnd["status"] =>
  typeof status === "string" && ends.includes(status);

/** Requests with the ids that their tasks get. */
type Children = readonly [Child, ...Array<Child>];
type Child = Commands["task"]["delegate"]["tasks"][number] & { readonly id: string };

/** What one run of a task delegates. */
export interface Delegation {
  readonly delegate: TaskContext["delegate"];
  /** Resolves when everything that was delegated is over. */
  readonly over: () => Promise<void>;
}

/**
 * Delegation of parts of a task. Children are called after the attempt and their place in it, and so are the commands:
 * a run that takes up where another one was cut off finds the children of that one.
 */
export const delegating = (client: Client, agent: string, task: Task, abort: AbortController): Delegation => {
  const { signal } = abort;
  const all: Array<Promise<unknown>> = [];

  const give = async (calls: number, tasks: Children) => {
    signal.throwIfAborted();
    const commandId = `${agent}.${task.id}.${task.attempt}.delegate.${calls}`;
    try {
      await client.command(
        "task",
        task.id,
        "delegate",
        { tasks },
        { commandId, timeoutMs: Number.POSITIVE_INFINITY, signal },
      );
    } catch (error) {
      if (isLoss(error)) abort.abort(error);
      throw error;
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
        id: `${task.id}-${task.attempt}-${calls}-${index + 1}`,
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

/** True where the task is not the agent's any more; any other refusal is the handler's to deal with. */
const isLoss = (error: unknown): boolean =>
  error instanceof CommandRefused && (error.reason === "not-assigned" || error.reason === "wrong-state");

/** Waits until a task does not wait for these children any more, and looks up how they ended. */
const endsOf = async (
  client: Client,
  parent: string,
  ids: ReadonlyArray<string>,
  signal: AbortSignal,
): Promise<ReadonlyArray<ChildEnd>> => {
  for await (const { document } of client.watch("tasks", { id: parent }, signal)) {
    if (!isObject(document)) continue;
    const known = listed(document.children).map((child) => (isObject(child) ? child.id : undefined));
    const open = listed(document.openChildren);
    if (ids.some((id) => !known.includes(id) || open.includes(id))) continue;
    const minPosition = Number(document.position);
    return Promise.all(ids.map((id) => endOf(client, parent, id, minPosition, signal)));
  }
  signal.throwIfAborted();
  throw new Error(`task ${parent} is not watched any more: is the connection closed?`);
};

const endOf = async (
  client: Client,
  parent: string,
  id: string,
  minPosition: number,
  signal: AbortSignal,
): Promise<ChildEnd> => {
  const data = await documentOf(client, id, { minPosition, signal });
  if (!isObject(data) || data.parent !== parent || !isEnd(data.status))
    return { id, status: "failed", failure: { reason: "already-exists" } };
  const { status, result, failure } = data;
  return {
    ...{ id, status },
    ...(result === undefined ? {} : { result }),
    ...(failure === undefined ? {} : { failure }),
  };
};

/** The document of a task; what is too large to be told comes in the list without its largest fields. */
const documentOf = async (client: Client, id: string, options: QueryOptions): Promise<Json | undefined> => {
  try {
    return (await client.query("tasks", "get", { id }, options)).data;
  } catch (error) {
    if (!isTooLarge(error)) throw error;
    const { data } = await client.query("tasks", "list", { filter: { id }, limit: 1 }, options);
    return isObject(data) ? listed(data.items)[0] : undefined;
  }
};

const listed = (value: Json | undefined): ReadonlyArray<Json> => (Array.isArray(value) ? value : []);
