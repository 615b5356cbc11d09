import { Struct } from "effect";
import type { AnswerOf } from "../../../../contract/views/mod.ts";

type Listed = AnswerOf<"policies", "list">["items"][number];

/** The document of a policy, without what the list says about it. */
export const policyOf = (listed: Listed) => Struct.omit(listed, ["id", "version", "digest", "shipped"]);

/** A span of seconds in words, of the largest unit that fits. */
export const durationText = (seconds: number): string => {
  for (const [size, unit] of [
    [86_400, "days"],
    [3_600, "hours"],
    [60, "minutes"],
  ] as const)
    if (seconds >= 2 * size && seconds % size === 0) return `${seconds / size} ${unit}`;
  return `${seconds} seconds`;
};

/** Reads the fields of a policy; in words why they cannot be one. The installation checks what they say. */
export const readPolicy = (text: string): { readonly fields: object } | { readonly fault: string } => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? { fields: value }
      : { fault: "a policy is an object: its fields by name" };
  } catch {
    return { fault: "this is not JSON yet" };
  }
};
