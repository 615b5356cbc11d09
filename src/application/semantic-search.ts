import { Effect, Option } from "effect";
import {
  type ConceptHit,
  factText,
  fuse,
  type Ranking,
  rankingsOf,
  type TextIndex,
} from "../domain/knowledge/concept-search.ts";
import type { Knowledge } from "../domain/knowledge/described.ts";
import { Embedder } from "./ports/mod.ts";

const cosine = (one: ReadonlyArray<number>, other: ReadonlyArray<number>): number => {
  let [product, left, right] = [0, 0, 0];
  for (const [index, value] of one.entries()) {
    const beside = other[index] ?? 0;
    product += value * beside;
    left += value * value;
    right += beside * beside;
  }
  return left === 0 || right === 0 ? 0 : product / Math.sqrt(left * right);
};

/**
 * Returns the hits of concept search with the embedder's ranking added. Undefined if the installation has no embedder,
 * or if it does not answer.
 */
export const semanticSearch = Effect.fnUntraced(function* (
  knowledge: Knowledge,
  index: TextIndex,
  { question, hops, limit }: { readonly question: string; readonly hops: number; readonly limit: number },
) {
  const embedder = Option.getOrUndefined(yield* Effect.serviceOption(Embedder));
  if (embedder === undefined) return undefined;
  const { rankings, words } = rankingsOf(knowledge, index, question, hops);
  const ids = [...new Set(rankings.flatMap(({ ranked }) => ranked.map(({ id }) => id)))];
  const texts = ids.flatMap((id) => {
    const known = knowledge.base.fact(id);
    return known === undefined ? [] : [factText(known)];
  });
  const vectors = yield* Effect.catch(embedder.embed([question, ...texts]), ({ message }) =>
    Effect.as(Effect.logWarning(`the embedder does not answer: ${message}`), undefined),
  );
  const [asked, ...rest] = vectors ?? [];
  if (asked === undefined) return undefined;
  const ranked = ids
    .map((id, at) => ({ id, similarity: cosine(asked, rest[at] ?? []) }))
    .sort((one, other) => other.similarity - one.similarity)
    .map(({ id, similarity }) => ({ id, reason: `similarity ${similarity.toFixed(3)}` }));
  const meaning: Ranking = { name: "meaning", ranked };
  const hits: ReadonlyArray<ConceptHit> = fuse(knowledge, [...rankings, meaning], words, limit);
  return hits;
});
