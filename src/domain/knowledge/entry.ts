import { Schema } from "effect";
import { KnowledgeRecord, RecordId, recordText, type Sha256 } from "./record.ts";

/** An Ed25519 signature (base64url) of a record's id, and the user nkey (`U…`) it was made with. */
export const RecordSignature = Schema.Struct({
  publicKey: Schema.String.check(Schema.isMaxLength(56)),
  signature: Schema.String.check(Schema.isMaxLength(88)),
});
export type RecordSignature = typeof RecordSignature.Type;

/** A record with what proves it. */
export const Entry = Schema.Struct({
  id: RecordId,
  record: KnowledgeRecord,
  signature: Schema.optionalKey(RecordSignature),
});
export type Entry = typeof Entry.Type;

/** The entry of a record. */
export const entryOf = (record: KnowledgeRecord, sha256: Sha256, signature?: RecordSignature): Entry => ({
  id: sha256(recordText(record)),
  record,
  ...(signature === undefined ? {} : { signature }),
});

/** Whether the record is the one that its id names. */
export const isIntact = ({ id, record }: Entry, sha256: Sha256): boolean => sha256(recordText(record)) === id;
