import type { Accepted, Client } from "./client.ts";
import type { Task } from "./deliveries.ts";
import { CommandRefused, isTooLarge, messageOf } from "./errors.ts";
import type { Json } from "./json.ts";

/** How far a task is; each report is an event of the task. */
export interface Progress {
  /** From 0 to 100. */
  readonly percent?: number;
  readonly message?: string;
  readonly data?: Json;
}

/** A part of a task that another agent is to do. */
export interface ChildRequest {
  readonly type: string;
  readonly requiredCapabilities: ReadonlyArray<string>;
  readonly preferredCapabilities?: ReadonlyArray<string>;
  /** The only agent that may have it: none through which the task came. */
  readonly to?: string;
  readonly strategy?: "capability-match" | "least-loaded" | "round-robin";
  readonly priority?: "low" | "normal" | "high" | "critical";
  readonly payload?: Json;
  readonly acknowledgeWithinSeconds?: number;
  readonly deadlineSeconds?: number;
  readonly maxAttempts?: number;
}

/** How a delegated task ended. What is too large to be told with the rest is absent, and in the log. */
export interface ChildEnd {
  readonly id: string;
  readonly status: "completed" | "failed" | "cancelled";
  readonly result?: Json;
  readonly failure?: Json;
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
  /**
   * Has parts of the task done by other agents and resolves when all are over, in the order of the requests; whether a
   * part that failed matters is the handler's to say. A handler that is resumed and delegates the same again gets the
   * same children. Throws and aborts `signal` where it is refused.
   */
  readonly delegate: (requests: ReadonlyArray<ChildRequest>) => Promise<ReadonlyArray<ChildEnd>>;
}

/** Does a task and returns its result; an error that it throws fails the task. */
export type TaskHandler = (context: TaskContext) => Promise<Json | undefined>;

/**
 * Throw it in a task's handler to fail the task with a reason for programs, and data; with `retry`, the task is tried
 * again, rather by another agent, for as long as it allows attempts.
 */
export class TaskFailed extends Error {
  override readonly name = "TaskFailed";
  readonly data: Json | undefined;
  readonly retry: boolean;

  constructor(reason: string, data?: Json, { retry = false }: { readonly retry?: boolean } = {}) {
    super(reason);
    this.data = data;
    this.retry = retry;
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
  const { data, retry } = error instanceof TaskFailed ? error : { data: undefined, retry: false };
  const payload = { reason, ...(data === undefined ? {} : { data }), ...(retry ? { retry } : {}) };
  return { name: "fail", payload };
};

/** True for what the agent did wrong (a payload that is no JSON, invalid or too large) while the task is still its own. */
export const isMistake = (error: unknown): boolean =>
  isTooLarge(error) || (error instanceof CommandRefused && error.code === "invalid-command");
