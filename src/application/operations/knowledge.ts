import { Effect, Schema } from "effect";
import { AggregateId, Instant, Name } from "../../domain/kernel/mod.ts";
import { conceptSearch } from "../../domain/knowledge/concept-search.ts";
import { FactObject, RecordId, Term } from "../../domain/knowledge/fact.ts";
import { neighboursOf, shortestPath, subgraph } from "../../domain/knowledge/network.ts";
import { beliefsIn, historyOf, matching } from "../../domain/knowledge/queries.ts";
import { whyOf } from "../../domain/knowledge/why.ts";
import { CommandError, notFound } from "../command-error.ts";
import { unavailableLog } from "../history.ts";
import type { KnowledgeSpace } from "../knowledge-space.ts";
import { KnowledgeSpaces, PublishedSpace } from "../knowledge-spaces.ts";
import { TextIndexes } from "../ports/mod.ts";
import { operation } from "../queries.ts";
import { semanticSearch } from "../semantic-search.ts";

type Documents = ReadonlyMap<string, Schema.Json>;

const Limit = (most: number, usual: number) =>
  Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: most })).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed(usual)),
  );
const Hops = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 5 })).pipe(
  Schema.withDecodingDefaultKey(Effect.succeed(1)),
);

/** What every question names: the space, and a moment of its past where it is not about now. */
const asked = {
  space: Name,
  position: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))),
  time: Schema.optionalKey(Instant),
};
const pattern = {
  subject: Schema.optionalKey(Term),
  predicate: Schema.optionalKey(Term),
  object: Schema.optionalKey(FactObject),
  author: Schema.optionalKey(AggregateId),
};
interface Asked {
  readonly space: string;
  readonly position?: number;
  readonly time?: string;
}

const isPublished = Schema.is(PublishedSpace);

const spaceOf = Effect.fnUntraced(function* (id: string, documents: Documents) {
  const published = documents.get(id);
  if (!isPublished(published)) return yield* notFound("space of knowledge", id);
  return yield* unavailableLog((yield* KnowledgeSpaces).read(id, published));
});

/** The space, now or then, with an index of its facts. */
const knowledgeOf = Effect.fnUntraced(function* ({ space: id, position, time }: Asked, documents: Documents) {
  const space: KnowledgeSpace = yield* spaceOf(id, documents);
  if (position === undefined && time === undefined) return { space, knowledge: space.now, index: () => space.index };
  const { make } = yield* TextIndexes;
  const { knowledge, texts } = space.at({
    ...(position === undefined ? {} : { position }),
    ...(time === undefined ? {} : { time }),
  });
  const index = () => {
    const made = make();
    made.add(texts);
    return made;
  };
  return { space, knowledge, index };
});

/** What is asked of a space, as JSON: what has no value is left out. */
const json = (value: unknown): Schema.Json => JSON.parse(JSON.stringify(value ?? null));

const factsInput = Schema.Struct({
  ...asked,
  ...pattern,
  all: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(false))),
  limit: Limit(1000, 100),
  cursor: Schema.optionalKey(RecordId),
});

const facts = operation({
  input: factsInput,
  description: "The facts that fit a pattern; with `all`, also those that were retracted or lost a conflict",
  answer: Effect.fnUntraced(function* (input: typeof factsInput.Type, documents) {
    const { knowledge } = yield* knowledgeOf(input, documents);
    const { space: _, position: __, time: ___, ...query } = input;
    return json(matching(knowledge, query));
  }),
});

const unknownFact = (space: string, fact: string) =>
  new CommandError({
    code: "rejected",
    message: `space \`${space}\` has no fact ${fact}; \`facts list\` shows those that there are`,
    details: { reason: "not-found" },
  });

const factInput = Schema.Struct({ ...asked, fact: RecordId });

const fact = operation({
  input: factInput,
  description: "One fact, and where it is in the log",
  answer: Effect.fnUntraced(function* (input: typeof factInput.Type, documents) {
    const { space, knowledge } = yield* knowledgeOf(input, documents);
    const known = knowledge.base.fact(input.fact);
    if (known === undefined) return yield* unknownFact(input.space, input.fact);
    return json({ ...knowledge.describe(known), position: space.positionOf(known.id) });
  }),
});

const why = operation({
  input: factInput,
  description: "Why a fact has its confidence, its authors their trust, and why it holds or does not",
  answer: Effect.fnUntraced(function* (input: typeof factInput.Type, documents) {
    const { knowledge } = yield* knowledgeOf(input, documents);
    const account = whyOf(knowledge, input.fact);
    return account === undefined ? yield* unknownFact(input.space, input.fact) : json(account);
  }),
});

const history = operation({
  input: factInput,
  description: "What was said about a fact, in the order of time, each with its position in the log",
  answer: Effect.fnUntraced(function* (input: typeof factInput.Type, documents) {
    const { space, knowledge } = yield* knowledgeOf(input, documents);
    const told = historyOf(knowledge.base, input.fact);
    if (told === undefined) return yield* unknownFact(input.space, input.fact);
    return json({ items: told.map((entry) => ({ ...entry, position: space.positionOf(entry.id) })) });
  }),
});

const searchInput = Schema.Struct({
  ...asked,
  question: Schema.String.check(Schema.isMaxLength(1000)),
  hops: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 2 })).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed(1)),
  ),
  limit: Limit(100, 20),
});

const search = operation({
  input: searchInput,
  description: "Finds facts by what they are about: words, synonyms, the facts around them; with reasons",
  answer: Effect.fnUntraced(function* (input: typeof searchInput.Type, documents) {
    const { knowledge, index } = yield* knowledgeOf(input, documents);
    const found = yield* semanticSearch(knowledge, index(), input);
    return json({ items: found ?? conceptSearch(knowledge, index(), input) });
  }),
});

const nearInput = Schema.Struct({ ...asked, entity: Term, hops: Hops, limit: Limit(1000, 100) });

const neighbours = operation({
  input: nearInput,
  description: "The entities around one, the nearest first, each with the fact that leads to it",
  answer: Effect.fnUntraced(function* (input: typeof nearInput.Type, documents) {
    const { knowledge } = yield* knowledgeOf(input, documents);
    return json({ items: neighboursOf(knowledge, input.entity, input) });
  }),
});

const graph = operation({
  input: nearInput,
  description: "The facts around an entity, as graphology serializes a graph",
  answer: Effect.fnUntraced(function* (input: typeof nearInput.Type, documents) {
    const { knowledge } = yield* knowledgeOf(input, documents);
    return json(subgraph(knowledge, input.entity, input));
  }),
});

const pathInput = Schema.Struct({ ...asked, from: Term, to: Term });

const path = operation({
  input: pathInput,
  description: "The fewest facts that lead from one entity to another",
  answer: Effect.fnUntraced(function* (input: typeof pathInput.Type, documents) {
    const { knowledge } = yield* knowledgeOf(input, documents);
    const found = shortestPath(knowledge, input.from, input.to);
    return json({ found: found !== undefined, items: found ?? [] });
  }),
});

const beliefsInput = Schema.Struct({ ...asked, ...pattern, limit: Limit(1000, 100) });

const beliefs = operation({
  input: beliefsInput,
  description: "Who believes what: the newest belief of each on each triple",
  answer: Effect.fnUntraced(function* (input: typeof beliefsInput.Type, documents) {
    const { knowledge } = yield* knowledgeOf(input, documents);
    return json({ items: beliefsIn(knowledge.base, input).slice(0, input.limit) });
  }),
});

const conflictInput = Schema.Struct({ ...asked, subject: Term, predicate: Term });

const conflict = operation({
  input: conflictInput,
  description: "How a conflict on a single-valued predicate stands, and why",
  answer: Effect.fnUntraced(function* (input: typeof conflictInput.Type, documents) {
    const { knowledge } = yield* knowledgeOf(input, documents);
    return json(knowledge.resolution(input.subject, input.predicate) ?? { strategy: null, candidates: [], why: "" });
  }),
});

/** What can be asked about spaces of knowledge besides the documents of the view. */
export const knowledgeOperations = {
  facts,
  fact,
  why,
  history,
  search,
  neighbours,
  graph,
  path,
  beliefs,
  conflict,
};
