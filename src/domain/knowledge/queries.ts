import type { DescribedFact, Knowledge } from "./described.ts";
import type { Fact } from "./fact.ts";
import type { KnownFact, Pattern } from "./fact-index.ts";
import type { KnowledgeBase } from "./knowledge-base.ts";
import type { Belief, Entry } from "./record.ts";

export interface PatternQuery extends Pattern {
  /** Includes facts that are retracted or have lost a conflict. */
  readonly all?: boolean;
  /** Only facts from this model or tool, as their authors claim. */
  readonly model?: string;
  readonly tool?: string;
  readonly limit: number;
  /** The id of the last fact of the previous page. */
  readonly cursor?: string;
}

export interface FactPage {
  readonly items: ReadonlyArray<DescribedFact>;
  /** Present if more may follow. */
  readonly cursor?: string;
}

/** Returns a page of the facts that match a pattern, in the order of their ids. */
export const matching = (
  knowledge: Knowledge,
  { all = false, limit, cursor, model, tool, ...pattern }: PatternQuery,
): FactPage => {
  const isFrom = ({ provenance = {} }: Fact) =>
    (model === undefined || provenance.model === model) && (tool === undefined || provenance.tool === tool);
  const wanted = (known: KnownFact) =>
    (cursor === undefined || known.id > cursor) && isFrom(known.fact) && (all || knowledge.holds(known));
  const found = [...knowledge.base.match(pattern)].filter(wanted).sort((one, other) => (one.id < other.id ? -1 : 1));
  const items = found.slice(0, limit).map((known) => knowledge.describe(known));
  const last = items.at(-1);
  return last === undefined || found.length === items.length ? { items } : { items, cursor: last.id };
};

const inTime = (one: Entry, other: Entry): number =>
  one.record.stamp < other.record.stamp || (one.record.stamp === other.record.stamp && one.id < other.id) ? -1 : 1;

/**
 * Returns all records about a fact in the order of time, starting with itself; undefined if the fact does not exist.
 */
export const historyOf = (base: KnowledgeBase, id: string): ReadonlyArray<Entry> | undefined => {
  const known = base.fact(id);
  const asserted = base.entry(id);
  if (known === undefined || asserted === undefined) return undefined;
  const { subject, predicate } = known.fact;
  const settled = [...base.settlements(subject, predicate)].filter(({ record }) => record.fact === id);
  const { retraction, revocation, struck = [] } = known;
  const single = [retraction, revocation].filter((entry) => entry !== undefined);
  const revoked = struck.flatMap((one) => [one.entry, one.revocation]);
  const rest = new Set<Entry>([...known.evidence.values(), ...single, ...settled, ...revoked]);
  return [asserted, ...[...rest].sort(inTime)];
};

/** Returns the newest beliefs that match a pattern, by triple and then by author. */
export const beliefsIn = (
  base: KnowledgeBase,
  { subject, predicate, object, author }: Pattern,
): ReadonlyArray<{ readonly id: string } & Belief> =>
  [...base.beliefs()]
    .map(({ id, belief }) => ({ id, ...belief }))
    .filter(
      (belief) =>
        (subject === undefined || belief.subject === subject) &&
        (predicate === undefined || belief.predicate === predicate) &&
        (object === undefined || belief.object === object) &&
        (author === undefined || belief.author === author),
    )
    .sort((one, other) => {
      const [left, right] = [one, other].map((belief) =>
        JSON.stringify([belief.subject, belief.predicate, belief.object, belief.author]),
      );
      return (left ?? "") < (right ?? "") ? -1 : 1;
    });
