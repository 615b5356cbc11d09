import type { Accepted, Client } from "./client.ts";
import type { Task, TaskDelivery } from "./deliveries.ts";
import { CommandRefused, messageOf } from "./errors.ts";
import { isObject, type Json } from "./json.ts";
import { limit } from "./limit.ts";
import { recent } from "./recent.ts";

/** How far a task is; each report is an event of the task. */
export interface Progress {
  /** From 0 to 100. */
  readonly percent?: number;
  readonly message?: string;
  readonly data?: Json;
}

/** What a task's handler works with. */
export interface TaskContext {
  readonly task: Task;
  /** True where an earlier run was cut off: look up how far it came, and go on. */
  readonly resumed: boolean;
  /** A position of the log at which the task was this agent's: read with it as `minPosition`. */
  readonly position: number;
  /** Aborts when the task is withdrawn or cancelled, a report is refused, or the agent stops: stop working then. */
  readonly signal: AbortSignal;
  readonly client: Client;
  /** Reports progress; resolves when it is recorded, throws and aborts `signal` where it is refused. */
  readonly progress: (report: Progress) => Promise<Accepted>;
}

/** Does a task and returns its result; an error that it throws fails the task. */
export type TaskHandler = (context: TaskContext) => Promise<Json | undefined>;

/** Throw it in a task's handler to fail the task with a reason for programs, and data. */
export class TaskFailed extends Error {
  override readonly name = "TaskFailed";
  readonly data: Json | undefined;

  constructor(reason: string, data?: Json) {
    super(reason);
    this.data = data;
  }
}

interface Running {
  readonly attempt: number;
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

/** The tasks of one agent. */
export interface Tasks {
  readonly active: () => number;
  /** Takes an assigned task, or lets go of a withdrawn one; done when that is safe against a crash. */
  readonly take: (delivery: TaskDelivery) => Promise<void>;
  /** Goes on with the tasks that the backend says this agent has and that do not run here. */
  readonly resume: () => Promise<void>;
  /** Aborts what runs and waits for it. Nothing is reported: the tasks are resumed later, or given to another agent. */
  readonly stop: () => Promise<void>;
}

export const tasks = (agent: {
  readonly client: Client;
  readonly id: string;
  readonly maxConcurrentTasks: number;
  readonly onTask: TaskHandler;
  readonly signal: AbortSignal;
  readonly log: (message: string) => void;
}): Tasks => {
  const { client, log } = agent;
  const running = new Map<string, Running>();
  /** Attempts that ended here: a view that lags behind may still show them as running. */
  const ended = recent();
  const slot = limit(agent.maxConcurrentTasks);
  /** Taking and resuming go one after another, so that no task is begun twice. */
  const turnstile = limit(1);

  /** A task's command waits for a backend for as long as it takes: the result of the work must not be lost. */
  const command = (
    task: Task,
    name: string,
    payload: object,
    signal: AbortSignal,
    commandId = commandIdOf(task, name),
  ) => client.command("task", task.id, name, payload, { commandId, timeoutMs: Number.POSITIVE_INFINITY, signal });
  const commandIdOf = (task: Task, name: string) => `${agent.id}.${task.id}.${task.attempt}.${name}`;

  const report = (task: Task, abort: AbortController) => async (progress: Progress) => {
    abort.signal.throwIfAborted();
    try {
      return await command(task, "report-progress", progress, abort.signal, crypto.randomUUID());
    } catch (error) {
      abort.abort(error);
      throw error;
    }
  };

  const work = async (task: Task, from: Start, abort: AbortController): Promise<void> => {
    const { signal } = abort;
    try {
      signal.throwIfAborted();
      const position = from.started ? from.position : (await command(task, "start", {}, signal)).position;
      const { resumed } = from;
      const context = { task, resumed, position, signal, client, progress: report(task, abort) };
      const outcome = await settled(agent.onTask, context);
      if (signal.aborted) return;
      await command(task, outcome.name, outcome.payload, signal);
    } catch (error) {
      if (signal.aborted) return;
      log(`task ${task.id} is not ours any more: ${messageOf(error)}`);
    }
  };

  const begin = (task: Task, from: Start): void => {
    const abort = new AbortController();
    const done = slot(() => work(task, from, abort)).finally(() => {
      if (running.get(task.id)?.abort === abort) running.delete(task.id);
      if (!agent.signal.aborted) ended.add(attemptOf(task));
    });
    running.set(task.id, { attempt: task.attempt, abort, done });
  };

  const takeAssigned = async (task: Task): Promise<void> => {
    const current = running.get(task.id);
    if (current !== undefined && current.attempt >= task.attempt) return;
    current?.abort.abort(new Error(`task ${task.id} was assigned anew`));
    await current?.done;
    if (ended.has(attemptOf(task))) return;
    try {
      const { position } = await command(task, "acknowledge", {}, agent.signal);
      begin(task, { resumed: false, started: false, position });
    } catch (error) {
      if (!(error instanceof CommandRefused)) throw error;
      log(`task ${task.id} was not taken: ${error.message}`);
    }
  };

  const resumeStatus = async (status: "acknowledged" | "in-progress"): Promise<void> => {
    const { position, data } = await client.query(
      "tasks",
      "list",
      { filter: { agent: agent.id, status }, limit: 1000 },
      { signal: agent.signal },
    );
    for (const task of listed(data)) {
      if (running.has(task.id) || ended.has(attemptOf(task))) continue;
      begin(task, { resumed: true, started: status === "in-progress", position });
    }
  };

  return {
    active: () => running.size,
    take: (delivery) =>
      turnstile(async () => {
        if (delivery.kind === "assigned") return takeAssigned(delivery.task);
        running
          .get(delivery.task.id)
          ?.abort.abort(new Error(`task withdrawn: ${delivery.reason ?? "no reason given"}`));
      }),
    resume: () =>
      turnstile(async () => {
        await resumeStatus("in-progress");
        await resumeStatus("acknowledged");
      }),
    stop: async () => {
      const all = [...running.values()];
      for (const { abort } of all) abort.abort(new Error(`agent ${agent.id} stops`));
      await Promise.all(all.map(({ done }) => done));
    },
  };
};

/** Where a run of a task begins. */
interface Start {
  readonly resumed: boolean;
  readonly started: boolean;
  readonly position: number;
}

const attemptOf = (task: Task): string => `${task.id}.${task.attempt}`;

/** The command that follows from how the handler ended. */
const settled = async (onTask: TaskHandler, context: TaskContext) => {
  try {
    const result = await onTask(context);
    return { name: "complete", payload: result === undefined ? {} : { result } };
  } catch (error) {
    const reason = messageOf(error) || "the agent gave no reason";
    const data = error instanceof TaskFailed ? error.data : undefined;
    return { name: "fail", payload: data === undefined ? { reason } : { reason, data } };
  }
};

/** The tasks in the answer of `tasks.list`. */
const listed = (data: Json): ReadonlyArray<Task> => {
  const items = isObject(data) && Array.isArray(data.items) ? data.items : [];
  return items.filter(isObject).map((item) => ({
    id: String(item.id),
    type: String(item.type),
    priority: String(item.priority),
    attempt: Number(item.attempt),
    ...(item.payload === undefined ? {} : { payload: item.payload }),
  }));
};
