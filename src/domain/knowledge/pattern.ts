import type { DescribedFact, Knowledge } from "./described.ts";
import type { Pattern } from "./fact-index.ts";
import type { KnownFact } from "./known-fact.ts";

export interface PatternQuery extends Pattern {
  /** Also what is retracted or beaten by another fact. */
  readonly all?: boolean;
  readonly limit: number;
  /** The id of the last fact of the page before. */
  readonly cursor?: string;
}

export interface FactPage {
  readonly items: ReadonlyArray<DescribedFact>;
  /** There where more may follow. */
  readonly cursor?: string;
}

/** The facts that fit a pattern, in the order of their ids, a page at a time. */
export const matching = (knowledge: Knowledge, { all = false, limit, cursor, ...pattern }: PatternQuery): FactPage => {
  const wanted = (known: KnownFact) => (cursor === undefined || known.id > cursor) && (all || knowledge.holds(known));
  const found = [...knowledge.base.match(pattern)].filter(wanted).sort((one, other) => (one.id < other.id ? -1 : 1));
  const items = found.slice(0, limit).map((known) => knowledge.describe(known));
  const last = items.at(-1);
  return last === undefined || found.length === items.length ? { items } : { items, cursor: last.id };
};
