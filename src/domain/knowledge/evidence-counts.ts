import { Schema } from "effect";
import type { Evidence } from "./record.ts";

/** Counts of evidence: for and against. */
export const Counts = Schema.Struct({ supports: Schema.Int, disputes: Schema.Int });
export type Counts = typeof Counts.Type;

type Verdict = Evidence["verdict"];

const none: Counts = { supports: 0, disputes: 0 };

const changed = ({ supports, disputes }: Counts = none, verdict: Verdict, change: number): Counts =>
  verdict === "support" ? { supports: supports + change, disputes } : { supports, disputes: disputes + change };

/** How much evidence there is on the facts of each author, and who gave it. */
export class EvidenceCounts {
  readonly #on = new Map<string, Counts>();
  readonly #by = new Map<string, Map<string, Counts>>();

  /** Counts evidence `by` an author on a fact `of` another; -1 takes it out again. */
  count(of: string, by: string, verdict: Verdict, change: 1 | -1): void {
    this.#on.set(of, changed(this.#on.get(of), verdict, change));
    const given = this.#by.get(by) ?? new Map<string, Counts>();
    this.#by.set(by, given.set(of, changed(given.get(of), verdict, change)));
  }

  /** What others gave for and against the facts of an author. */
  on(author: string): Counts {
    return this.#on.get(author) ?? none;
  }

  /** What one author gave for and against the facts of others, by their authors. */
  by(author: string): ReadonlyMap<string, Counts> {
    return this.#by.get(author) ?? new Map();
  }

  /** Who has given evidence. */
  givers(): Iterable<string> {
    return this.#by.keys();
  }
}
