import { hash } from "node:crypto";
import * as dagJson from "@ipld/dag-json";
import { blake3 } from "@noble/hashes/blake3.js";
import { Layer, type Schema } from "effect";
import { CID } from "multiformats/cid";
import { create } from "multiformats/hashes/digest";
import { Digests } from "../application/ports/mod.ts";
import { canonicalJson } from "../domain/kernel/mod.ts";
import { verifyNkeySignature } from "./nkey-signature.ts";

/** Multicodec code of BLAKE3. */
const blake3Code = 0x1e;

/**
 * A JSON value as DAG-JSON can carry it. DAG-JSON keeps objects with the key `/` for links and bytes, so a key that
 * consists of slashes gets one more (`/` → `//`, `//` → `///`), and text with half a surrogate pair, which UTF-8 cannot
 * carry, becomes bytes (UTF-16): no two values become one. Keys without a value and negative zero become what JSON text
 * makes of them, nothing and zero, so that a value has the content id of its text.
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
 * Where the canonical JSON of a value is not its DAG-JSON: keys of slashes, half surrogate pairs, and numbers that are
 * written as integers though they are not safe ones. It may say so of text inside strings, too.
 */
const differs = /"\/+":|\\ud[89a-f]|\d{16}/;

/** The DAG-JSON of a value. The usual way takes a fifth of the library's time. */
const blockOf = (value: Schema.Json): Uint8Array => {
  const text = canonicalJson(value);
  return differs.test(text) ? dagJson.encode(toDagJson(value)) : Buffer.from(text);
};

/** Content ids (CIDv1, DAG-JSON, BLAKE3-256), SHA-256 and nkey signatures. */
export const digests: Digests["Service"] = {
  cid: ({ content, previous, sequence }) => {
    const digest = create(blake3Code, blake3(blockOf({ content, previous, sequence })));
    return CID.createV1(dagJson.code, digest).toString();
  },
  sha256: (text) => `sha256-${hash("sha256", text)}`,
  verify: verifyNkeySignature,
};

export const digestsLayer = Layer.succeed(Digests, digests);
