import { Effect } from "effect";
import type { KnownToDialogs } from "../../domain/dialog/contract.ts";
import type { dialog } from "../../domain/dialog/decider.ts";
import { isShared, sharedContextId } from "../../domain/dialog/set-context.ts";
import type { DialogState } from "../../domain/dialog/state.ts";
import { type CommandOf, defined } from "../../domain/kernel/mod.ts";
import { ReadModels } from "../read-models.ts";
import { registeredAgents } from "./agents.ts";
import { isDeployment } from "./deployments.ts";

type Command = CommandOf<typeof dialog.commands>;

/** Returns the submitter of a task and the agent that has it; undefined if there is no such task. */
const partiesOf = Effect.fnUntraced(function* (id: string) {
  const task = (yield* (yield* ReadModels).upToDate("tasks")).get(id);
  if (task === undefined) return undefined;
  return task.agent === undefined ? [task.submittedBy] : [task.submittedBy, task.agent];
});

const sharedContext = Effect.fnUntraced(function* (id: string) {
  return (yield* (yield* ReadModels).upToDate("contexts")).get(id)?.entries ?? {};
});

/** Returns the task whose parties a decision needs. */
const taskOf = (command: Command, state: DialogState): string | undefined =>
  command.type === "open" ? command.payload.task : state?.task;

const needsAgents = (command: Command, state: DialogState): boolean =>
  state?.type === "broadcast" ||
  state?.type === "topic" ||
  (command.type === "say" && command.payload.capability !== undefined);

/**
 * Returns the knowledge for a dialog's decisions. It has the registered agents if the dialog's type or a turn needs
 * them, the parties of its task, and the shared context. Most turns need none of it and do not wait.
 */
export const lookUpForDialog = (command: Command, id: string, state: DialogState) => {
  const task = taskOf(command, state);
  const shared =
    command.type === "set-context" && state !== null && isShared(command.payload.scope)
      ? sharedContextId(command.payload.scope, state.topic)
      : undefined;
  const agents = needsAgents(command, state);
  const opens = command.type === "open";
  if (task === undefined && shared === undefined && !agents && !opens) return undefined;
  return Effect.gen(function* () {
    const parties = task === undefined ? undefined : yield* partiesOf(task);
    const known: KnownToDialogs = {
      agents: agents ? yield* registeredAgents : [],
      ...defined({
        taskParties: parties,
        shared: shared === undefined ? undefined : yield* sharedContext(shared),
        deployment: opens ? yield* isDeployment(id) : undefined,
      }),
    };
    return known;
  });
};
