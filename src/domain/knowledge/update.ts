import { Result, Schema } from "effect";
import * as Base64 from "effect/encoding/Base64";
import * as Y from "yjs";
import { canonicalJson, type Rejection, refuse } from "../kernel/mod.ts";
import { RecordId } from "./fact.ts";
import { type Entry, recordText, type Sha256 } from "./record.ts";

/**
 * A yjs update (V1, base64) that adds one record to the document of a space's epoch, with the SHA-256 of its base64.
 * The checksum is needed because yjs accepts most damaged updates as other data.
 */
export const Update = Schema.Struct({ bytes: Schema.String, checksum: RecordId });
export type Update = typeof Update.Type;

/** The place of an update among those of its yjs client. `clock` counts the client's records from 0. */
export const Place = Schema.Struct({ client: Schema.Int, clock: Schema.Int });
export type Place = typeof Place.Type;

const root = "records";

/** Returns the only map of a document: the canonical text of each entry by its id. */
export const recordsOf = (document: Y.Doc): Y.Map<string> => document.getMap(root);

/** Returns the canonical form of an entry. */
export const entryText = ({ id, record, signature }: Entry): string => {
  const proof = signature === undefined ? "" : `,"signature":${canonicalJson(signature)}`;
  return `{"id":"${id}","record":${recordText(record)}${proof}}`;
};

export const updateOf = (bytes: Uint8Array, sha256: Sha256): Update => {
  const text = Base64.encode(bytes);
  return { bytes: text, checksum: sha256(text) };
};

/** Returns the bytes of an update; undefined if they do not match the checksum. */
export const bytesOf = ({ bytes, checksum }: Update, sha256: Sha256): Uint8Array | undefined =>
  sha256(bytes) === checksum ? Result.getOrUndefined(Base64.decode(bytes)) : undefined;

/** A flag in a struct's first byte: the struct is under a key of its parent. */
const hasKey = 0b0010_0000;

/**
 * Returns the update with which `client` writes an entry next, byte for byte as yjs encodes it. It needs no document,
 * because the update refers to nothing earlier. Format V1: `UpdateEncoder.js` and `Item.js` of yjs.
 */
export const updateBytes = (entry: Entry, { client, clock }: Place): Uint8Array => {
  const encoder = new Y.UpdateEncoderV1();
  const content = new Y.ContentAny([entryText(entry)]);
  const [clients, structs, deletions] = [1, 1, 0];
  encoder.writeLen(clients);
  encoder.writeLen(structs);
  encoder.writeClient(client);
  encoder.writeLen(clock);
  encoder.writeInfo(content.getRef() | hasKey);
  encoder.writeParentInfo(true);
  encoder.writeString(root);
  encoder.writeString(entry.id);
  content.write(encoder, 0);
  encoder.writeLen(deletions);
  return encoder.toUint8Array();
};

/** Returns the same in the form of commands and events. */
export const makeUpdate = (entry: Entry, place: Place, sha256: Sha256): Update =>
  updateOf(updateBytes(entry, place), sha256);

const damaged = (problem: string) =>
  refuse("damaged-update", `the update ${problem}: make it again from the record, and send that`);

/** Checks that an update is undamaged and adds exactly this record. Returns its place. */
export const checkUpdate = (update: Update, entry: Entry, sha256: Sha256): Result.Result<Place, Rejection> => {
  const bytes = bytesOf(update, sha256);
  if (bytes === undefined) return damaged("does not match its checksum");
  const decoded = Result.try(() => Y.decodeUpdate(bytes));
  if (Result.isFailure(decoded)) return damaged("is not a yjs update");
  const { structs, ds } = decoded.success;
  const [item, ...others] = structs;
  if (!(item instanceof Y.Item) || others.length > 0 || ds.clients.size > 0 || item.length !== 1)
    return damaged("does more than add one record");
  const value: unknown = item.content instanceof Y.ContentAny ? item.content.arr[0] : undefined;
  const parent: unknown = item.parent;
  if (parent !== root || item.parentSub !== entry.id || value !== entryText(entry))
    return damaged("adds a different record than the command has");
  return Result.succeed({ client: item.id.client, clock: item.id.clock });
};
