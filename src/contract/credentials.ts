import { Schema } from "effect";
import { Instant } from "../domain/kernel/mod.ts";

/** What the credentials of a NATS user claim about it. Only the nats-server verifies the claims. */
export interface Identity {
  /** The principal that the user speaks for. */
  readonly name: string;
  /** Whether the user is a peer of a closed installation. Peers have an account without streams of its own. */
  readonly isPeer: boolean;
  /** Whether the user belongs to a closed installation, as a peer or as the backend. */
  readonly isClosed: boolean;
  /** When the credentials expire, in milliseconds since 1970; undefined if they do not. */
  readonly endsAt: number | undefined;
  /** When they were signed, in milliseconds since 1970. */
  readonly signedAt: number | undefined;
}

/** The tag in the JWT of each user of the account of peers. */
export const peerTag = "cim-peer";
/** The tag in the JWT of each user with every right in its account. */
export const ownerTag = "cim-owner";

/** The reply to a request on `cim.renew.<principal>`: a JWT that expires later, for the same key. */
export const RenewalReply = Schema.Struct({
  ok: Schema.Literal(true),
  jwt: Schema.String,
  endsAt: Instant,
}).annotate({ identifier: "RenewalReply" });

const jwtPattern = /(-----BEGIN NATS USER JWT-----\s*)([\w.-]+)(\s)/;

/** Returns the JWT in the text of a `.creds` file. */
export const jwtIn = (credentials: string): string | undefined => jwtPattern.exec(credentials)?.[2];

/** Returns the text of a `.creds` file with another JWT for the same key. */
export const withJwt = (credentials: string, jwt: string): string =>
  credentials.replace(jwtPattern, (_, before: string, __, after: string) => `${before}${jwt}${after}`);

/**
 * Returns the moment from which credentials should be renewed, which is half of their life; undefined if they do not
 * expire.
 */
export const renewalDue = ({ signedAt, endsAt }: Identity): number | undefined =>
  endsAt === undefined || signedAt === undefined ? undefined : signedAt + (endsAt - signedAt) / 2;

const claimsIn = (jwt: string): unknown => {
  const [, body = ""] = jwt.split(".");
  try {
    const bytes = Uint8Array.from(atob(body.replaceAll("-", "+").replaceAll("_", "/")), (character) =>
      character.charCodeAt(0),
    );
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

/** Returns the identity in the text of a `.creds` file; undefined if the text has no user JWT. */
export const identityIn = (credentials: string): Identity | undefined => {
  const jwt = jwtIn(credentials);
  const claims = jwt === undefined ? undefined : claimsIn(jwt);
  if (!isRecord(claims) || typeof claims.name !== "string") return undefined;
  const { name, exp, iat, nats } = claims;
  const tags = isRecord(nats) && Array.isArray(nats.tags) ? nats.tags : [];
  const isPeer = tags.includes(peerTag);
  const isClosed = isPeer || tags.includes(ownerTag);
  const moment = (seconds: unknown) => (typeof seconds === "number" ? seconds * 1000 : undefined);
  return { name, isPeer, isClosed, endsAt: moment(exp), signedAt: moment(iat) };
};

/** Returns the message for a client that does not trust a server's certificate. */
export const untrustedText = (servers: string): string =>
  `the certificate of the nats-server at ${servers} is not trusted: name that of the installation's authority, its ca.pem, in CIM_CA`;
