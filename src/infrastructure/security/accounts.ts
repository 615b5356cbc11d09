import { createHash } from "node:crypto";
import {
  type Account,
  type Export,
  encodeAccount,
  encodeOperator,
  encodeUser,
  fmtCreds,
  type Import,
  newScopedSigner,
  type SigningKey,
} from "@nats-io/jwt";
import type { KeyPair } from "@nats-io/nkeys";
import { ownerTag, peerTag } from "../../contract/credentials.ts";
import { type Names, names } from "../../contract/names.ts";
import { type Door, doorsOf, permissionsOf } from "../../contract/permissions.ts";
import { defined, type Role } from "../../domain/kernel/mod.ts";
import type { Installation } from "./folder.ts";

/** No limits. Account limits are for operators that sell accounts. */
const unlimited = { conn: -1, subs: -1, data: -1, payload: -1, imports: -1, exports: -1, wildcards: true };
/** No leaf node may link these accounts with those of another server. */
const noLeaves = { leaf: 0 };
const jetStream = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };

/** The most subscriptions of one connection of a peer. More would cost the server memory. */
const mostSubscriptions = 2_000;

const answersOf = (answers: Door["answers"]) => (answers === "many" ? ("Stream" as const) : ("Singleton" as const));

const exportOf = ({ kind, subject, answers }: Door): Export => ({
  name: subject,
  subject,
  type: kind,
  ...defined({ response_type: kind === "stream" ? undefined : answersOf(answers) }),
});

const importOf =
  (account: string) =>
  ({ kind, subject, as }: Door): Import => ({
    name: as ?? subject,
    subject,
    type: kind,
    account,
    ...defined({ local_subject: as }),
  });

/**
 * Returns the key that signs users with these roles, and their permissions. The library adds the right to publish to
 * any reply subject that arrives. We remove it. The failure that this prevents: a peer sends itself a message whose
 * reply subject is a command of another peer, and may then give that command.
 */
export const scopedSigner = (key: string, roles: ReadonlyArray<Role>, known: Names): SigningKey => {
  const { publish, subscribe } = permissionsOf(roles, known);
  const signer = newScopedSigner(key, roles.join("+"), {
    pub: { allow: [...publish] },
    sub: { allow: [...subscribe] },
    subs: mostSubscriptions,
    allowed_connection_types: ["STANDARD"],
  });
  delete signer.template.resp;
  return signer;
};

/** Returns the operator's statement: its signing key, and the system account of the server. */
export const operatorJwt = (operator: KeyPair, signing: string, system: string): Promise<string> =>
  encodeOperator("cim", operator, { signing_keys: [signing], system_account: system });

const accountsOf = ({ prefix, keys, signers, revocations }: Installation) => {
  const known = names(prefix);
  const doors = doorsOf(known);
  return {
    system: { key: keys.system, claims: { limits: { ...unlimited, ...noLeaves } } },
    cim: {
      key: keys.cim,
      claims: { exports: doors.map(exportOf), limits: { ...unlimited, ...noLeaves, ...jetStream } },
    },
    peers: {
      key: keys.peers,
      claims: {
        imports: doors.map(importOf(keys.cim)),
        signing_keys: signers.map(({ key, roles }) => scopedSigner(key, roles, known)),
        revocations: { ...revocations },
        limits: { ...unlimited, ...noLeaves },
      },
    },
  } satisfies Readonly<Record<string, { readonly key: string; readonly claims: Partial<Account> }>>;
};

export type AccountName = keyof ReturnType<typeof accountsOf>;

/** An account in the form that the server gets. */
export interface SignedAccount {
  readonly name: AccountName;
  readonly key: string;
  readonly jwt: string;
}

/** Returns the accounts, signed by the operator's signing key. */
export const signedAccounts = (installation: Installation, signing: KeyPair): Promise<ReadonlyArray<SignedAccount>> =>
  Promise.all(
    Object.entries(accountsOf(installation)).map(async ([name, { key, claims }]) => ({
      name: name as AccountName,
      key,
      jwt: await encodeAccount(name, key, claims, { signer: signing }),
    })),
  );

const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;

const credentialsText = (jwt: string, user: KeyPair): string => new TextDecoder().decode(fmtCreds(jwt, user));

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/**
 * Returns the JWT of a peer. The library makes JWTs asynchronously. The client asks for credentials while it connects,
 * and cannot wait, so the JWT is made here.
 */
const peerJwt = (claims: object, signer: KeyPair): string => {
  const jti = createHash("sha256").update(JSON.stringify(claims)).digest("base64url");
  const signed = `${encoded({ typ: "JWT", alg: "ed25519-nkey" })}.${encoded({ jti, ...claims })}`;
  return `${signed}.${Buffer.from(signer.sign(new TextEncoder().encode(signed))).toString("base64url")}`;
};

/** Returns the credentials of a peer: its key and their end. The permissions are those of its signer. */
export const peerCredentials = (
  { keys }: Installation,
  name: string,
  user: KeyPair,
  signer: KeyPair,
  seconds: number,
): string => {
  const claims = {
    iat: inSeconds(0),
    exp: inSeconds(seconds),
    iss: signer.getPublicKey(),
    name,
    sub: user.getPublicKey(),
    nats: { issuer_account: keys.peers, tags: [peerTag], type: "user", version: 2 },
  };
  return credentialsText(peerJwt(claims, signer), user);
};

/**
 * Returns the credentials of a user with every right in an account: the backend, or the administrator of the server.
 */
export const ownerCredentials = async (
  name: string,
  user: KeyPair,
  account: KeyPair,
  seconds: number,
): Promise<string> => {
  const claims = { pub: {}, sub: {}, tags: [ownerTag], allowed_connection_types: ["STANDARD" as const] };
  return credentialsText(await encodeUser(name, user, account, claims, { exp: inSeconds(seconds) }), user);
};
