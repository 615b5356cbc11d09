/** What the credentials of a user of NATS say of it. Nobody but the nats-server checks whether it is true. */
export interface Identity {
  /** The principal that the user speaks for. */
  readonly name: string;
  /** Whether it is a peer of a closed installation: in an account without streams of its own. */
  readonly isPeer: boolean;
  /** Whether it is a user of a closed installation: a peer, or the backend. */
  readonly isClosed: boolean;
  /** When the credentials end, in milliseconds since 1970; undefined if they do not. */
  readonly endsAt: number | undefined;
}

/** The tag in the JWT of each user of the account of peers. */
export const peerTag = "cim-peer";
/** The tag in the JWT of each user with every right in its account. */
export const ownerTag = "cim-owner";

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

/** Returns who the text of a `.creds` file is for; undefined if it has no JWT of a user. */
export const identityIn = (credentials: string): Identity | undefined => {
  const [, jwt] = /-----BEGIN NATS USER JWT-----\s*([\w.-]+)\s/.exec(credentials) ?? [];
  const claims = jwt === undefined ? undefined : claimsIn(jwt);
  if (!isRecord(claims) || typeof claims.name !== "string") return undefined;
  const { name, exp, nats } = claims;
  const tags = isRecord(nats) && Array.isArray(nats.tags) ? nats.tags : [];
  const isPeer = tags.includes(peerTag);
  const isClosed = isPeer || tags.includes(ownerTag);
  return { name, isPeer, isClosed, endsAt: typeof exp === "number" ? exp * 1000 : undefined };
};

/** What is said if a client does not know the certificate of a server. */
export const untrustedText = (servers: string): string =>
  `the certificate of the nats-server at ${servers} is not trusted: name that of the installation's authority, its ca.pem, in CIM_CA`;
