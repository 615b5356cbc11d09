import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createAccount, createOperator } from "@nats-io/nkeys";
import { operatorJwt, peerCredentials } from "./accounts.ts";
import { files, type Installation, readKey, writeKey, writeSecret } from "./folder.ts";
import { type Changed, changed, daysFromNow, secondsNow, signingKey } from "./mod.ts";

/** The parts of an installation that can be replaced. */
export type Rotated = "roles" | "certificate" | "operator";

/**
 * Makes new keys for the roles. Everything that the old ones signed becomes invalid. So each user that is not revoked
 * gets new credentials for its key, with the old end. Those of a suspended user become valid when it is reinstated.
 */
const rotateRoles = async (folder: string, before: Installation): Promise<Installation> => {
  const keys = before.signers.map(({ roles }) => ({ roles, pair: createAccount() }));
  const stopped = before.users.filter(({ revokedAt, stoppedAt }) => revokedAt === undefined && stoppedAt !== undefined);
  const installation = {
    ...before,
    signers: keys.map(({ roles, pair }) => ({ roles, key: pair.getPublicKey() })),
  };
  for (const { roles, pair } of keys) {
    await writeKey(folder, files.signerSeed(roles), pair);
    for (const user of before.users) {
      if (user.revokedAt !== undefined || user.roles.join("+") !== roles.join("+")) continue;
      const seconds = Math.floor((Date.parse(user.endsAt) - Date.now()) / 1000);
      const key = await readKey(folder, files.userSeed(user.name));
      const text = peerCredentials(installation, user.name, key, pair, seconds);
      await writeSecret(folder, files.credentials(user.name), text);
    }
  }
  const revoked = Object.fromEntries(stopped.map(({ key }) => [key, secondsNow()]));
  return { ...installation, revocations: { ...before.revocations, ...revoked } };
};

/** Makes a new certificate of the server, by the same authority. */
const rotateCertificate = async (folder: string, before: Installation): Promise<Installation> => {
  const { certificateDays, newServerCertificate } = await import("./certificates.ts");
  const [certificate, key] = await Promise.all(
    [files.ca, files.caKey].map((file) => readFile(join(folder, file), "utf8")),
  );
  const made = await newServerCertificate({ certificate: certificate ?? "", key: key ?? "" }, before.hosts);
  await writeSecret(folder, files.certificateKey, made.key);
  await writeSecret(folder, files.certificate, made.certificate);
  return { ...before, certificateEndsAt: daysFromNow(certificateDays) };
};

/** Makes a new operator key that signs accounts. The operator's identity key signs the statement of it. */
const rotateOperator = async (folder: string, before: Installation): Promise<Installation> => {
  const operator = await readKey(folder, files.seed("operator"));
  const signing = createOperator();
  const jwt = await operatorJwt(operator, signing.getPublicKey(), before.keys.system);
  await writeKey(folder, signingKey, signing);
  return { ...before, operatorJwt: jwt };
};

const rotations: Readonly<Record<Rotated, (folder: string, before: Installation) => Promise<Installation>>> = {
  roles: rotateRoles,
  certificate: rotateCertificate,
  operator: rotateOperator,
};

/** Replaces a part of the keys. A server reads a certificate and the operator's keys when it starts. */
export const rotate = (folder: string, what: Rotated): Promise<Changed> =>
  changed(folder, (installation) => rotations[what](folder, installation));
