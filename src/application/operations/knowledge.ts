import { Effect } from "effect";
import type { SpaceDocument } from "../../contract/views/knowledge.ts";
import { defined } from "../../domain/kernel/mod.ts";
import { conceptSearch } from "../../domain/knowledge/concept-search.ts";
import { neighboursOf, shortestPath, subgraph } from "../../domain/knowledge/network.ts";
import { beliefsIn, historyOf, matching } from "../../domain/knowledge/queries.ts";
import { whyOf } from "../../domain/knowledge/why.ts";
import { CommandError, notFound } from "../command-error.ts";
import { unavailableLog } from "../history.ts";
import type { KnowledgeSpace } from "../knowledge-space.ts";
import { KnowledgeSpaces } from "../knowledge-spaces.ts";
import type { Documents } from "../live-view.ts";
import { TextIndexes } from "../ports/mod.ts";
import type { AnswersOf } from "../queries.ts";
import { semanticSearch } from "../semantic-search.ts";
import { getDocument, listDocuments } from "./documents.ts";

interface Asked {
  readonly space: string;
  readonly position?: number;
  readonly time?: string;
}

const spaceOf = Effect.fnUntraced(function* (id: string, documents: Documents<SpaceDocument>) {
  const published = documents.get(id);
  if (published === undefined) return yield* notFound("space of knowledge", id);
  return yield* unavailableLog((yield* KnowledgeSpaces).read(id, published));
});

/** Returns the space, now or at a past moment, with an index of its facts. */
const knowledgeOf = Effect.fnUntraced(function* (
  { space: id, position, time }: Asked,
  documents: Documents<SpaceDocument>,
) {
  const space: KnowledgeSpace = yield* spaceOf(id, documents);
  if (position === undefined && time === undefined) return { space, knowledge: space.now, index: () => space.index };
  const { make } = yield* TextIndexes;
  const { knowledge, texts } = space.at(defined({ position, time }));
  const index = () => {
    const made = make();
    made.add(texts);
    return made;
  };
  return { space, knowledge, index };
});

const unknownFact = (space: string, fact: string) =>
  new CommandError({
    code: "rejected",
    message: `space \`${space}\` has no fact ${fact}; \`facts list\` shows those that there are`,
    details: { reason: "not-found" },
  });

/** The answers about spaces of knowledge. */
export const knowledgeAnswers = {
  get: getDocument("knowledge"),
  list: listDocuments,
  facts: Effect.fnUntraced(function* ({ space, position, time, ...query }, documents) {
    const { knowledge } = yield* knowledgeOf(defined({ space, position, time }), documents);
    return matching(knowledge, query);
  }),
  fact: Effect.fnUntraced(function* (input, documents) {
    const { space, knowledge } = yield* knowledgeOf(input, documents);
    const known = knowledge.base.fact(input.fact);
    if (known === undefined) return yield* unknownFact(input.space, input.fact);
    return { ...knowledge.describe(known), ...defined({ position: space.positionOf(known.id) }) };
  }),
  why: Effect.fnUntraced(function* (input, documents) {
    const { knowledge } = yield* knowledgeOf(input, documents);
    return whyOf(knowledge, input.fact) ?? (yield* unknownFact(input.space, input.fact));
  }),
  history: Effect.fnUntraced(function* (input, documents) {
    const { space, knowledge } = yield* knowledgeOf(input, documents);
    const entries = historyOf(knowledge.base, input.fact);
    if (entries === undefined) return yield* unknownFact(input.space, input.fact);
    return { items: entries.map((entry) => ({ ...entry, ...defined({ position: space.positionOf(entry.id) }) })) };
  }),
  search: Effect.fnUntraced(function* (input, documents) {
    const { knowledge, index } = yield* knowledgeOf(input, documents);
    const found = yield* semanticSearch(knowledge, index(), input);
    return { items: found ?? conceptSearch(knowledge, index(), input) };
  }),
  neighbours: Effect.fnUntraced(function* (input, documents) {
    const { knowledge } = yield* knowledgeOf(input, documents);
    return { items: neighboursOf(knowledge, input.entity, input) };
  }),
  graph: Effect.fnUntraced(function* (input, documents) {
    const { knowledge } = yield* knowledgeOf(input, documents);
    return subgraph(knowledge, input.entity, input);
  }),
  path: Effect.fnUntraced(function* (input, documents) {
    const { knowledge } = yield* knowledgeOf(input, documents);
    const found = shortestPath(knowledge, input.from, input.to);
    return { found: found !== undefined, items: found ?? [] };
  }),
  beliefs: Effect.fnUntraced(function* (input, documents) {
    const { knowledge } = yield* knowledgeOf(input, documents);
    return { items: beliefsIn(knowledge.base, input).slice(0, input.limit) };
  }),
  conflict: Effect.fnUntraced(function* (input, documents) {
    const { knowledge } = yield* knowledgeOf(input, documents);
    return knowledge.resolution(input.subject, input.predicate) ?? { strategy: null, candidates: [], why: "" };
  }),
} satisfies AnswersOf<"knowledge", KnowledgeSpaces | TextIndexes>;
