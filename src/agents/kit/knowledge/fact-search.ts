import { type ConceptHit, conceptSearch } from "../../../domain/knowledge/concept-search.ts";
import type { Knowledge } from "../../../domain/knowledge/described.ts";
import { textIndex } from "../../../infrastructure/minisearch/text-index.ts";

/** Concept search over a space that grows: what is new in it is indexed when something is searched for. */
export const factSearch = () => {
  const texts = textIndex();
  const ids = new Set<string>();
  return (
    knowledge: Knowledge,
    asked: { readonly question: string; readonly hops: number; readonly limit: number },
  ): ReadonlyArray<ConceptHit> => {
    const fresh = [...knowledge.base.facts()].filter(({ id }) => !ids.has(id));
    for (const { id } of fresh) ids.add(id);
    texts.add(
      fresh.map(({ id, fact: { subject, predicate, object, source = "" } }) => ({
        ...{ id, subject, predicate, object: String(object), source },
      })),
    );
    return conceptSearch(knowledge, texts, asked);
  };
};
