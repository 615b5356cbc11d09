import { Schema } from "effect";
import { DescribedFact, type Knowledge } from "./described.ts";
import { entityOf } from "./fact.ts";
import type { KnownFact } from "./fact-index.ts";
import type { Policy } from "./policy.ts";

/** Searchable text: the words of a fact. */
export interface IndexedText {
  readonly id: string;
  readonly subject: string;
  readonly predicate: string;
  readonly object: string;
  readonly source: string;
}

/** A hit, with the words that matched and their fields. */
export interface TextHit {
  readonly id: string;
  readonly score: number;
  readonly matches: ReadonlyArray<{ readonly word: string; readonly fields: ReadonlyArray<string> }>;
}

/** A full-text index of facts. Facts never change, so the index only grows. */
export interface TextIndex {
  readonly add: (texts: ReadonlyArray<IndexedText>) => void;
  /** Returns the best `limit` texts with any of the words or similar ones, best first. */
  readonly search: (words: ReadonlyArray<string>, limit: number) => ReadonlyArray<TextHit>;
}

/** A fact that was found, with the reasons and its score. */
export const ConceptHit = Schema.Struct({
  fact: DescribedFact,
  score: Schema.Finite,
  /** The fact in words, with each match between `**`. */
  snippet: Schema.String,
  reasons: Schema.Array(Schema.String),
}).annotate({ identifier: "ConceptHit" });
export type ConceptHit = typeof ConceptHit.Type;

/** Ids of facts, best first, each with the reason for its place. */
export interface Ranking {
  readonly name: string;
  readonly ranked: ReadonlyArray<{ readonly id: string; readonly reason?: string }>;
}

/** Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion" (SIGIR 2009): a rank counts 1 / (60 + rank). */
const rankConstant = 60;
/** The number of best texts that are considered. Hops start at the first `seeds` of them. */
const textHits = 100;
const seeds = 10;
/** The most facts that a hop follows from one entity. */
const factsPerEntity = 50;

const wordsIn = (text: string): ReadonlyArray<string> =>
  text.toLowerCase().match(/[\p{L}\p{N}]+(?:[-_.][\p{L}\p{N}]+)*/gu) ?? [];

/** Returns the words of a question and their synonyms, each with the word that it stands for. */
export const expandWords = (text: string, { synonyms }: Pick<Policy, "synonyms">) => {
  const words = wordsIn(text);
  const expanded = new Map(words.map((word) => [word, word]));
  for (const group of synonyms) {
    const lower = group.map((one) => one.toLowerCase());
    const asked = lower.find((one) => words.includes(one) || text.toLowerCase().includes(one));
    if (asked === undefined) continue;
    for (const one of lower) for (const word of wordsIn(one)) if (!expanded.has(word)) expanded.set(word, asked);
  }
  return expanded;
};

const textReason = ({ matches }: TextHit, expanded: ReadonlyMap<string, string>): string =>
  matches
    .map(({ word, fields }) => {
      const asked = expanded.get(word);
      const synonym = asked === undefined || asked === word ? "" : `, a synonym of \`${asked}\`,`;
      return `\`${word}\`${synonym} in ${fields.join(" and ")}`;
    })
    .join("; ");

/** Returns the facts with words of a question, and the matched words of each. */
const byText = (knowledge: Knowledge, index: TextIndex, question: string) => {
  const expanded = expandWords(question, knowledge.policy);
  const hits = index.search([...expanded.keys()], textHits).filter(({ id }) => isStanding(knowledge, id));
  const words = new Map(hits.map(({ id, matches }) => [id, matches.map(({ word }) => word)]));
  const ranked = hits.map((hit) => ({ id: hit.id, reason: textReason(hit, expanded) }));
  return { words, ranking: { name: "text", ranked } satisfies Ranking };
};

const isStanding = (knowledge: Knowledge, id: string): boolean => {
  const known = knowledge.base.fact(id);
  return known !== undefined && knowledge.holds(known);
};

/** Returns the facts with the words, then the facts one or two hops away, nearest first. */
const byHops = (knowledge: Knowledge, start: ReadonlyArray<string>, hops: number): Ranking => {
  const seen = new Set(start);
  const ranked: Array<Ranking["ranked"][number]> = start.map((id) => ({ id }));
  let frontier = start.slice(0, seeds);
  for (let distance = 1; distance <= hops; distance++) {
    const next: Array<string> = [];
    for (const id of frontier) {
      const fact = knowledge.base.fact(id)?.fact;
      if (fact === undefined) continue;
      for (const entity of [fact.subject, entityOf(fact.object)]) {
        let taken = 0;
        for (const near of knowledge.base.about(entity)) {
          if (taken === factsPerEntity) break;
          if (seen.has(near.id) || !knowledge.holds(near)) continue;
          seen.add(near.id);
          next.push(near.id);
          taken += 1;
          ranked.push({ id: near.id, reason: `${distance} hop${distance === 1 ? "" : "s"} away, by \`${entity}\`` });
        }
      }
    }
    frontier = next.slice(0, seeds);
  }
  return { name: "graph", ranked };
};

/**
 * Returns the rankings of a question by words and by the knowledge graph. Others may be added before they are fused.
 */
export const rankingsOf = (knowledge: Knowledge, index: TextIndex, question: string, hops: number) => {
  const { words, ranking } = byText(knowledge, index, question);
  const graph = byHops(
    knowledge,
    ranking.ranked.map(({ id }) => id),
    hops,
  );
  return { words, rankings: [ranking, graph] as ReadonlyArray<Ranking> };
};

const partsOf = ({ fact }: KnownFact): ReadonlyArray<string> => [fact.subject, fact.predicate, entityOf(fact.object)];

/** Returns a fact in words. */
export const factText = (known: KnownFact): string => partsOf(known).join(" ");

/** Returns a fact in words, with the matches marked. Long parts are cut after 120 characters. */
const snippetOf = (known: KnownFact, words: ReadonlyArray<string>): string => {
  const shown = partsOf(known).map((part) => (part.length > 120 ? `${part.slice(0, 119)}…` : part));
  const mark = (part: string): string => {
    const word = words.find((one) => part.toLowerCase().includes(one));
    if (word === undefined) return part;
    const at = part.toLowerCase().indexOf(word);
    return `${part.slice(0, at)}**${part.slice(at, at + word.length)}**${part.slice(at + word.length)}`;
  };
  return shown.map(mark).join(" ");
};

/**
 * Returns the hits of all rankings, fused by reciprocal rank. Each fact is weighted by its confidence, which includes
 * the trust in its author.
 */
export const fuse = (
  knowledge: Knowledge,
  rankings: ReadonlyArray<Ranking>,
  words: ReadonlyMap<string, ReadonlyArray<string>>,
  limit: number,
): ReadonlyArray<ConceptHit> => {
  const found = new Map<string, { score: number; readonly reasons: Array<string> }>();
  for (const { name, ranked } of rankings)
    for (const [rank, { id, reason }] of ranked.entries()) {
      const one = found.get(id) ?? { score: 0, reasons: [] };
      one.score += 1 / (rankConstant + rank + 1);
      if (reason !== undefined) one.reasons.push(`${name}: ${reason}`);
      found.set(id, one);
    }
  return [...found]
    .flatMap(([id, { score, reasons }]) => {
      const known = knowledge.base.fact(id);
      return known === undefined ? [] : [{ known, score: score * knowledge.confidence(known), reasons }];
    })
    .sort((one, other) => other.score - one.score || (one.known.id < other.known.id ? -1 : 1))
    .slice(0, limit)
    .map(({ known, score, reasons }) => ({
      fact: knowledge.describe(known),
      score,
      snippet: snippetOf(known, words.get(known.id) ?? []),
      reasons: [...reasons, `weighed by confidence ${knowledge.confidence(known).toFixed(3)}`],
    }));
};

/** Returns facts that match the words of a question, and their neighbours in the knowledge graph. */
export const conceptSearch = (
  knowledge: Knowledge,
  index: TextIndex,
  { question, hops, limit }: { readonly question: string; readonly hops: number; readonly limit: number },
): ReadonlyArray<ConceptHit> => {
  const { rankings, words } = rankingsOf(knowledge, index, question, hops);
  return fuse(knowledge, rankings, words, limit);
};
