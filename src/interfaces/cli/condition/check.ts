import type { Facts } from "./facts.ts";

/** Something that is not as it should be. `note`: it goes on well so. `unknown`: it could not be seen. */
export interface Finding {
  readonly level: "wrong" | "note" | "unknown";
  readonly what: string;
  /** What to do. */
  readonly remedy: string;
}

/** Something to look at. */
export interface Check {
  readonly name: string;
  /** Returns what is not as it should be. */
  readonly look: (facts: Facts) => ReadonlyArray<Finding>;
  /** Returns what was seen, if all is well. */
  readonly well: (facts: Facts) => string;
}

const found =
  (level: Finding["level"]) =>
  (what: string, remedy: string): Finding => ({ level, what, remedy });
export const wrong = found("wrong");
export const note = found("note");
export const unknown = found("unknown");

/** Returns the finding if the condition holds. */
export const when = (condition: boolean, finding: () => Finding): ReadonlyArray<Finding> =>
  condition ? [finding()] : [];
