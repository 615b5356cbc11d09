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
 * A summary of a space. Its records are only in the answers of queries. A document with all records would be written
 * again in full for each new record.
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
  /** Digest of all records. Replicas compare it with their own. */
  content: RecordId,
  epoch: Schema.Int,
  snapshot: Schema.optionalKey(EpochSnapshot),
  /** Conflicts with an open vote. */
  votes: Schema.Array(Schema.Struct({ subject: Term, predicate: Term, proposal: AggregateId })),
  createdAt: Instant,
  updatedAt: Instant,
  /** SHA-256 of the rest of the document. */
  checksum: RecordId,
}).annotate({ identifier: "SpaceDocument" });
export type SpaceDocument = typeof SpaceDocument.Type;

/** The space, and a past moment if the question is not about now. */
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

/** The position of the record in the log; absent if the log does not have it yet. */
const position = Schema.optionalKey(Schema.Int);

export const knowledge = {
  description: "The knowledge spaces: the size, the rules and the digest of the records of each.",
  document: SpaceDocument,
  operations: {
    ...documentOperations("knowledge", SpaceDocument, SpaceDocument),
    facts: {
      description:
        "The facts that match a pattern. With `all`, also facts that were retracted, revoked, or lost a conflict",
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
      description: "One fact, and its position in the log",
      input: FactInput,
      answer: Schema.Struct({ ...DescribedFact.fields, position }),
    },
    why: {
      description: "Why a fact has its confidence, its authors their trust, and why it holds or does not",
      input: FactInput,
      answer: FactAccount,
    },
    history: {
      description: "The records about a fact in the order of time, each with its position in the log",
      input: FactInput,
      answer: itemsOf(Schema.Struct({ ...Entry.fields, position })),
    },
    search: {
      description: "Finds facts by topic: by words, synonyms and neighbouring facts. Each hit has its reasons",
      input: Schema.Struct({
        ...asked,
        question: Schema.String.check(Schema.isMaxLength(1000)),
        hops: hops(2),
        limit: Limit(100, 20),
      }),
      answer: itemsOf(ConceptHit),
    },
    neighbours: {
      description: "The entities around an entity, nearest first, each with the fact that leads to it",
      input: NearInput,
      answer: itemsOf(Neighbour),
    },
    graph: {
      description: "The facts around an entity, in the format in which graphology serializes graphs",
      input: NearInput,
      answer: FactGraph,
    },
    path: {
      description: "The shortest path of facts from one entity to another",
      input: Schema.Struct({ ...asked, from: Term, to: Term }),
      answer: Schema.Struct({ found: Schema.Boolean, items: Schema.Array(DescribedFact) }),
    },
    beliefs: {
      description: "The newest belief of each author about each triple",
      input: Schema.Struct({ ...asked, ...pattern, limit: Limit(1000, 100) }),
      answer: itemsOf(Schema.Struct({ id: RecordId, ...Belief.fields })),
    },
    conflict: {
      description: "The state of a conflict on a single-valued predicate, with the reason",
      input: Schema.Struct({ ...asked, subject: Term, predicate: Term }),
      answer: Schema.Struct({
        /** Null if the predicate may have several objects. */
        strategy: Schema.NullOr(Strategy),
        winner: Schema.optionalKey(RecordId),
        candidates: Schema.Array(Candidate),
        why: Schema.String,
      }),
    },
  },
} satisfies PublishedView;
