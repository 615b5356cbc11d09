import { readFileSync } from "node:fs";
import { chown, mkdir, open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
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
const giveToOwner = async (folder: string, ...paths: ReadonlyArray<string>): Promise<void> => {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = await stat(folder);
  for (const path of paths) await chown(path, uid, gid);
};

/** Replaces a file as a whole, so that a killed process leaves no half of one. Only its owner may read it. */
export const writeSecret = async (folder: string, name: string, text: string | Uint8Array): Promise<void> => {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const next = `${path}.next`;
  await rm(next, { force: true });
  const file = await open(next, "wx", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await giveToOwner(folder, dirname(path), next);
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
  } catch {
    return false;
  }
};

/** Does `work` while no other process changes the folder. A lock whose process has died is taken over. */
export const exclusively = async <A>(folder: string, work: () => Promise<A>): Promise<A> => {
  const lock = join(folder, "lock");
  const take = () => writeFile(lock, String(process.pid), { flag: "wx", mode: 0o600 });
  await take().catch(async () => {
    const holder = Number(await readFile(lock, "utf8").catch(() => ""));
    if (isAlive(holder))
      throw new SecurityFailed(`process ${holder} is changing the keys in ${folder}: try again when it is done`);
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
