import { Effect, Option, Schema } from "effect";
import { ContextEntries } from "../../domain/dialog/context.ts";
import type { KnownToDialogs } from "../../domain/dialog/contract.ts";
import type { dialog } from "../../domain/dialog/decider.ts";
import { sharedContextId } from "../../domain/dialog/set-context.ts";
import type { DialogState } from "../../domain/dialog/state.ts";
import { type CommandOf, defined } from "../../domain/kernel/mod.ts";
import { ReadModels } from "../read-models.ts";
import { registeredAgents } from "./agents.ts";

type Command = CommandOf<typeof dialog.commands>;

const decodeParties = Schema.decodeUnknownOption(
  Schema.Struct({ submittedBy: Schema.String, agent: Schema.optionalKey(Schema.String) }),
);
const decodeShared = Schema.decodeUnknownOption(Schema.Struct({ entries: ContextEntries }));

/** The submitter of a task and the agent that has it; undefined where there is no such task. */
const partiesOf = Effect.fnUntraced(function* (task: string) {
  const documents = yield* (yield* ReadModels).upToDate("tasks");
  return Option.match(decodeParties(documents.get(task)), {
    onNone: () => undefined,
    onSome: ({ submittedBy, agent }) => (agent === undefined ? [submittedBy] : [submittedBy, agent]),
  });
});

const sharedContext = Effect.fnUntraced(function* (id: string) {
  const documents = yield* (yield* ReadModels).upToDate("contexts");
  return Option.match(decodeShared(documents.get(id)), { onNone: () => ({}), onSome: ({ entries }) => entries });
});

/** The task whose parties a decision needs to know. */
const taskOf = (command: Command, state: DialogState): string | undefined =>
  command.type === "open" ? command.payload.task : state?.task;

const needsAgents = (command: Command, state: DialogState): boolean =>
  state?.type === "broadcast" ||
  state?.type === "topic" ||
  (command.type === "say" && command.payload.capability !== undefined);

const isShared = (scope: string): scope is "topic" | "global" => scope === "topic" || scope === "global";

/**
 * What a dialog's decisions need to know: who is registered, where its type or a turn asks for that; who has to do with
 * its task; what other dialogs have set. Most turns need nothing, and wait for nothing.
 */
export const lookUpForDialog = (command: Command, _id: string, state: DialogState) => {
  const task = taskOf(command, state);
  const shared =
    command.type === "set-context" && state !== null && isShared(command.payload.scope)
      ? sharedContextId(command.payload.scope, state.topic)
      : undefined;
  const agents = needsAgents(command, state);
  if (task === undefined && shared === undefined && !agents) return undefined;
  return Effect.gen(function* () {
    const parties = task === undefined ? undefined : yield* partiesOf(task);
    const known: KnownToDialogs = {
      agents: agents ? yield* registeredAgents : [],
      ...defined({
        taskParties: parties,
        shared: shared === undefined ? undefined : yield* sharedContext(shared),
      }),
    };
    return known;
  });
};
