import { createPublicKey, hash, type KeyObject, verify } from "node:crypto";
import * as dagJson from "@ipld/dag-json";
import { blake3 } from "@noble/hashes/blake3.js";
import { Layer, type Schema } from "effect";
import { base32 } from "multiformats/bases/base32";
import { CID } from "multiformats/cid";
import { create } from "multiformats/hashes/digest";
import { Digests } from "../application/ports/mod.ts";
import { userKeyBytes } from "../contract/nkey.ts";
import { canonicalJsonInSteps, type Steps } from "../domain/kernel/mod.ts";

/** Multicodec code of BLAKE3. */
const blake3Code = 0x1e;

/**
 * Returns a JSON value in a form that DAG-JSON can carry. No two values share a form, or they would share a content id:
 * - DAG-JSON reserves objects with the key `/` for links and bytes. A key of slashes gets one more (`/` → `//`).
 * - UTF-8 cannot carry half a surrogate pair. A text with one becomes bytes (UTF-16).
 *
 * Keys without a value are left out, and negative zero becomes zero. JSON text does the same, so a value has the
 * content id of its text.
 */
const toDagJson = (value: Schema.Json): unknown => {
  if (typeof value === "number") return value === 0 ? 0 : value;
  if (typeof value === "string") return value.isWellFormed() ? value : new Uint8Array(Buffer.from(value, "utf16le"));
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(toDagJson);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([key, member]) => [/^\/+$/.test(key) ? `/${key}` : key, toDagJson(member)]),
  );
};

/**
 * Finds the values whose canonical JSON is not their DAG-JSON: keys of slashes, half surrogate pairs, and numbers that
 * are written as integers but are not safe ones. It also finds some values whose strings only look like these.
 */
const differs = /"\/+":|\\ud[89a-f]|\d{16}/;

/** The DAG-JSON of a value. For most values canonical JSON is the same and takes a fifth of the library's time. */
function* blockOf(value: Schema.Json): Steps<Uint8Array> {
  const text = yield* canonicalJsonInSteps(value);
  return differs.test(text) ? dagJson.encode(toDagJson(value)) : Buffer.from(text);
}

/** The bytes that are hashed at a time. They take about a millisecond. */
const hashedAtATime = 32 * 1024;

function* blake3InSteps(bytes: Uint8Array): Steps<Uint8Array> {
  if (bytes.length <= hashedAtATime) return blake3(bytes);
  const hashing = blake3.create();
  for (let from = 0; from < bytes.length; from += hashedAtATime) {
    hashing.update(bytes.subarray(from, from + hashedAtATime));
    yield;
  }
  return hashing.digest();
}

/** The first bytes of each content id: version, code and kind of digest. The digest follows. */
const cidHead = CID.createV1(dagJson.code, create(blake3Code, new Uint8Array(32))).bytes.slice(0, -32);

/** Returns the text of a content id. The library's class does the same, but keeps each one in its own maps. */
const cidOf = (digest: Uint8Array): string => {
  const bytes = new Uint8Array(cidHead.length + digest.length);
  bytes.set(cidHead);
  bytes.set(digest, cidHead.length);
  return base32.encode(bytes);
};

/** DER of a SubjectPublicKeyInfo for Ed25519 up to the 32 bytes of the key (RFC 8410). */
const spkiPrefix = Buffer.from("302a300506032b6570032100", "hex");
/** The number of decoded keys that are kept, because electors sign often. */
const cacheCapacity = 4096;

const decodePublicKey = (nkey: string): KeyObject | undefined => {
  const bytes = userKeyBytes(nkey);
  if (bytes === undefined) return undefined;
  return createPublicKey({ key: Buffer.concat([spkiPrefix, bytes]), format: "der", type: "spki" });
};

const cache = new Map<string, KeyObject>();

const publicKeyOf = (nkey: string): KeyObject | undefined => {
  const known = cache.get(nkey);
  if (known !== undefined) return known;
  const key = decodePublicKey(nkey);
  if (key === undefined) return undefined;
  if (cache.size >= cacheCapacity) cache.clear();
  cache.set(nkey, key);
  return key;
};

/**
 * Returns whether `signature` (base64url) is the Ed25519 signature of the UTF-8 `message` under the user nkey `U…`.
 * `@nats-io/nkeys` takes the same bytes, but its Ed25519 is JavaScript: 15 ms of processor time against 0.1 ms for
 * `node:crypto` (measured on the same machine under load). A vote of a thousand has a thousand of these.
 */
const verifyNkeySignature = (nkey: string, message: string, signature: string): boolean => {
  if (!/^[A-Za-z0-9_-]{86}(?:==)?$/.test(signature)) return false;
  const key = publicKeyOf(nkey);
  return key !== undefined && verify(null, Buffer.from(message), key, Buffer.from(signature, "base64url"));
};

/** Content ids (CIDv1, DAG-JSON, BLAKE3-256), SHA-256 and nkey signatures. */
export const digests: Digests["Service"] = {
  *cid({ content, previous, sequence }) {
    const block = yield* blockOf({ content, previous, sequence });
    return cidOf(yield* blake3InSteps(block));
  },
  sha256: (text) => `sha256-${hash("sha256", text)}`,
  verify: verifyNkeySignature,
};

export const digestsLayer = Layer.succeed(Digests, digests);
