import type { Result } from "effect";
import { jsonBytes, type Rejection, refuse } from "../kernel/mod.ts";
import {
  type ContextChange,
  type ContextEntries,
  type ContextScope,
  changed,
  conflictsOf,
  maxContextBytes,
  valuesOf,
} from "./context.ts";

/** Refuses values that contradict what the same keys have; `instead` says what else can be done. */
export const contradiction = (
  id: string,
  entries: ContextEntries,
  change: Omit<ContextChange, "order">,
  instead: string,
): Result.Result<never, Rejection> | undefined => {
  const keys = conflictsOf(entries, { ...change, order: 0 });
  if (keys.length === 0) return undefined;
  const named = keys.map((key) => `\`${key}\``).join(", ");
  return refuse("context-conflict", `dialog \`${id}\`: ${named} has another value already; ${instead}`, { keys });
};

/** Refuses a context that would be larger than any scope's may be. */
export const tooLarge = (
  id: string,
  scope: ContextScope,
  bytes: number,
): Result.Result<never, Rejection> | undefined =>
  bytes <= maxContextBytes
    ? undefined
    : refuse(
        "too-large",
        `dialog \`${id}\`: the context of the scope ${scope} would have ${bytes} bytes of JSON, and may have ${maxContextBytes}; remove keys with null first, or keep the value elsewhere and set where it is`,
        { scope, bytes, limit: maxContextBytes },
      );

/** Bytes that a context has after a change that is the newest. */
export const sizeAfter = (entries: ContextEntries, change: Omit<ContextChange, "order">): number =>
  jsonBytes(valuesOf(changed(entries, { ...change, order: Number.MAX_SAFE_INTEGER })));
