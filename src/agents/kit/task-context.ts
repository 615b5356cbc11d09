import type { AssignedTask } from "../../contract/deliveries.ts";
import { defined } from "../../domain/kernel/mod.ts";
import type { Accepted, Client } from "./client.ts";
import { CommandRefused, isTooLarge, messageOf } from "./errors.ts";
import type { Json } from "./json.ts";

/**
 * A task that is assigned to the agent. `acknowledgeBy` is the moment until which it must be acknowledged, which the
 * kit does. It is absent in a task that is resumed.
 */
export type Task = Omit<AssignedTask, "acknowledgeBy" | "requiredCapabilities"> &
  Partial<Pick<AssignedTask, "acknowledgeBy" | "requiredCapabilities">>;

/** The progress of a task; each report is an event of the task. */
export interface Progress {
  /** From 0 to 100. */
  readonly percent?: number;
  readonly message?: string;
  readonly data?: Json;
}

/** A part of a task, for another agent. */
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

/** The end of a delegated task. A result that is too large for a message is absent; the log has it. */
export interface ChildEnd {
  readonly id: string;
  readonly status: "completed" | "failed" | "cancelled";
  readonly result?: Json;
  readonly failure?: Json;
}

/** The surroundings of a task's handler. */
export interface TaskContext {
  readonly task: Task;
  /** True if an earlier run was cut off: look up how far it came, and go on. */
  readonly resumed: boolean;
  /** A position of the log at which the task was this agent's: read with it as `minPosition`. */
  readonly position: number;
  /** Aborts when the task is withdrawn or cancelled, a report is refused, or the agent stops: stop working then. */
  readonly signal: AbortSignal;
  readonly client: Client;
  /** Reports progress. Resolves when it is recorded; throws and aborts `signal` if it is refused. */
  readonly progress: (report: Progress) => Promise<Accepted>;
  /**
   * Delegates parts of the task to other agents. Resolves when all are over, in the order of the requests; the handler
   * decides whether a part that failed matters. A handler that is resumed and delegates the same again gets the same
   * children. Throws and aborts `signal` if the delegation is refused.
   */
  readonly delegate: (requests: ReadonlyArray<ChildRequest>) => Promise<ReadonlyArray<ChildEnd>>;
}

/** Does a task and returns its result; an error that it throws fails the task. */
export type TaskHandler = (context: TaskContext) => Promise<Json | undefined>;

/**
 * Throw it in a task's handler to fail the task with a reason for programs, and data. With `retry` the task is tried
 * again, by another agent if there is one, while it has attempts left.
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

/** Runs the handler. Returns the command that ends the task. */
export const settled = async (onTask: TaskHandler, context: TaskContext): Promise<Outcome> => {
  try {
    const result = await onTask(context);
    return { name: "complete", payload: defined({ result }) };
  } catch (error) {
    return failure(error);
  }
};

/** Returns the command that ends a task by an error. */
export const failure = (error: unknown): Outcome => {
  const reason = messageOf(error) || "the agent gave no reason";
  const { data, retry } = error instanceof TaskFailed ? error : { data: undefined, retry: false };
  return { name: "fail", payload: defined({ reason, data, retry: retry || undefined }) };
};

/**
 * Returns true for a mistake of the agent, such as an invalid or too large payload, while the task is still its own.
 */
export const isMistake = (error: unknown): boolean =>
  isTooLarge(error) || (error instanceof CommandRefused && error.code === "invalid-command");
