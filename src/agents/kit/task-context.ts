import type { Accepted, Client } from "./client.ts";
import type { Task } from "./deliveries.ts";
import { CommandRefused, messageOf } from "./errors.ts";
import type { Json } from "./json.ts";

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

/** The command that ends a task. */
export interface Outcome {
  readonly name: "complete" | "fail";
  readonly payload: object;
}

/** The command that follows from how the handler ended. */
export const settled = async (onTask: TaskHandler, context: TaskContext): Promise<Outcome> => {
  try {
    const result = await onTask(context);
    return { name: "complete", payload: result === undefined ? {} : { result } };
  } catch (error) {
    return failure(error);
  }
};

/** The end of a task that an error brought about. */
export const failure = (error: unknown): Outcome => {
  const reason = messageOf(error) || "the agent gave no reason";
  const data = error instanceof TaskFailed ? error.data : undefined;
  return { name: "fail", payload: data === undefined ? { reason } : { reason, data } };
};

/** True for what the agent did wrong (a payload that is invalid or too large) while the task is still its own. */
export const isMistake = (error: unknown): boolean =>
  error instanceof CommandRefused && error.code === "invalid-command";
