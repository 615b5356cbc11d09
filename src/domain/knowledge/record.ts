import { Effect, Schema } from "effect";
import { Principal } from "../kernel/mod.ts";
import { Stamp } from "./stamp.ts";

const text = (longest: number) =>
  Schema.NonEmptyString.check(Schema.isMaxLength(longest)).check(
    Schema.makeFilter((value: string) => value.isWellFormed() || "half a surrogate pair", {
      title: "well-formed Unicode",
    }),
  );

/** What a fact is about, or says of it: up to 512 characters. */
export const Term = text(512);
/** The other end of a fact: another subject, or a value. */
export const FactObject = Schema.Union([text(4096), Schema.Finite, Schema.Boolean]);
export type FactObject = typeof FactObject.Type;
/** A share from 0 to 1. */
export const Share = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }));
/** What names a record: the SHA-256 of its canonical form, in hex. */
export const RecordId = Schema.String.check(
  Schema.isPattern(/^[0-9a-f]{64}$/u, { expected: "64 hex digits, as `facts list` prints them" }),
);
export const Note = text(4096);

const provenance = { author: Principal, stamp: Stamp };
const reason = Schema.optionalKey(Note);

/** `subject predicate object`, as its author holds it for true, to a degree. */
export const triple = { subject: Term, predicate: Term, object: FactObject };

export const Fact = Schema.Struct({
  kind: Schema.Literal("fact"),
  ...triple,
  confidence: Share,
  source: Schema.optionalKey(Note),
  ...provenance,
});
export type Fact = typeof Fact.Type;

/** The author of a fact does not hold it any more. */
export const Retraction = Schema.Struct({ kind: Schema.Literal("retraction"), fact: RecordId, reason, ...provenance });

/** Someone else's evidence for or against a fact; `evidence` names it, so that it counts once. */
export const Evidence = Schema.Struct({
  kind: Schema.Literal("evidence"),
  fact: RecordId,
  verdict: Schema.Literals(["support", "dispute"]),
  evidence: Term,
  note: Schema.optionalKey(Note),
  ...provenance,
});
export type Evidence = typeof Evidence.Type;

/** What an agent itself believes, whatever others assert; its newest one on a triple holds. */
export const Belief = Schema.Struct({
  kind: Schema.Literal("belief"),
  ...triple,
  degree: Share,
  reason,
  ...provenance,
});
export type Belief = typeof Belief.Type;

/** A vote decided which fact holds. */
export const Settlement = Schema.Struct({
  kind: Schema.Literal("settlement"),
  subject: Term,
  predicate: Term,
  fact: RecordId,
  proposal: Schema.NonEmptyString,
  ...provenance,
});
export type Settlement = typeof Settlement.Type;

/**
 * Everything that a space holds. A record never changes: its id is the SHA-256 of its canonical form, so that two
 * replicas that have one of an id have the same one, and nobody can put another in its place.
 */
export const KnowledgeRecord = Schema.Union([Fact, Retraction, Evidence, Belief, Settlement]);
export type KnowledgeRecord = typeof KnowledgeRecord.Type;

/** SHA-256 of a text's UTF-8, in hex. The domain has no library for it, so it is passed in. */
export type Sha256 = (text: string) => string;

/** Every field of every kind, in canonical order. */
const fields = [...new Set(KnowledgeRecord.members.flatMap((member) => Object.keys(member.fields)))].sort();

/**
 * The canonical form of a record: RFC 8785. Records are flat, so that what `JSON.stringify` makes of sorted fields is the
 * same as `canonicalJson`, several times faster; fields without a value are left out by both.
 */
export const recordText = (record: Readonly<Record<string, unknown>> & KnowledgeRecord): string => {
  const sorted: Record<string, unknown> = {};
  for (const field of fields) sorted[field] = record[field];
  return JSON.stringify(sorted);
};

/** What makes evidence count once: the fact, who gives it, and its name. */
export const evidenceKey = ({ fact, author, evidence }: Evidence): string => `${fact}/${author}/${evidence}`;

/** The default of a confidence or degree: the author is sure. */
export const sure = Share.pipe(Schema.withDecodingDefaultKey(Effect.succeed(1)));
