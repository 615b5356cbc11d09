import { Result, Schema } from "effect";
import * as Base64 from "effect/encoding/Base64";
import * as Y from "yjs";
import { canonicalJson, type Rejection, refuse } from "../kernel/mod.ts";
import { RecordId } from "./fact.ts";
import { type Entry, recordText, type Sha256 } from "./record.ts";

/**
 * A yjs update (V1, base64) that puts one record into the document of a space's epoch, and the SHA-256 of its base64:
 * yjs itself takes most damaged updates for other data.
 */
export const Update = Schema.Struct({ bytes: Schema.String, checksum: RecordId });
export type Update = typeof Update.Type;

/** Where an update stands among those of the yjs client that made it: `clock` counts its records from 0. */
export const Place = Schema.Struct({ client: Schema.Int, clock: Schema.Int });
export type Place = typeof Place.Type;

const root = "records";

/** The one map of a document: the canonical text of each entry by its id. */
export const recordsOf = (document: Y.Doc): Y.Map<string> => document.getMap(root);

/** The canonical form of an entry. */
export const entryText = ({ id, record, signature }: Entry): string => {
  const proof = signature === undefined ? "" : `,"signature":${canonicalJson(signature)}`;
  return `{"id":"${id}","record":${recordText(record)}${proof}}`;
};

export const updateOf = (bytes: Uint8Array, sha256: Sha256): Update => {
  const text = Base64.encode(bytes);
  return { bytes: text, checksum: sha256(text) };
};

/** Returns the bytes of an update; undefined if it does not match its checksum. */
export const bytesOf = ({ bytes, checksum }: Update, sha256: Sha256): Uint8Array | undefined =>
  sha256(bytes) === checksum ? Result.getOrUndefined(Base64.decode(bytes)) : undefined;

/** In a struct's first byte: it is under a key of its parent. */
const hasKey = 0b0010_0000;

/**
 * Returns the update with which `client` writes an entry next, byte for byte as yjs itself encodes it. It needs no
 * document, because it refers to nothing that was written before. Format V1: `UpdateEncoder.js` and `Item.js` of yjs.
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

/** The same as it goes into a command or event. */
export const makeUpdate = (entry: Entry, place: Place, sha256: Sha256): Update =>
  updateOf(updateBytes(entry, place), sha256);

const damaged = (problem: string) =>
  refuse("damaged-update", `the update ${problem}: make it again from the record, and send that`);

/** Checks that an update is whole and puts exactly this record into a document; returns its place. */
export const checkUpdate = (update: Update, entry: Entry, sha256: Sha256): Result.Result<Place, Rejection> => {
  const bytes = bytesOf(update, sha256);
  if (bytes === undefined) return damaged("is not what its checksum says");
  const decoded = Result.try(() => Y.decodeUpdate(bytes));
  if (Result.isFailure(decoded)) return damaged("is not one of yjs");
  const { structs, ds } = decoded.success;
  const [item, ...others] = structs;
  if (!(item instanceof Y.Item) || others.length > 0 || ds.clients.size > 0 || item.length !== 1)
    return damaged("does more than to add one record");
  const value: unknown = item.content instanceof Y.ContentAny ? item.content.arr[0] : undefined;
  const parent: unknown = item.parent;
  if (parent !== root || item.parentSub !== entry.id || value !== entryText(entry))
    return damaged("adds another record than the command says");
  return Result.succeed({ client: item.id.client, clock: item.id.clock });
};
