import type { Schema } from "effect";
import type { HostTask, hostTasks } from "../../contract/host-tasks.ts";
import { proposal } from "../../domain/consensus/decider.ts";
import type { CommandOf, CommandSpecs, PayloadOf } from "../../domain/kernel/mod.ts";
import type { Priority } from "../../domain/task/contract.ts";
import { task } from "../../domain/task/decider.ts";
import type { Action } from "../action.ts";

/**
 * Returns the action that gives a command to an aggregate. `step` distinguishes two commands of the same kind to the
 * same aggregate for one event.
 */
export const give = <C extends CommandSpecs, K extends keyof C & string>(
  decider: { readonly name: string; readonly commands: C },
  id: string,
  command: { readonly type: K; readonly payload: PayloadOf<C, K> },
  step = `${decider.name}.${command.type}`,
): Action & { readonly kind: "command" } => ({
  kind: "command",
  step,
  aggregate: decider.name,
  id,
  command: command.type,
  payload: command.payload as Schema.Json,
});

/** Returns the action that gives a command to an aggregate at a given time. */
export const schedule = <C extends CommandSpecs>(
  timerId: string,
  at: string,
  decider: { readonly name: string; readonly commands: C },
  id: string,
  command: CommandOf<C>,
): Action => ({
  kind: "schedule",
  timerId,
  at,
  command: { aggregate: decider.name, id, command: command.type, payload: command.payload as Schema.Json },
});

export const cancelTimer = (timerId: string): Action => ({ kind: "cancel-timer", timerId });

/** If its agent does not acknowledge a task within this many seconds, the task goes to another agent. */
const acknowledgeWithinSeconds = 5;
const maxAttempts = 5;

/** A task that the backend submits itself, for an agent with one capability. */
export type Work<T extends keyof typeof hostTasks = keyof typeof hostTasks> = {
  readonly [K in T]: {
    readonly type: K;
    readonly capability: "deploy" | "monitor";
    readonly payload: HostTask<K>;
    /** The default is `high`. */
    readonly priority?: Priority;
  };
}[T];

/** Returns the command that submits the task. */
export const submission = ({ type, capability, payload, priority = "high" }: Work) =>
  ({
    type: "submit",
    payload: {
      type,
      requiredCapabilities: [capability],
      preferredCapabilities: [],
      priority,
      payload: { ...payload },
      acknowledgeWithinSeconds,
      maxAttempts,
    },
  }) satisfies CommandOf<typeof task.commands>;

/** Returns the action that submits the task under an id. */
export const submitTask = (id: string, work: Work) => give(task, id, submission(work), `${id}.submit`);

/** Ignored by most process managers. A proposal may have many ballots, and its outcome has an event of its own. */
export const ballots: ReadonlyArray<string> = [`${proposal.name}.ballot-cast`];
