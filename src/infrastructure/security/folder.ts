import { readFileSync } from "node:fs";
import { lchown, mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fromSeed, type KeyPair } from "@nats-io/nkeys";
import { Result, Schema } from "effect";
import { Instant, Principal, Role } from "../../domain/kernel/mod.ts";
import { messageOf } from "../message-of.ts";

/** The keys of an installation are damaged or missing, or do not allow a request. */
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
  /** The end of the credentials that were handed out. */
  endsAt: Instant,
  /** The number of days that they are signed for, each time. */
  days: Schema.optionalKey(Schema.Int),
  /** When it was revoked, for good. */
  revokedAt: Schema.optionalKey(Instant),
  /** When the installation stopped it. The user is suspended, and can connect again when it is reinstated. */
  stoppedAt: Schema.optionalKey(Instant),
});
export type User = typeof User.Type;

/** The record of the keys of an installation. The seeds are separate files. */
export const Installation = Schema.Struct({
  format: Schema.Literal(1),
  prefix: Schema.String,
  madeAt: Instant,
  /** The names and addresses in the certificate of the server, besides those of this machine. */
  hosts: Schema.Array(Schema.String),
  certificateEndsAt: Instant,
  /** The operator's statement of its keys. A new one needs the operator's identity key. */
  operatorJwt: Schema.String,
  /** Public nkeys. */
  keys: Schema.Struct({
    operator: Schema.String,
    system: Schema.String,
    cim: Schema.String,
    peers: Schema.String,
  }),
  /** The keys that sign users, one for each set of roles. */
  signers: Schema.Array(Schema.Struct({ roles: Schema.Array(Role), key: Schema.String })),
  users: Schema.Array(User),
  /** By public key: credentials that were signed up to this moment (seconds since 1970) are revoked. */
  revocations: Schema.Record(Schema.String, Schema.Int),
});
export type Installation = typeof Installation.Type;

const decode = Schema.decodeUnknownResult(Schema.fromJsonString(Installation));

/** The files of a folder of keys. */
export const files = {
  installation: "installation.json",
  /** The part of a server's configuration that follows from the keys. `configuration` is a whole one, written once. */
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

/** Reads the record of the keys in a folder. Throws if it is missing or damaged. */
export const readInstallation = async (folder: string): Promise<Installation> => {
  const text = await readFile(join(folder, files.installation), "utf8").catch((error: unknown) => {
    throw missing(folder, error);
  });
  return decoded(folder, text);
};

/** Reads the record synchronously, for callers that cannot wait. */
export const readInstallationNow = (folder: string): Installation => {
  try {
    return decoded(folder, readFileSync(join(folder, files.installation), "utf8"));
  } catch (error) {
    throw error instanceof SecurityFailed ? error : missing(folder, error);
  }
};

/**
 * Returns the owner for new files if root writes them. The service that owns the folder must be able to read its keys.
 */
const ownerOf = async (folder: string) => (process.getuid?.() === 0 ? stat(folder) : undefined);

/**
 * Makes a file that only its owner may read. Fails if it exists. The owner is set through the open handle, not by the
 * name. Otherwise the owner of the folder could put a link there, and root would give away the file behind it.
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

/** Replaces a file as a whole, so that a killed process leaves no half file. Only its owner may read it. */
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

/** Reads a key pair synchronously, for callers that cannot wait. */
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
    // The process belongs to another user, such as root.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
};

/** The milliseconds that a process may take to write its number into a new lock. */
const unnumbered = 10_000;

/** Returns the holder of a lock, in words; undefined if its process has died. */
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

/** The work of this process in each folder, in turn: many users may renew their credentials at the same moment. */
const turns = new Map<string, Promise<unknown>>();

/** Does `work` while no other process changes the folder. It takes over the lock of a process that has died. */
export const exclusively = <A>(folder: string, work: () => Promise<A>): Promise<A> => {
  const place = resolve(folder);
  const turn = (turns.get(place) ?? Promise.resolve()).then(() => locked(folder, work));
  turns.set(
    place,
    turn.catch(() => undefined),
  );
  return turn;
};
