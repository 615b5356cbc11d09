import { Effect, Schema, Struct } from "effect";
import { AggregateId, Instant, Name, Principal, Provenance } from "../../domain/kernel/mod.ts";
import { ConceptHit } from "../../domain/knowledge/concept-search.ts";
import { EpochSnapshot } from "../../domain/knowledge/contract.ts";
import { DescribedFact } from "../../domain/knowledge/described.ts";
import { FactObject, RecordId, Term } from "../../domain/knowledge/fact.ts";
import { FactGraph, Neighbour } from "../../domain/knowledge/network.ts";
import { Policy, Strategy } from "../../domain/knowledge/policy.ts";
import { Belief, Entry } from "../../domain/knowledge/record.ts";
import { Candidate } from "../../domain/knowledge/resolution.ts";
import { FactAccount } from "../../domain/knowledge/why.ts";
import { documentFields, documentOperations, Limit, type PublishedView } from "./view.ts";

/**
 * A space in short. Its records are in the answers of queries only: a document that held them all would be written again
 * as a whole with each new record.
 */
export const SpaceDocument = Schema.Struct({
  ...documentFields,
  id: Name,
  owner: Schema.optionalKey(Principal),
  policy: Policy,
  records: Schema.Int,
  facts: Schema.Int,
  retractions: Schema.Int,
  evidence: Schema.Int,
  beliefs: Schema.Int,
  /** Digest of all records. Replicas compare theirs with it. */
  content: RecordId,
  epoch: Schema.Int,
  snapshot: Schema.optionalKey(EpochSnapshot),
  /** Conflicts that are voted on. */
  votes: Schema.Array(Schema.Struct({ subject: Term, predicate: Term, proposal: AggregateId })),
  createdAt: Instant,
  updatedAt: Instant,
  /** SHA-256 of the rest of the document. */
  checksum: RecordId,
}).annotate({ identifier: "SpaceDocument" });
export type SpaceDocument = typeof SpaceDocument.Type;

/** The space, and a moment of its past if the question is not about now. */
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
const hops = (most: number) =>
  Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: most })).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed(1)),
  );

const FactInput = Schema.Struct({ ...asked, fact: RecordId });
const NearInput = Schema.Struct({ ...asked, entity: Term, hops: hops(5), limit: Limit(1000, 100) });
const itemsOf = <T>(item: Schema.Codec<T, unknown>) => Schema.Struct({ items: Schema.Array(item) });

/** The place of the record in the log; absent if the log does not have it yet. */
const position = Schema.optionalKey(Schema.Int);

export const knowledge = {
  description: "The spaces of knowledge: how much is in each, its rules, and the digest of its records.",
  document: SpaceDocument,
  operations: {
    ...documentOperations("knowledge", SpaceDocument, SpaceDocument),
    facts: {
      description:
        "The facts that fit a pattern; with `all`, also those that were retracted or revoked, or lost a conflict",
      input: Schema.Struct({
        ...asked,
        ...pattern,
        ...Struct.pick(Provenance.fields, ["model", "tool"]),
        all: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(false))),
        limit: Limit(1000, 100),
        cursor: Schema.optionalKey(RecordId),
      }),
      answer: Schema.Struct({
        items: Schema.Array(DescribedFact),
        /** Absent on the last page. */
        cursor: Schema.optionalKey(RecordId),
      }),
    },
    fact: {
      description: "One fact, and where it is in the log",
      input: FactInput,
      answer: Schema.Struct({ ...DescribedFact.fields, position }),
    },
    why: {
      description: "Why a fact has its confidence, its authors their trust, and why it holds or does not",
      input: FactInput,
      answer: FactAccount,
    },
    history: {
      description: "What was said about a fact, in the order of time, each with its position in the log",
      input: FactInput,
      answer: itemsOf(Schema.Struct({ ...Entry.fields, position })),
    },
    search: {
      description: "Finds facts by what they are about: words, synonyms, the facts around them; with reasons",
      input: Schema.Struct({
        ...asked,
        question: Schema.String.check(Schema.isMaxLength(1000)),
        hops: hops(2),
        limit: Limit(100, 20),
      }),
      answer: itemsOf(ConceptHit),
    },
    neighbours: {
      description: "The entities around one, the nearest first, each with the fact that leads to it",
      input: NearInput,
      answer: itemsOf(Neighbour),
    },
    graph: {
      description: "The facts around an entity, as graphology serializes a graph",
      input: NearInput,
      answer: FactGraph,
    },
    path: {
      description: "The fewest facts that lead from one entity to another",
      input: Schema.Struct({ ...asked, from: Term, to: Term }),
      answer: Schema.Struct({ found: Schema.Boolean, items: Schema.Array(DescribedFact) }),
    },
    beliefs: {
      description: "Who believes what: the newest belief of each on each triple",
      input: Schema.Struct({ ...asked, ...pattern, limit: Limit(1000, 100) }),
      answer: itemsOf(Schema.Struct({ id: RecordId, ...Belief.fields })),
    },
    conflict: {
      description: "How a conflict on a single-valued predicate stands, and why",
      input: Schema.Struct({ ...asked, subject: Term, predicate: Term }),
      answer: Schema.Struct({
        /** Null if the predicate may have many objects. */
        strategy: Schema.NullOr(Strategy),
        winner: Schema.optionalKey(RecordId),
        candidates: Schema.Array(Candidate),
        why: Schema.String,
      }),
    },
  },
} satisfies PublishedView;
