import { createHash, createPrivateKey, createPublicKey, randomBytes, sign } from "node:crypto";
import { userKeyText, userSeedBytes, userSeedText } from "../../contract/nkey.ts";

/** Signs commands. Whoever has it can sign; the seed itself cannot be read from it. */
export interface Signer {
  /** The public nkey, `U…`, to be registered with the agent. */
  readonly publicKey: string;
  /** The Ed25519 signature of a text, base64url. */
  readonly sign: (text: string) => string;
}

/** DER of a PKCS #8 private key for Ed25519 up to the 32 bytes of the seed (RFC 8410). */
const pkcs8Prefix = Buffer.from("302e020100300506032b657004220420", "hex");

/** Returns a signer with the seed of a user's nkey, `SU…`. Throws if it is not a seed, without repeating it. */
export const signerOf = (seed: string): Signer => {
  const bytes = userSeedBytes(seed.trim());
  if (bytes === undefined) throw new Error("what was given is not the seed of a user's nkey: SU and 56 characters");
  const key = createPrivateKey({ key: Buffer.concat([pkcs8Prefix, bytes]), format: "der", type: "pkcs8" });
  const publicKey = userKeyText(createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32));
  return { publicKey, sign: (text) => sign(null, Buffer.from(text), key).toString("base64url") };
};

/** The seed of a new key: a secret, to be kept in a file that only its owner can read. */
export const newSeed = (): string => userSeedText(randomBytes(32));

/** What is signed of a command: its id, its subject, and the hex SHA-256 of its payload, a line each. */
export const signedText = (commandId: string, subject: string, payload: string): string =>
  `${commandId}\n${subject}\n${createHash("sha256").update(payload).digest("hex")}`;
