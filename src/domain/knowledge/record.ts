import { Schema } from "effect";
import { defined, type Provenance } from "../kernel/mod.ts";
import { authorship, Fact, Note, RecordId, Share, Term, triple } from "./fact.ts";

const reason = Schema.optionalKey(Note);

/** The author of a fact retracts it. */
export const Retraction = Schema.Struct({ kind: Schema.Literal("retraction"), fact: RecordId, reason, ...authorship });

/** Another author's evidence for or against a fact. `evidence` names it, so that it counts only once. */
export const Evidence = Schema.Struct({
  kind: Schema.Literal("evidence"),
  fact: RecordId,
  verdict: Schema.Literals(["support", "dispute"]),
  evidence: Term,
  note: Schema.optionalKey(Note),
  ...authorship,
});
export type Evidence = typeof Evidence.Type;

/** An agent's own belief, independent of what others assert. Its newest belief about a triple counts. */
export const Belief = Schema.Struct({
  kind: Schema.Literal("belief"),
  ...triple,
  degree: Share,
  reason,
  ...authorship,
});
export type Belief = typeof Belief.Type;

/** A vote decided which fact holds. */
export const Settlement = Schema.Struct({
  kind: Schema.Literal("settlement"),
  subject: Term,
  predicate: Term,
  fact: RecordId,
  proposal: Schema.NonEmptyString,
  ...authorship,
});
export type Settlement = typeof Settlement.Type;

/** The most records in one revocation. With its update, it fits into a message of the log. */
export const maxRevoked = 1_000;

/** The installation strikes records that a revoked key signed. They stay visible but no longer count. */
export const Revocation = Schema.Struct({
  kind: Schema.Literal("revocation"),
  records: Schema.NonEmptyArray(RecordId).check(Schema.isMaxLength(maxRevoked)),
  publicKey: Schema.String,
  reason: Schema.String,
  ...authorship,
});
export type Revocation = typeof Revocation.Type;

/**
 * Everything that a space contains. A record never changes, because its id is the SHA-256 of its canonical form. Two
 * replicas with the same id therefore have the same record, and nobody can replace one. A space is a set that only
 * grows, so replicas converge: additions to a set commute, and derived values depend only on the set (see update.ts).
 */
export const KnowledgeRecord = Schema.Union([Fact, Retraction, Evidence, Belief, Settlement, Revocation]);
export type KnowledgeRecord = typeof KnowledgeRecord.Type;

/** Returns the SHA-256 of a text's UTF-8, in hex. It is passed in, because the domain has no library for it. */
export type Sha256 = (text: string) => string;

/** The fields of all kinds, in canonical order. */
const fields = [...new Set(KnowledgeRecord.members.flatMap((member) => Object.keys(member.fields)))].sort();

const inOrder = ({ model, promptDigest, tool }: Provenance): Provenance => defined({ model, promptDigest, tool });

/**
 * Returns the canonical form of a record (RFC 8785). Records are flat except for their provenance and lists of ids. So
 * `JSON.stringify` of sorted fields gives the same text as `canonicalJson`, several times faster. Both leave out fields
 * without a value.
 */
export const recordText = (record: Readonly<Record<string, unknown>> & KnowledgeRecord): string => {
  const sorted: Record<string, unknown> = {};
  for (const field of fields) sorted[field] = record[field];
  if (record.kind === "fact" && record.provenance !== undefined) sorted.provenance = inOrder(record.provenance);
  return JSON.stringify(sorted);
};

/** Returns the key under which evidence counts once: the fact, the author of the evidence, and its name. */
export const evidenceKey = ({ fact, author, evidence }: Evidence): string => `${fact}/${author}/${evidence}`;

/** An Ed25519 signature (base64url) of a record's id, and the user nkey (`U…`) that made it. */
export const RecordSignature = Schema.Struct({
  publicKey: Schema.String.check(Schema.isMaxLength(56)),
  signature: Schema.String.check(Schema.isMaxLength(88)),
});
export type RecordSignature = typeof RecordSignature.Type;

/** A record with its id, and its signature if it has one. */
export const Entry = Schema.Struct({
  id: RecordId,
  record: KnowledgeRecord,
  signature: Schema.optionalKey(RecordSignature),
});
export type Entry = typeof Entry.Type;

/** Returns the entry of a record. */
export const entryOf = (record: KnowledgeRecord, sha256: Sha256, signature?: RecordSignature): Entry => ({
  id: sha256(recordText(record)),
  record,
  ...defined({ signature }),
});

/** Returns whether the record matches its id. */
export const isIntact = ({ id, record }: Entry, sha256: Sha256): boolean => sha256(recordText(record)) === id;
