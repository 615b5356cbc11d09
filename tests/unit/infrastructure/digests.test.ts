import * as dagJson from "@ipld/dag-json";
import { describe, expect, test } from "@jest/globals";
import { createUser } from "@nats-io/nkeys";
import { blake3 } from "@noble/hashes/blake3.js";
import type { Schema } from "effect";
import fc from "fast-check";
import { CID } from "multiformats/cid";
import { create } from "multiformats/hashes/digest";
import { atOnce, canonicalJson } from "../../../src/domain/kernel/mod.ts";
import { digests } from "../../../src/infrastructure/digests.ts";

const json: fc.Arbitrary<Schema.Json> = fc.letrec<{ json: Schema.Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.string({ unit: "binary" }),
    fc.array(tie("json"), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.constantFrom("/", "//", "bytes", "a"), fc.string()), tie("json"), { maxKeys: 4 }),
  ),
})).json;

const cid = (content: Schema.Json, previous: string | null = null, sequence = 1) =>
  atOnce(digests.cid({ content, previous, sequence }));

describe("content ids", () => {
  test("are CIDv1, dag-json, BLAKE3-256", () => {
    const parsed = CID.parse(cid({ type: "opened", schemaVersion: 1, data: {} }));
    expect([parsed.version, parsed.code, parsed.multihash.code, parsed.multihash.size]).toEqual([1, 0x0129, 0x1e, 32]);
  });

  test("are as the first release wrote them", () => {
    expect(
      cid({ type: "opened", schemaVersion: 1, data: { name: "web", n: 1.5 } }, "previous", 2),
    ).toMatchInlineSnapshot(`"baguqehra7yzkemigv3zix47r3xh5thgc7b7w7nskbk42nxlu7x4qlg3uxzmq"`);
    expect(cid({ "/": "x", "//": { "/": { bytes: "AA" } } })).toMatchInlineSnapshot(
      `"baguqehramnjhdnm5goegcnby7j3zuvcu5jro2iu2jgdcrb7lthfevzurmerq"`,
    );
  });

  test("do not depend on the order of keys", () => {
    expect(cid({ a: 1, b: { c: 2, d: 3 } })).toBe(cid({ b: { d: 3, c: 2 }, a: 1 }));
  });

  test("differ by content, predecessor and number", () => {
    expect(new Set([cid(1), cid(2), cid(1, "p"), cid(1, null, 2)]).size).toBe(4);
  });

  test("take the keys that DAG-JSON reserves, and tell them apart", () => {
    const values: ReadonlyArray<Schema.Json> = [
      { "/": "bafyreib" },
      { "//": "bafyreib" },
      { "///": "bafyreib" },
      { "/": { bytes: "AA" } },
      { "//": { bytes: "AA" } },
      { "/": "a", "//": "b" },
      { "/": "b", "//": "a" },
      { "": "bafyreib" },
    ];
    expect(new Set(values.map((value) => cid(value))).size).toBe(values.length);
  });

  test("tell half surrogate pairs apart", () => {
    expect(new Set(["\ud800", "\ud801", "\ufffd", "\ud800\udc00"].map((text) => cid(text))).size).toBe(4);
  });

  test("are those of the value's DAG-JSON", () => {
    const plain = fc.letrec<{ plain: Schema.Json }>((tie) => ({
      plain: fc.oneof(
        { maxDepth: 4 },
        fc.constant(null),
        fc.boolean(),
        fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (number === 0 ? 0 : number)),
        fc.integer(),
        fc.bigInt({ min: 0n, max: 2n ** 80n }).map(Number),
        fc.string({ unit: "grapheme" }),
        fc.array(tie("plain"), { maxLength: 4 }),
        fc.dictionary(
          fc.string({ unit: "grapheme" }).filter((key) => !/^\/+$/.test(key)),
          tie("plain"),
          { maxKeys: 4 },
        ),
      ),
    })).plain;
    fc.assert(
      fc.property(plain, (value) => {
        const block = dagJson.encode({ content: value, previous: null, sequence: 1 });
        expect(cid(value)).toBe(CID.createV1(dagJson.code, create(0x1e, blake3(block))).toString());
      }),
      { numRuns: 1_000 },
    );
  });

  test("of large events are those of their whole text", () => {
    const data = Array.from({ length: 5_000 }, (_, index) => ({ id: `node-${index}`, port: index, checks: [index] }));
    const block = dagJson.encode({ content: { data }, previous: null, sequence: 1 });
    expect(cid({ data })).toBe(CID.createV1(dagJson.code, create(0x1e, blake3(block))).toString());
    const pauses = [...digests.cid({ content: { data }, previous: null, sequence: 1 })];
    expect(pauses.length).toBeGreaterThan(1_000);
  });

  test("survive JSON text, and differ exactly where the values do", () => {
    fc.assert(
      fc.property(json, json, (one, other) => {
        expect(cid(JSON.parse(JSON.stringify(one)))).toBe(cid(one));
        expect(cid(one) === cid(other)).toBe(canonicalJson(one) === canonicalJson(other));
      }),
    );
  });
});

test("sha256 is that of the UTF-8 text", () => {
  expect(digests.sha256("abc")).toBe("sha256-ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  expect(digests.sha256("é")).toBe("sha256-4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c");
});

describe("signatures", () => {
  const user = createUser();
  const nkey = user.getPublicKey();
  const sign = (message: string) => Buffer.from(user.sign(new TextEncoder().encode(message))).toString("base64url");

  test("of @nats-io/nkeys are verified", () => {
    for (const message of ["", "command\nsubject\ndigest", "Unicode ✓"]) {
      expect(digests.verify(nkey, message, sign(message))).toBe(true);
    }
  });

  test("of another message, by another key, or damaged are not", () => {
    const signature = sign("message");
    expect(digests.verify(nkey, "massage", signature)).toBe(false);
    expect(digests.verify(createUser().getPublicKey(), "message", signature)).toBe(false);
    expect(digests.verify(nkey, "message", `${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}`)).toBe(
      false,
    );
    expect(digests.verify(nkey, "message", signature.slice(1))).toBe(false);
    expect(digests.verify(nkey, "message", "")).toBe(false);
  });

  test("under what is no user key are not", () => {
    const signature = sign("message");
    const mistyped = `${nkey.slice(0, 20)}${nkey[20] === "A" ? "B" : "A"}${nkey.slice(21)}`;
    for (const key of ["", "U", nkey.toLowerCase(), `${nkey}A`, mistyped, "1".repeat(56)]) {
      expect(digests.verify(key, "message", signature)).toBe(false);
    }
  });
});
