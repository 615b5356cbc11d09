import { accept, defined, jsonBytes, type PayloadOf, type RecordedEvent, refuse } from "../kernel/mod.ts";
import {
  type ContextChange,
  type ContextEntries,
  type ContextScope,
  contradiction,
  ownValue,
  sizeAfter,
  tooLarge,
  valuesOf,
} from "./context.ts";
import type { DialogContext, DialogDecision, DialogEvent, dialogCommands, KnownToDialogs } from "./contract.ts";
import { audienceOf } from "./routing.ts";
import type { Dialog } from "./state.ts";

const entriesOf = (
  { scope }: PayloadOf<typeof dialogCommands, "set-context">,
  owner: string,
  dialog: Dialog,
  { shared = {} }: KnownToDialogs,
): ContextEntries => {
  if (scope === "dialog") return dialog.context;
  return scope === "participant" ? (ownValue(dialog.participantContext, owner) ?? {}) : shared;
};

/**
 * Sets values in a scope. In the scope `participant` they belong to the principal, unless `participant` names another.
 */
export const setContext = (
  payload: PayloadOf<typeof dialogCommands, "set-context">,
  dialog: Dialog,
  { aggregateId: id, principal: by }: DialogContext,
  known: KnownToDialogs,
): DialogDecision => {
  const { scope, participant, values, merge = dialog.merge } = payload;
  if (participant !== undefined && scope !== "participant")
    return refuse(
      "scope-has-no-participant",
      `dialog \`${id}\`: the scope ${scope} belongs to everyone; leave \`participant\` out, or set the scope participant`,
    );
  const owner = participant ?? by;
  if (scope === "participant" && !audienceOf(dialog, known).some((one) => one.id === owner))
    return refuse("unknown-recipient", `dialog \`${id}\`: \`${owner}\` does not take part; name a participant`, {
      recipients: [owner],
    });
  const before = entriesOf(payload, owner, dialog, known);
  const change = { values, merge, by };
  const bytes = sizeAfter(before, change);
  // An older context may exceed the limit, and must be able to shrink.
  const problem =
    contradiction(id, before, change, "remove it with null first, or merge another way") ??
    (bytes > jsonBytes(valuesOf(before)) ? tooLarge(id, scope, bytes) : undefined);
  if (problem !== undefined) return problem;
  const whose = defined({
    participant: scope === "participant" ? owner : undefined,
    topic: scope === "topic" ? dialog.topic : undefined,
  });
  return accept({ type: "context-set", data: { scope, ...whose, values, merge, by } });
};

/** Returns whether other dialogs share the context of this scope. */
export const isShared = (scope: ContextScope): scope is "topic" | "global" => scope === "topic" || scope === "global";

const isPlain = (byte: number): boolean => /[A-Za-z0-9]/.test(String.fromCharCode(byte));

const keyText = (text: string): string =>
  [...new TextEncoder().encode(text)]
    .map((byte) => (isPlain(byte) ? String.fromCharCode(byte) : `=${byte.toString(16).padStart(2, "0")}`))
    .join("");

/**
 * Returns the id of a shared context: `global`, or `topic=` and the topic. In the topic, every UTF-8 byte that is not a
 * letter or digit becomes `=` and the byte in hex, because the id is a KV key.
 */
export const sharedContextId = (scope: "topic" | "global", topic: string): string =>
  scope === "global" ? "global" : `topic=${keyText(topic)}`;

/** Returns the change that an event makes in a shared context. The order of its values is their position in the log. */
export const sharedChangeOf = (
  event: DialogEvent & Pick<RecordedEvent, "position">,
): { readonly id: string; readonly topic?: string; readonly change: ContextChange } | undefined => {
  if (event.type !== "context-set") return undefined;
  const { scope, topic, values, merge, by } = event.data;
  const change = { values, merge, by, order: event.position };
  if (scope === "global") return { id: sharedContextId(scope, ""), change };
  return scope === "topic" && topic !== undefined ? { id: sharedContextId(scope, topic), topic, change } : undefined;
};
