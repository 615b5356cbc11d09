import { readFileSync } from "node:fs";
import { lchown, mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fromSeed, type KeyPair } from "@nats-io/nkeys";
import { Result, Schema } from "effect";
import { Instant, Principal, Role } from "../../domain/kernel/mod.ts";
import { messageOf } from "../message-of.ts";

/** Something is wrong with the keys of an installation, or with what was asked of them. */
export class SecurityFailed extends Error {
  override readonly name = "SecurityFailed";
}

/** A user of the nats-server: a principal, and the key that it connects with. */
const User = Schema.Struct({
  name: Principal,
  kind: Schema.Literals(["person", "agent"]),
  roles: Schema.Array(Role),
  /** The public nkey. */
  key: Schema.String,
  /** When the credentials that were handed out end. */
  endsAt: Instant,
  /** For how many days they are signed, each time. */
  days: Schema.optionalKey(Schema.Int),
  /** When it was revoked, for good. */
  revokedAt: Schema.optionalKey(Instant),
  /** When the installation stopped it: it is suspended, and comes in again when it is reinstated. */
  stoppedAt: Schema.optionalKey(Instant),
});
export type User = typeof User.Type;

/** What is known of the keys of an installation. The seeds are files of their own. */
export const Installation = Schema.Struct({
  format: Schema.Literal(1),
  prefix: Schema.String,
  madeAt: Instant,
  /** The names and addresses by which the certificate of the server is valid, besides those of this machine. */
  hosts: Schema.Array(Schema.String),
  certificateEndsAt: Instant,
  /** The operator's own statement of its keys. To make another one takes its identity key. */
  operatorJwt: Schema.String,
  /** Public nkeys. */
  keys: Schema.Struct({
    operator: Schema.String,
    system: Schema.String,
    cim: Schema.String,
    peers: Schema.String,
  }),
  /** The keys that users are signed with: one for each set of roles. */
  signers: Schema.Array(Schema.Struct({ roles: Schema.Array(Role), key: Schema.String })),
  users: Schema.Array(User),
  /** What was signed for a key up to a moment (seconds since 1970) does not count. */
  revocations: Schema.Record(Schema.String, Schema.Int),
});
export type Installation = typeof Installation.Type;

const decode = Schema.decodeUnknownResult(Schema.fromJsonString(Installation));

/** The files of a folder of keys. */
export const files = {
  installation: "installation.json",
  /** The part of a server's configuration that follows from the keys; and a whole one around it, written once. */
  closedPart: "closed.conf",
  configuration: "nats-server.conf",
  ca: join("tls", "ca.pem"),
  caKey: join("tls", "ca.key"),
  certificate: join("tls", "server.pem"),
  certificateKey: join("tls", "server.key"),
  seed: (name: string) => join("keys", `${name}.nk`),
  userSeed: (name: string) => join("keys", "users", `${name}.nk`),
  signerSeed: (roles: ReadonlyArray<Role>) => join("keys", "roles", `${roles.join("+")}.nk`),
  credentials: (name: string) => join("creds", `${name}.creds`),
} as const;

const decoded = (folder: string, text: string): Installation => {
  const result = decode(text);
  if (Result.isSuccess(result)) return result.success;
  throw new SecurityFailed(
    `${join(folder, files.installation)} is damaged (${result.failure.message}): take the folder back from a backup`,
  );
};

const missing = (folder: string, error: unknown) =>
  new SecurityFailed(
    `${folder} has no keys of an installation (${messageOf(error)}): make them with \`cim security init ${folder}\``,
    { cause: error },
  );

/** Reads what is known of the keys in a folder. Throws if there is nothing, or it is damaged. */
export const readInstallation = async (folder: string): Promise<Installation> => {
  const text = await readFile(join(folder, files.installation), "utf8").catch((error: unknown) => {
    throw missing(folder, error);
  });
  return decoded(folder, text);
};

/** The same at once, for what cannot wait. */
export const readInstallationNow = (folder: string): Installation => {
  try {
    return decoded(folder, readFileSync(join(folder, files.installation), "utf8"));
  } catch (error) {
    throw error instanceof SecurityFailed ? error : missing(folder, error);
  }
};

/** Root may change the keys of a service, which has to read them afterwards: what it makes belongs to whom the folder does. */
const ownerOf = async (folder: string) => (process.getuid?.() === 0 ? stat(folder) : undefined);

/**
 * Makes a file that only its owner may read. Fails if there is one. It is given away by its handle: by its name, whoever
 * owns the folder could put a link there meanwhile, and would be given any file of root's.
 */
const makeFile = async (folder: string, path: string, text: string | Uint8Array): Promise<void> => {
  const owner = await ownerOf(folder);
  const file = await open(path, "wx", 0o600);
  try {
    if (owner !== undefined) await file.chown(owner.uid, owner.gid);
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
};

/** Replaces a file as a whole, so that a killed process leaves no half of one. Only its owner may read it. */
export const writeSecret = async (folder: string, name: string, text: string | Uint8Array): Promise<void> => {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const owner = await ownerOf(folder);
  if (owner !== undefined) await lchown(dirname(path), owner.uid, owner.gid);
  const next = `${path}.next`;
  await rm(next, { force: true });
  await makeFile(folder, next, text);
  await rename(next, path);
};

export const writeInstallation = (folder: string, installation: Installation): Promise<void> =>
  writeSecret(folder, files.installation, `${JSON.stringify(installation, undefined, 2)}\n`);

const noKey = (folder: string, name: string, error: unknown) =>
  new SecurityFailed(`the key ${join(folder, name)} is not there: take it back from where it is kept`, {
    cause: error,
  });

const keyOf = (folder: string, name: string, seed: string): KeyPair => {
  try {
    return fromSeed(new TextEncoder().encode(seed.trim()));
  } catch (error) {
    throw new SecurityFailed(`${join(folder, name)} has no seed of an nkey: take it back from a backup`, {
      cause: error,
    });
  }
};

/** Returns the key pair whose seed is in a file of the folder. Throws if it is not there. */
export const readKey = async (folder: string, name: string): Promise<KeyPair> => {
  const seed = await readFile(join(folder, name), "utf8").catch((error: unknown) => {
    throw noKey(folder, name, error);
  });
  return keyOf(folder, name, seed);
};

/** The same at once, for what cannot wait. */
export const readKeyNow = (folder: string, name: string): KeyPair => {
  let seed: string;
  try {
    seed = readFileSync(join(folder, name), "utf8");
  } catch (error) {
    throw noKey(folder, name, error);
  }
  return keyOf(folder, name, seed);
};

export const writeKey = (folder: string, name: string, key: KeyPair): Promise<void> =>
  writeSecret(folder, name, `${new TextDecoder().decode(key.getSeed())}\n`);

const isAlive = (pid: number): boolean => {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    // Of another user, such as root.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
};

/** Milliseconds in which a lock that was just made gets the number of its process. */
const unnumbered = 10_000;

/** Who holds a lock; undefined if its process has died. */
const holderOf = async (lock: string): Promise<string | undefined> => {
  const made = (await stat(lock).catch(() => undefined))?.mtimeMs;
  if (made === undefined) return undefined;
  const text = await readFile(lock, "utf8").catch(() => "");
  if (text === "") return Date.now() - made < unnumbered ? "another process" : undefined;
  const pid = Number(text);
  // In a container the next process often has the number of the one that was killed.
  const isOfBefore = pid === process.pid && made < Date.now() - process.uptime() * 1000;
  return isAlive(pid) && !isOfBefore ? `process ${pid}` : undefined;
};

const locked = async <A>(folder: string, work: () => Promise<A>): Promise<A> => {
  const lock = join(folder, "lock");
  const take = () => makeFile(folder, lock, String(process.pid));
  await take().catch(async () => {
    const holder = await holderOf(lock);
    if (holder !== undefined)
      throw new SecurityFailed(`${holder} is changing the keys in ${folder}: try again when it is done`);
    await rm(lock, { force: true });
    await take().catch((error: unknown) => {
      throw new SecurityFailed(`${folder} cannot be changed (${messageOf(error)})`, { cause: error });
    });
  });
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
};

/** What this process does in each folder: one after the other, because many renew their credentials at the same moment. */
const turns = new Map<string, Promise<unknown>>();

/** Does `work` while nobody else changes the folder. A lock whose process has died is taken over. */
export const exclusively = <A>(folder: string, work: () => Promise<A>): Promise<A> => {
  const place = resolve(folder);
  const turn = (turns.get(place) ?? Promise.resolve()).then(() => locked(folder, work));
  turns.set(
    place,
    turn.catch(() => undefined),
  );
  return turn;
};
