import MiniSearch from "minisearch";
import type { IndexedText, TextIndex } from "../../domain/knowledge/concept-search.ts";

/** Marks a word that has parts. The prefix `web` then finds the part `web`, and not each of a thousand `web-1`. */
const mark = "=";
const marked = (word: string): string => (/[-_.]/.test(word) ? `${mark}${word}` : word);
const unmarked = (word: string): string => (word.startsWith(mark) ? word.slice(mark.length) : word);

/** `web-api` is found by itself, and by `web`. */
const wordsIn = (text: string): Array<string> => {
  const words = text.match(/[\p{L}\p{N}]+(?:[-_.][\p{L}\p{N}]+)*/gu) ?? [];
  return words.flatMap((word) => {
    const parts = word.split(/[-_.]/u);
    return parts.length === 1 ? [word] : [marked(word), ...parts];
  });
};

/** Short words and numbered names match exactly: `leaf-1` is not like `leaf-2` and is not the start of `leaf-10`. */
const isExact = (word: string): boolean => word.length < 3 || /\d/.test(word);
const fuzziness = (word: string): number | boolean => (word.length > 3 && !isExact(word) ? 0.2 : false);

/**
 * The texts that are ranked for each text of the answer. Without a limit, a frequent word would rank almost all texts.
 */
const rankedFor = 5;

/** Returns a text index in memory: BM25+ with prefixes and similar words. The subject of a fact counts most. */
export const textIndex = (): TextIndex => {
  /** How often each word occurs in the texts. */
  const counts = new Map<string, number>();
  const index = new MiniSearch<IndexedText>({
    fields: ["subject", "predicate", "object", "source"],
    tokenize: wordsIn,
    processTerm: (term) => {
      const word = term.toLowerCase();
      counts.set(word, (counts.get(word) ?? 0) + 1);
      return word;
    },
    searchOptions: {
      processTerm: (term) => term.toLowerCase(),
      boost: { subject: 2, object: 1.5 },
      prefix: (word) => !isExact(word),
      fuzzy: fuzziness,
    },
  });

  const rarity = (word: string): number => Math.log(1 + index.documentCount / (counts.get(word) ?? 1));

  /** Returns the texts to rank: at most `most`, those with the rarest words. */
  const worthRanking = (words: ReadonlyArray<string>, most: number): ReadonlySet<string> => {
    const found = new Map<string, number>();
    let last = "";
    let weight = 0;
    // MiniSearch passes over a text with the factor 0 and builds no result for it.
    const boostDocument = (id: string, word: string): number => {
      if (word !== last) {
        last = word;
        weight = rarity(word);
      }
      found.set(id, (found.get(id) ?? 0) + weight);
      return 0;
    };
    index.search("", { tokenize: () => [...words], boostDocument });
    if (found.size <= most) return new Set(found.keys());
    const least = Float64Array.from(found.values()).sort()[found.size - most] ?? 0;
    const ids = new Set([...found].flatMap(([id, sum]) => (sum > least ? [id] : [])));
    for (const [id, sum] of found) if (sum === least && ids.size < most) ids.add(id);
    return ids;
  };

  return {
    add: (texts) => index.addAll(texts),
    search: (asked, limit) => {
      const words = asked.map(marked);
      const worth = worthRanking(words, rankedFor * limit);
      const boostDocument = (id: string): number => (worth.has(id) ? 1 : 0);
      return index
        .search("", { tokenize: () => [...words], boostDocument })
        .slice(0, limit)
        .map(({ id, score, match }) => ({
          id: String(id),
          score,
          matches: Object.entries(match).map(([word, fields]) => ({ word: unmarked(word), fields })),
        }));
    },
  };
};
