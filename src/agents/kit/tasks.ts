import pLimit from "p-limit";
import type { TaskDelivery } from "../../contract/deliveries.ts";
import type { ItemOf } from "../../contract/views/mod.ts";
import { defined } from "../../domain/kernel/mod.ts";
import type { Client } from "./client.ts";
import { delegating } from "./delegation.ts";
import { CommandRefused, givenBeforeAt, isGivenBefore, messageOf } from "./errors.ts";
import { recent } from "./recent.ts";
import {
  failure,
  isMistake,
  type Outcome,
  type Progress,
  settled,
  type Task,
  type TaskHandler,
} from "./task-context.ts";
import { pages } from "./view.ts";

interface Running {
  readonly attempt: number;
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

/** The tasks of one agent. */
export interface Tasks {
  readonly active: () => number;
  /** Takes an assigned task, or lets go of a withdrawn one. Resolves when a crash cannot undo that. */
  readonly take: (delivery: TaskDelivery) => Promise<void>;
  /** Goes on with the tasks that this agent has by the view, and that do not run here. */
  readonly resume: () => Promise<void>;
  /**
   * Aborts the running tasks and waits for them. Reports nothing: they are resumed later, or given to another agent.
   */
  readonly stop: () => Promise<void>;
}

export const tasks = (agent: {
  readonly client: Client;
  readonly id: string;
  readonly instance: string;
  readonly maxConcurrentTasks: number;
  readonly onTask: TaskHandler;
  readonly signal: AbortSignal;
  readonly log: (message: string) => void;
}): Tasks => {
  const { client, log } = agent;
  const running = new Map<string, Running>();
  /** Attempts that ended here. A view that lags behind may still show them as running. */
  const ended = recent();
  const slot = pLimit(agent.maxConcurrentTasks);
  /** Taking and resuming happen one after the other, so that no task is begun twice. */
  const turnstile = pLimit(1);

  /** A task's command waits for a backend without a limit, because the result of the work must not be lost. */
  const command = (
    task: Task,
    name: string,
    payload: object,
    signal: AbortSignal,
    commandId = commandIdOf(task, name),
  ) => {
    const answer = { ...payload, attempt: task.attempt, instance: agent.instance };
    return client.command("task", task.id, name, answer, { commandId, timeoutMs: Number.POSITIVE_INFINITY, signal });
  };

  /** Takes or begins a task. A run before this one may have done so: then it counts. */
  const advance = async (task: Task, name: "acknowledge" | "start", signal: AbortSignal): Promise<number> => {
    try {
      return (await command(task, name, {}, signal)).position;
    } catch (error) {
      const position = givenBeforeAt(error);
      if (position === undefined) throw error;
      return position;
    }
  };
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
      const position = from.started ? from.position : await advance(task, "start", signal);
      const { resumed } = from;
      const delegation = delegating(client, agent, task, abort);
      const { delegate } = delegation;
      const context = { task, resumed, position, signal, client, progress: report(task, abort), delegate };
      const outcome = await settled(agent.onTask, context);
      // A task is not complete before its children, whether or not the handler waited for them.
      if (outcome.name === "complete") await delegation.over();
      if (!signal.aborted) await end(task, outcome);
      else if (isMistake(signal.reason)) await end(task, failure(signal.reason));
    } catch (error) {
      if (signal.aborted || agent.signal.aborted) return;
      log(`task ${task.id} is not ours any more: ${messageOf(error)}`);
    }
  };

  /** Ends a task, unless a run before this one has ended the attempt. If the backend refuses the result as a mistake, the task fails. */
  const end = async (task: Task, outcome: Outcome): Promise<void> => {
    try {
      await command(task, outcome.name, outcome.payload, agent.signal);
    } catch (error) {
      if (isGivenBefore(error)) return;
      if (agent.signal.aborted || !isMistake(error)) throw error;
      const { name, payload } = failure(error);
      await command(task, name, payload, agent.signal);
    }
  };

  /** Fails a task that cannot be read again, because no other agent would end it. */
  const giveUp = async (task: Task): Promise<void> => {
    try {
      await end(task, failure(new Error("the task is too large to be read again, and cannot be resumed")));
      ended.add(attemptOf(task));
    } catch (error) {
      if (!(error instanceof CommandRefused)) throw error;
      log(`task ${task.id} was not given up: ${error.message}`);
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
    current?.abort.abort(new Error(`task ${task.id} was assigned again`));
    await current?.done;
    if (ended.has(attemptOf(task))) return;
    try {
      const position = await advance(task, "acknowledge", agent.signal);
      begin(task, { resumed: false, started: false, position });
    } catch (error) {
      if (!(error instanceof CommandRefused)) throw error;
      log(`task ${task.id} was not taken: ${error.message}`);
    }
  };

  const resumeStatus = async (status: "acknowledged" | "in-progress"): Promise<void> => {
    const { signal } = agent;
    const filter = { agent: agent.id, status };
    const held = pages(
      (cursor?: string) => client.query("tasks", "list", defined({ filter, limit: 1_000, cursor }), { signal }),
      ({ data }) => data.cursor,
    );
    for await (const { position, data } of held)
      for (const item of data.items) {
        const task = taskOf(item);
        if (running.has(task.id) || ended.has(attemptOf(task))) continue;
        if (isWhole(item)) begin(task, { resumed: true, started: status === "in-progress", position });
        else await giveUp(task);
      }
  };

  return {
    active: () => running.size,
    take: (delivery) =>
      turnstile(async () => {
        if (delivery.kind === "assigned") return takeAssigned(delivery.task);
        // A task that delegated watches its children instead, which also works after a restart of the agent.
        if (delivery.kind === "child-ended") return;
        const current = running.get(delivery.task.id);
        if (current === undefined || current.attempt > delivery.task.attempt) return;
        current.abort.abort(new Error(`task withdrawn: ${delivery.reason ?? "no reason given"}`));
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

/** The place at which a run of a task begins. */
interface Start {
  readonly resumed: boolean;
  readonly started: boolean;
  readonly position: number;
}

const attemptOf = (task: Task): string => `${task.id}.${task.attempt}`;

type TaskItem = ItemOf<"tasks">;

/** Returns whether the payload of a task in a list did fit into a page. */
const isWhole = (item: TaskItem): boolean => !("leftOut" in item && item.leftOut.includes("payload"));

const taskOf = ({ id, type = "", priority = "normal", attempt = 0, ...item }: TaskItem): Task => {
  const { requiredCapabilities, payload, parent } = item;
  return defined({ id, type, priority, attempt, requiredCapabilities, payload, parent });
};
