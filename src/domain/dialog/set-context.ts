import type { Result } from "effect";
import { accept, type CommandOf, type DecisionContext, jsonBytes, type Rejection, refuse } from "../kernel/mod.ts";
import { audienceOf, type KnownToDialogs } from "./audience.ts";
import { type ContextEntries, ownValue, valuesOf } from "./context.ts";
import { contradiction, sizeAfter, tooLarge } from "./context-refusals.ts";
import type { dialogCommands } from "./contract.ts";
import type { DialogEvent } from "./evolve.ts";
import type { Dialog } from "./state.ts";

type SetContext = (CommandOf<typeof dialogCommands> & { type: "set-context" })["payload"];

const entriesOf = (
  { scope }: SetContext,
  owner: string,
  dialog: Dialog,
  { shared = {} }: KnownToDialogs,
): ContextEntries => {
  if (scope === "dialog") return dialog.context;
  return scope === "participant" ? (ownValue(dialog.participantContext, owner) ?? {}) : shared;
};

/** Sets values in a scope; those of a participant are one's own, unless `participant` says whose. */
export const setContext = (
  payload: SetContext,
  dialog: Dialog,
  { aggregateId: id, principal: by }: DecisionContext<KnownToDialogs | undefined>,
  known: KnownToDialogs,
): Result.Result<ReadonlyArray<DialogEvent>, Rejection> => {
  const { scope, participant, values, merge = dialog.merge } = payload;
  if (participant !== undefined && scope !== "participant")
    return refuse(
      "scope-has-no-participant",
      `dialog \`${id}\`: the scope ${scope} is everyone's; leave \`participant\` out, or set the scope participant`,
    );
  const owner = participant ?? by;
  if (scope === "participant" && !audienceOf(dialog, known).some((one) => one.id === owner))
    return refuse("unknown-recipient", `dialog \`${id}\`: \`${owner}\` does not take part; name a participant`, {
      recipients: [owner],
    });
  const before = entriesOf(payload, owner, dialog, known);
  const change = { values, merge, by };
  const bytes = sizeAfter(before, change);
  // One that was too large before there was a limit may shrink.
  const problem =
    contradiction(id, before, change, "remove it with null first, or merge another way") ??
    (bytes > jsonBytes(valuesOf(before)) ? tooLarge(id, scope, bytes) : undefined);
  if (problem !== undefined) return problem;
  const whose = scope === "participant" ? { participant: owner } : scope === "topic" ? { topic: dialog.topic } : {};
  return accept({ type: "context-set", data: { scope, ...whose, values, merge, by } });
};
