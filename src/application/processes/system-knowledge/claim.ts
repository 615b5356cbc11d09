import type { FactObject } from "../../../domain/knowledge/fact.ts";

/** What is said, without who says it when. */
export interface Triple {
  readonly subject: string;
  readonly predicate: string;
  readonly object: FactObject;
}

/** What an event means for the installation's knowledge. */
export type Claim =
  | {
      /** A thing has one of this, and the newest word on it holds; or it has many, and each goes on to hold. */
      readonly is: "said";
      readonly triple: Triple;
    }
  | {
      /** All that holds of a part now: what was claimed of it before, and is not here, is not true any more. */
      readonly is: "whole";
      readonly part: string;
      readonly triples: ReadonlyArray<Triple>;
    };

/** Predicates that a thing has one of. */
export const singleValued = {
  status: "newest",
  health: "newest",
  topic: "newest",
  "runs-closure": "newest",
  "deployed-by": "newest",
  "belongs-to": "newest",
  address: "newest",
} as const;

/** Predicates of claims about a whole, which end. */
export const ending: ReadonlySet<string> = new Set(["runs-on", "drifts-in"]);

export const keyOf = ({ subject, predicate, object }: Triple): string => JSON.stringify([subject, predicate, object]);
