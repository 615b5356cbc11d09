import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { createAccount, createOperator, createUser, type KeyPair } from "@nats-io/nkeys";
import { Schema } from "effect";
import { isOwnPrincipal, Principal, type Role, roles as roleOrder } from "../../domain/kernel/mod.ts";
import { exists, makeDirectory } from "../make-directory.ts";
import { operatorJwt, ownerCredentials, peerCredentials, type SignedAccount, signedAccounts } from "./accounts.ts";
import {
  exclusively,
  files,
  type Installation,
  readInstallation,
  readInstallationNow,
  readKey,
  readKeyNow,
  SecurityFailed,
  type User,
  writeInstallation,
  writeKey,
  writeSecret,
} from "./folder.ts";
import { closedPart, wholeConfiguration } from "./server-configuration.ts";

export { files, type Installation, readInstallation, SecurityFailed, type User } from "./folder.ts";

/** The seconds that session credentials are valid. A process makes them for itself, and renews them in time. */
const sessionSeconds = 3_600;
/** The days that the credentials of a backend in a file are valid. */
const backendDays = 365;
const daySeconds = 24 * 3_600;

/** The principals of keys that are not peers: the backend, and the client that pushes accounts to the server. */
const backendName = "cim-backend";
const systemName = "cim-system";

export const signingKey = files.seed("operator-signing");

/** A user to add: its roles, and the days that its credentials are valid. */
export interface NewUser {
  readonly name: string;
  readonly kind: User["kind"];
  readonly roles: ReadonlyArray<Role>;
  readonly days: number;
}

const inOrder = (given: Iterable<Role>): ReadonlyArray<Role> => {
  const wanted = new Set(given);
  return roleOrder.filter((role) => wanted.has(role));
};

const instant = (milliseconds: number): string => new Date(milliseconds).toISOString();
/** Returns the moment after this number of days. */
export const daysFromNow = (days: number): string => instant(Date.now() + days * daySeconds * 1000);

/** Writes the server's part of the configuration after the keys have changed. Returns the accounts. */
const writeServerPart = async (folder: string, installation: Installation): Promise<ReadonlyArray<SignedAccount>> => {
  const accounts = await signedAccounts(installation, await readKey(folder, signingKey));
  await writeSecret(folder, files.closedPart, closedPart(folder, installation, accounts));
  return accounts;
};

/** Returns the installation with a key that signs users with these roles. Makes it if there is none. */
const withSigner = async (folder: string, installation: Installation, roles: ReadonlyArray<Role>) => {
  const wanted = roles.join("+");
  if (installation.signers.some((signer) => signer.roles.join("+") === wanted)) return installation;
  const key = createAccount();
  await writeKey(folder, files.signerSeed(roles), key);
  return { ...installation, signers: [...installation.signers, { roles, key: key.getPublicKey() }] };
};

const isPrincipal = Schema.is(Principal);

/** Refuses a name that is not a principal. The server puts names into subjects, and there `*` would match everyone. */
const refuseName = (name: string): void => {
  if (!isPrincipal(name))
    throw new SecurityFailed(
      `\`${name}\` cannot be the name of a user: it has 1-128 characters of A-Z a-z 0-9 _ -, and begins with a letter or digit`,
    );
  if (isOwnPrincipal(name) || [backendName, systemName].includes(name))
    throw new SecurityFailed(`\`${name}\` is a name of the backend: choose another one`);
};

/** Writes the key and the credentials of a user. Returns the installation with this user. */
const withUser = async (folder: string, before: Installation, user: NewUser): Promise<Installation> => {
  refuseName(user.name);
  const roles = inOrder(user.roles);
  if (roles.length === 0) throw new SecurityFailed(`${user.name} needs a role: one of ${roleOrder.join(", ")}`);
  const installation = await withSigner(folder, before, roles);
  const key = createUser();
  await writeKey(folder, files.userSeed(user.name), key);
  const signer = await readKey(folder, files.signerSeed(roles));
  const seconds = user.days * daySeconds;
  const text = peerCredentials(installation, user.name, key, signer, seconds);
  await writeSecret(folder, files.credentials(user.name), text);
  const { name, kind } = user;
  const { days } = user;
  const made: User = { name, kind, roles, key: key.getPublicKey(), endsAt: daysFromNow(days), days };
  return { ...installation, users: [...installation.users.filter((one) => one.name !== name), made] };
};

const writeBackendCredentials = async (folder: string, account: KeyPair): Promise<void> => {
  const text = await ownerCredentials(backendName, createUser(), account, backendDays * daySeconds);
  await writeSecret(folder, files.credentials(backendName), text);
};

/**
 * Makes the keys of an installation in a new folder: operator, accounts, authority, the server's certificate and
 * configuration, and the credentials of the backend and of the first users. The folder appears when it is complete, or
 * not at all.
 */
export const initSecurity = async (
  folder: string,
  options: { readonly prefix: string; readonly hosts: ReadonlyArray<string>; readonly users: ReadonlyArray<NewUser> },
): Promise<Installation> => {
  const target = resolve(folder);
  if (await exists(target))
    throw new SecurityFailed(`${folder} is there already: name another folder, so that no key is lost`);
  const { certificateDays, newAuthority, newServerCertificate } = await import("./certificates.ts");
  await makeDirectory(dirname(target));
  const next = `${target}.next-${process.pid}`;
  await mkdir(next, { mode: 0o700 });
  try {
    const [operator, signing, system, cim, peers] = [
      createOperator(),
      createOperator(),
      createAccount(),
      createAccount(),
      createAccount(),
    ];
    const named = { operator, "operator-signing": signing, system, cim, peers };
    for (const [name, key] of Object.entries(named)) await writeKey(next, files.seed(name), key);
    const authority = await newAuthority();
    const server = await newServerCertificate(authority, options.hosts);
    await writeSecret(next, files.ca, authority.certificate);
    await writeSecret(next, files.caKey, authority.key);
    await writeSecret(next, files.certificate, server.certificate);
    await writeSecret(next, files.certificateKey, server.key);
    let installation: Installation = {
      format: 1,
      prefix: options.prefix,
      madeAt: instant(Date.now()),
      hosts: [...options.hosts],
      certificateEndsAt: daysFromNow(certificateDays),
      operatorJwt: await operatorJwt(operator, signing.getPublicKey(), system.getPublicKey()),
      keys: {
        operator: operator.getPublicKey(),
        system: system.getPublicKey(),
        cim: cim.getPublicKey(),
        peers: peers.getPublicKey(),
      },
      signers: [],
      users: [],
      revocations: {},
    };
    for (const user of options.users) installation = await withUser(next, installation, user);
    await writeBackendCredentials(next, cim);
    await writeInstallation(next, installation);
    const accounts = await signedAccounts(installation, signing);
    await writeSecret(next, files.closedPart, closedPart(target, installation, accounts));
    await writeSecret(next, files.configuration, wholeConfiguration(target));
    await rename(next, target);
    return installation;
  } catch (error) {
    await rm(next, { recursive: true, force: true });
    throw error;
  }
};

/**
 * Changes the keys, and then the server's part of the configuration. Returns the accounts to push to running servers.
 */
export const changed = (folder: string, change: (installation: Installation) => Promise<Installation>) =>
  exclusively(folder, async () => {
    const installation = await change(await readInstallation(folder));
    await writeInstallation(folder, installation);
    return { installation, accounts: await writeServerPart(folder, installation) };
  });

export type Changed = Awaited<ReturnType<typeof changed>>;

const userIn = ({ users }: Installation, name: string): User => {
  const user = users.find((one) => one.name === name);
  if (user !== undefined) return user;
  const known = users.map((one) => one.name).join(", ");
  throw new SecurityFailed(`there is no user ${name} (there are ${known}): add it with \`cim security user add\``);
};

/** Refuses to sign for a user that was revoked or stopped. */
const refuseEnded = ({ name, revokedAt, stoppedAt }: User): void => {
  if (revokedAt !== undefined)
    throw new SecurityFailed(`${name} was revoked at ${revokedAt}: add it again, which gives it a new key`);
  if (stoppedAt !== undefined)
    throw new SecurityFailed(`${name} is suspended since ${stoppedAt}: an admin can reinstate it`);
};

export const addUser = (folder: string, user: NewUser): Promise<Changed> =>
  changed(folder, async (installation) => {
    const known = installation.users.find(({ name }) => name === user.name);
    if (known !== undefined && known.revokedAt === undefined)
      throw new SecurityFailed(`there is a user ${user.name} already: renew or revoke it`);
    return withUser(folder, installation, user);
  });

/** Signs the key of a user again. The user `cim-backend` stands for the backend's credentials. */
export const renewUser = (folder: string, name: string, days: number): Promise<Changed> =>
  changed(folder, async (installation) => {
    if (name === backendName) {
      await writeBackendCredentials(folder, await readKey(folder, files.seed("cim")));
      return installation;
    }
    const user = userIn(installation, name);
    refuseEnded(user);
    const key = await readKey(folder, files.userSeed(name));
    const signer = await readKey(folder, files.signerSeed(user.roles));
    const text = peerCredentials(installation, name, key, signer, days * daySeconds);
    await writeSecret(folder, files.credentials(name), text);
    return withChanged(installation, { ...user, endsAt: daysFromNow(days), days });
  });

/** The days that credentials are signed for if the folder is of an older version. */
const usualDays = 30;

/**
 * Returns the text of a user's newest credentials. They are signed again once half of their time is over. Before that
 * nothing is written, so repeated requests do not load the disk.
 */
export const renewedCredentials = async (folder: string, name: string): Promise<string> => {
  const user = userIn(await readInstallation(folder), name);
  refuseEnded(user);
  const days = user.days ?? usualDays;
  if (Date.parse(user.endsAt) - Date.now() < (days * daySeconds * 1000) / 2) await renewUser(folder, name, days);
  return readFile(join(folder, files.credentials(name)), "utf8");
};

/** Returns the time in whole seconds, as the server compares it. */
export const secondsNow = (): number => Math.ceil(Date.now() / 1000);

const withChanged = (installation: Installation, user: User): Installation => ({
  ...installation,
  users: installation.users.map((one) => (one.name === user.name ? user : one)),
});

/** Revokes everything that was signed for the key of a user, and removes its credentials. */
export const revokeUser = (folder: string, name: string): Promise<Changed> =>
  changed(folder, async (installation) => {
    const user = userIn(installation, name);
    const revoked = { ...user, revokedAt: user.revokedAt ?? instant(Date.now()) };
    await rm(join(folder, files.credentials(name)), { force: true });
    const revocations = { ...installation.revocations, [user.key]: secondsNow() };
    return { ...withChanged(installation, revoked), revocations };
  });

/**
 * Stops the users in `stopped`, and lets in users that were stopped before and are not in it. Returns undefined if
 * nothing changes.
 */
export const stopUsers = async (folder: string, stopped: ReadonlySet<string>): Promise<Changed | undefined> => {
  const isOther = ({ name, revokedAt, stoppedAt }: User) =>
    revokedAt === undefined && (stoppedAt !== undefined) !== stopped.has(name);
  if (!(await readInstallation(folder)).users.some(isOther)) return undefined;
  return changed(folder, async (before) =>
    before.users.filter(isOther).reduce((installation, { stoppedAt, ...user }) => {
      const { [user.key]: _, ...others } = installation.revocations;
      return stoppedAt === undefined
        ? {
            ...withChanged(installation, { ...user, stoppedAt: instant(Date.now()) }),
            revocations: { ...others, [user.key]: secondsNow() },
          }
        : { ...withChanged(installation, user), revocations: others };
    }, before),
  );
};

/** Returns the accounts for the current keys. */
export const currentAccounts = async (folder: string): Promise<ReadonlyArray<SignedAccount>> =>
  signedAccounts(await readInstallation(folder), await readKey(folder, signingKey));

/** Returns the part of a server's configuration that closes it, for the current keys. */
export const closedConfiguration = async (folder: string): Promise<string> =>
  closedPart(folder, await readInstallation(folder), await currentAccounts(folder));

/** Returns the certificates that clients check the server against. */
export const authorityOf = (folder: string): Promise<string> => readFile(join(folder, files.ca), "utf8");

/** Returns new credentials of a backend. */
export const backendCredentials = async (folder: string): Promise<string> =>
  ownerCredentials(backendName, createUser(), await readKey(folder, files.seed("cim")), backendDays * daySeconds);

/** Returns credentials for a client that pushes accounts to the server, or reads the server's own events. */
export const systemCredentials = async (folder: string, seconds = 60): Promise<string> =>
  ownerCredentials(systemName, createUser(), await readKey(folder, files.seed("system")), seconds);

/**
 * Returns a function that returns the credentials of a user, for a process that has the folder of keys. They are valid
 * for an hour. Then the server ends the connection, and the client reconnects with newly signed credentials. If the
 * user was revoked meanwhile, the function returns the old ones, and the server refuses them.
 */
export const sessionCredentials = async (folder: string, name: string): Promise<() => string> => {
  const key = await readKey(folder, files.userSeed(name)).catch((error: unknown) => {
    userIn(readInstallationNow(folder), name);
    throw error;
  });
  const sign = () => {
    const installation = readInstallationNow(folder);
    const user = userIn(installation, name);
    refuseEnded(user);
    return peerCredentials(installation, name, key, readKeyNow(folder, files.signerSeed(user.roles)), sessionSeconds);
  };
  let current = sign();
  return () => {
    try {
      current = sign();
    } catch {
      // Keep the old credentials: the server refuses them, and says why.
    }
    return current;
  };
};
