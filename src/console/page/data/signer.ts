import { useCallback, useEffect, useState } from "react";
import { names } from "../../../contract/names.ts";
import { userKeyText, userSeedBytes } from "../../../contract/nkey.ts";
import { api } from "./client.ts";
import { useDocument } from "./documents.tsx";
import { type Session, useSession } from "./session.tsx";

/** A key of this browser. Pages can sign with it, and nobody can read it: not even this page. */
export interface Signer {
  /** The public nkey, `U…`. */
  readonly publicKey: string;
  readonly key: CryptoKey;
}

const bytes = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(new TextEncoder().encode(text));

const base64url = (given: ArrayBuffer): string =>
  btoa(String.fromCharCode(...new Uint8Array(given)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

/** PKCS #8 of a private Ed25519 key up to the 32 bytes of its seed (RFC 8410). */
const pkcs8Prefix = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];

const keyPair = async (): Promise<Signer> => {
  const pair = await crypto.subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"]);
  if (!("privateKey" in pair)) throw new Error("this browser makes no Ed25519 keys: update it");
  const raw = await crypto.subtle.exportKey("raw", pair.publicKey);
  return { publicKey: userKeyText(new Uint8Array(raw)), key: pair.privateKey };
};

/** The key of a seed (`SU…`). It is made extractable for a moment only, to learn its public half. */
const keyOfSeed = async (seed: string): Promise<Signer> => {
  const raw = userSeedBytes(seed.trim());
  if (raw === undefined) throw new Error("This is not the seed of a user's nkey: SU and 56 characters.");
  const pkcs8 = Uint8Array.of(...pkcs8Prefix, ...raw);
  const open = await crypto.subtle.importKey("pkcs8", pkcs8, { name: "Ed25519" }, true, ["sign"]);
  const { x = "" } = await crypto.subtle.exportKey("jwk", open);
  const publicBytes = Uint8Array.from(atob(x.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
  const key = await crypto.subtle.importKey("pkcs8", pkcs8, { name: "Ed25519" }, false, ["sign"]);
  return { publicKey: userKeyText(publicBytes), key };
};

/** The keys of this browser: one for each principal of each installation. */
const keys = <T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const opening = indexedDB.open("cim-keys", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("keys");
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const database = opening.result;
      const request = work(database.transaction("keys", mode).objectStore("keys"));
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
      request.transaction?.addEventListener("complete", () => database.close());
    };
  });

const placeOf = ({ prefix, principal }: Session): string => `${prefix}/${principal}`;

/** A command that is to be signed. */
interface Signed {
  readonly aggregate: string;
  readonly id: string;
  readonly command: string;
  readonly payload: object;
  readonly commandId: string;
}

/** Signs a command: its id, its subject, and the SHA-256 of its payload, a line each. */
export const signatureOf = async (
  { key, publicKey }: Signer,
  { prefix, principal }: Session,
  { aggregate, id, command, payload, commandId }: Signed,
): Promise<{ readonly signature: string; readonly publicKey: string }> => {
  const subject = names(prefix).subjects.command(principal, aggregate, id, command);
  const digest = await crypto.subtle.digest("SHA-256", bytes(JSON.stringify(payload)));
  const hex = [...new Uint8Array(digest)].map((one) => one.toString(16).padStart(2, "0")).join("");
  const signature = await crypto.subtle.sign("Ed25519", key, bytes(`${commandId}\n${subject}\n${hex}`));
  return { signature: base64url(signature), publicKey };
};

/** The key of the one who acts, in this browser. */
export interface SignerHook {
  readonly signer: Signer | undefined;
  /** Whether the key of this browser is the one that is registered for the person. */
  readonly isRegistered: boolean;
  /** The key that is registered for the person. */
  readonly registeredKey: string | undefined;
  /** Makes a key in this browser, or takes a seed, and registers it. Throws what the installation answers. */
  readonly register: (seed?: string) => Promise<void>;
}

/**
 * The key that ballots and vetoes are signed with. A person's first key registers itself; another one must be signed
 * with the one before, as `cim keys rotate` does.
 */
export const useSigner = (): SignerHook => {
  const session = useSession();
  const [signer, setSigner] = useState<Signer>();
  const known = useDocument("principals", session.principal);
  const registeredKey = known.state === "there" ? known.document.publicKey : undefined;

  useEffect(() => {
    let ended = false;
    const read = keys<Signer | undefined>("readonly", (store) => store.get(placeOf(session)));
    read.then((found) => !ended && setSigner(found)).catch(() => undefined);
    return () => {
      ended = true;
    };
  }, [session]);

  const register = useCallback(
    async (seed?: string) => {
      const made = seed === undefined ? await keyPair() : await keyOfSeed(seed);
      const { publicKey } = made;
      if (publicKey !== registeredKey) {
        const commandId = crypto.randomUUID();
        const { principal } = session;
        const payload = { publicKey };
        const act = { aggregate: "principal", id: principal, command: "rotate-key", payload, commandId };
        const signed = signer === undefined ? {} : { signed: await signatureOf(signer, session, act) };
        await api.command("principal", principal, "rotate-key", payload, { commandId, ...signed });
      }
      await keys("readwrite", (store) => store.put(made, placeOf(session)));
      setSigner(made);
    },
    [session, signer, registeredKey],
  );
  const isRegistered = signer !== undefined && signer.publicKey === registeredKey;
  return { signer, isRegistered, registeredKey, register };
};
