import type { RecordedEvent } from "../kernel/mod.ts";
import type { ContextChange } from "./context.ts";
import type { DialogEvent } from "./evolve.ts";

const isPlain = (byte: number): boolean => /[A-Za-z0-9]/.test(String.fromCharCode(byte));

const keyText = (text: string): string =>
  [...new TextEncoder().encode(text)]
    .map((byte) => (isPlain(byte) ? String.fromCharCode(byte) : `=${byte.toString(16).padStart(2, "0")}`))
    .join("");

/**
 * The id of a context that dialogs share: `global`, or `topic=` and the topic, in which every byte of its UTF-8 that is
 * no letter or digit is `=` and the byte in hex. It is a KV key.
 */
export const sharedContextId = (scope: "topic" | "global", topic: string): string =>
  scope === "global" ? "global" : `topic=${keyText(topic)}`;

/** What an event changes in a context that dialogs share. The order of such values is their position in the log. */
export const sharedChangeOf = (
  event: DialogEvent & Pick<RecordedEvent, "position">,
): { readonly id: string; readonly topic?: string; readonly change: ContextChange } | undefined => {
  if (event.type !== "context-set") return undefined;
  const { scope, topic, values, merge, by } = event.data;
  const change = { values, merge, by, order: event.position };
  if (scope === "global") return { id: sharedContextId(scope, ""), change };
  return scope === "topic" && topic !== undefined ? { id: sharedContextId(scope, topic), topic, change } : undefined;
};
