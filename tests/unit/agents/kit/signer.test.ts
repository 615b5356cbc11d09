import { expect, test } from "@jest/globals";
import { createUser, fromSeed } from "@nats-io/nkeys";
import fc from "fast-check";
import { newSeed, signedText, signerOf } from "../../../../src/agents/kit/signer.ts";
import { digests } from "../../../../src/infrastructure/digests.ts";

const seedOf = (user: ReturnType<typeof createUser>) => new TextDecoder().decode(user.getSeed());

test("a signer has the key and makes the signatures that NATS's own library has", () => {
  const user = createUser();
  const signer = signerOf(seedOf(user));
  expect(signer.publicKey).toBe(user.getPublicKey());
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const signature = signer.sign(text);
      expect(user.verify(new TextEncoder().encode(text), Buffer.from(signature, "base64url"))).toBe(true);
      expect(digests.verify(signer.publicKey, text, signature)).toBe(true);
      expect(digests.verify(signer.publicKey, `${text}.`, signature)).toBe(false);
    }),
    { numRuns: 20 },
  );
});

test("a new seed is one that NATS's own library takes", () => {
  const seed = newSeed();
  expect(fromSeed(new TextEncoder().encode(seed)).getPublicKey()).toBe(signerOf(seed).publicKey);
  expect(signerOf(`${seed}\n`).publicKey).toBe(signerOf(seed).publicKey);
});

test.each(["", "SU", "SUAAAA", createUser().getPublicKey(), `${newSeed().slice(0, -1)}1`])(
  "%j is no seed, and the refusal does not repeat it",
  (text) => {
    expect(() => signerOf(text)).toThrow(/not the seed/);
    try {
      signerOf(text);
    } catch (error) {
      if (text.length > 10) expect(String(error)).not.toContain(text.slice(4, 12));
    }
  },
);

test("a signer does not show its seed", () => {
  const seed = newSeed();
  expect(JSON.stringify(signerOf(seed))).not.toContain(seed);
});

test("what is signed is bound to the command, its subject and its payload", () => {
  const texts = [signedText("c1", "s", "{}"), signedText("c2", "s", "{}"), signedText("c1", "t", "{}")];
  expect(new Set([...texts, signedText("c1", "s", "[]")]).size).toBe(4);
});
