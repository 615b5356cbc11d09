import MiniSearch from "minisearch";
import type { IndexedText, TextIndex } from "../../domain/knowledge/text-index.ts";

/** Short words and numbered names are found as they are only: `leaf-1` is neither like `leaf-2` nor the start of `leaf-10`. */
const isExact = (word: string): boolean => word.length < 3 || /\d/.test(word);
const fuzziness = (word: string): number | boolean => (word.length > 3 && !isExact(word) ? 0.2 : false);

/** A text index in memory: BM25+, with prefixes and similar words, what a fact is about counting most. */
export const textIndex = (): TextIndex => {
  const index = new MiniSearch<IndexedText>({
    fields: ["subject", "predicate", "object", "source"],
    // `web-api` is found by itself, and by `web`.
    tokenize: (text) => {
      const words = text.match(/[\p{L}\p{N}]+(?:[-_.][\p{L}\p{N}]+)*/gu) ?? [];
      return words.flatMap((word) => {
        const parts = word.split(/[-_.]/u);
        return parts.length === 1 ? [word] : [word, ...parts];
      });
    },
    searchOptions: {
      boost: { subject: 2, object: 1.5 },
      prefix: (word) => !isExact(word),
      fuzzy: fuzziness,
    },
  });
  return {
    add: (texts) => index.addAll(texts),
    search: (words, limit) =>
      index
        .search(words.join(" "), { tokenize: () => [...words] })
        .slice(0, limit)
        .map(({ id, score, match }) => ({
          id: String(id),
          score,
          matches: Object.entries(match).map(([word, fields]) => ({ word, fields })),
        })),
  };
};
