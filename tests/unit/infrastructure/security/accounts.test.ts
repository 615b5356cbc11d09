import { X509Certificate } from "node:crypto";
import { chmod, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type Account, decode, type Operator, type User } from "@nats-io/jwt";
import { createAccount } from "@nats-io/nkeys";
import { identityIn } from "../../../../src/contract/credentials.ts";
import { names } from "../../../../src/contract/names.ts";
import { roles } from "../../../../src/domain/kernel/mod.ts";
import { scopedSigner, signedAccounts } from "../../../../src/infrastructure/security/accounts.ts";
import { checkFolder } from "../../../../src/infrastructure/security/check.ts";
import { exclusively, readKey, writeInstallation } from "../../../../src/infrastructure/security/folder.ts";
import {
  addUser,
  files,
  initSecurity,
  readInstallation,
  renewUser,
  revokeUser,
  stopUsers,
} from "../../../../src/infrastructure/security/mod.ts";
import { rotate } from "../../../../src/infrastructure/security/rotation.ts";

let place = "";
let folder = "";
const ann = { name: "ann", kind: "person", roles: ["voter", "participant"], days: 30 } as const;

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), "cim-keys-"));
  folder = join(place, "keys");
  await initSecurity(folder, { prefix: "cim", hosts: ["cim.example.org"], users: [ann] });
});

afterAll(() => rm(place, { recursive: true, force: true }));

const jwtIn = (credentials: string): string => /JWT-----\s*(\S+)/.exec(credentials)?.[1] ?? "";
const credentialsOf = (name: string) => readFile(join(folder, files.credentials(name)), "utf8");

test("no key lets its users publish to whatever arrives as a reply subject", () => {
  const signer = scopedSigner(createAccount().getPublicKey(), roles, names());
  expect(signer.template).not.toHaveProperty("resp");
  expect(signer.template.pub?.allow?.length).toBeGreaterThan(0);
});

test("the accounts of an installation have neither rights to respond, nor leaf nodes, nor users of their own", async () => {
  const installation = await readInstallation(folder);
  const accounts = await signedAccounts(installation, await readKey(folder, files.seed("operator-signing")));
  for (const { jwt } of accounts) {
    expect(jwt).not.toBe("");
    const { nats } = decode<Account>(jwt);
    expect(JSON.stringify(nats)).not.toContain('"resp"');
    expect(nats.limits?.leaf).toBe(0);
  }
  const peers = accounts.find(({ name }) => name === "peers");
  expect(decode<Account>(peers?.jwt ?? "").nats.limits).not.toHaveProperty("streams");
});

test("a user has no permissions of its own, but those of its role, and says that it is a peer", async () => {
  const text = await credentialsOf("ann");
  const { nats, exp = 0, iat, name } = decode<User>(jwtIn(text));
  expect(Object.keys(nats).sort()).toEqual(["issuer_account", "tags", "type", "version"]);
  expect([name, exp - iat]).toEqual(["ann", 30 * 24 * 3_600]);
  expect(identityIn(text)).toMatchObject({ name: "ann", isPeer: true });
  expect(identityIn(await credentialsOf("cim-backend"))).toMatchObject({ isPeer: false });
  expect(identityIn("nothing")).toBeUndefined();
});

test("only their owner can read the files", async () => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const modes = await Promise.all(
    entries.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).mode & 0o077),
  );
  expect(new Set(modes)).toEqual(new Set([0]));
  expect((await checkFolder(folder)).filter(({ level }) => level === "wrong")).toEqual([]);
});

test("a folder that is there is not overwritten, and a failure leaves no half of one", async () => {
  await expect(initSecurity(folder, { prefix: "cim", hosts: [], users: [] })).rejects.toThrow("is there already");
  const nobody = { ...ann, roles: [] };
  await expect(initSecurity(join(place, "other"), { prefix: "cim", hosts: [], users: [nobody] })).rejects.toThrow(
    "needs a role",
  );
  expect(await readdir(place)).toEqual(["keys"]);
});

test.each(["*", ">", "a.b", "../x", "", "cim-backend", "{{name()}}"])("`%s` cannot be a user", async (name) => {
  await expect(addUser(folder, { ...ann, name })).rejects.toThrow(/cannot be the name|is a name of the backend/);
});

test("renewing signs the same key again; after revoking, a user that is added has another one", async () => {
  const before = await credentialsOf("ann");
  await renewUser(folder, "ann", 1);
  const renewed = decode<User>(jwtIn(await credentialsOf("ann")));
  expect(renewed.sub).toBe(decode<User>(jwtIn(before)).sub);
  await expect(addUser(folder, ann)).rejects.toThrow("already");
  const { installation } = await revokeUser(folder, "ann");
  expect(Object.keys(installation.revocations)).toEqual([renewed.sub]);
  await expect(credentialsOf("ann")).rejects.toThrow();
  await expect(renewUser(folder, "ann", 1)).rejects.toThrow("was revoked");
  await addUser(folder, ann);
  expect(decode<User>(jwtIn(await credentialsOf("ann"))).sub).not.toBe(renewed.sub);
});

test("new keys of the roles let nobody in who is suspended, until they are reinstated", async () => {
  const stopped = await stopUsers(folder, new Set(["ann"]));
  const long = Object.entries(stopped?.installation.revocations ?? {}).map(([key, at]) => [key, at - 3_600] as const);
  await writeInstallation(folder, { ...(await readInstallation(folder)), revocations: Object.fromEntries(long) });
  const { installation } = await rotate(folder, "roles");
  const { sub = "", iat = 0 } = decode<User>(jwtIn(await credentialsOf("ann")));
  // The server refuses what was signed up to that moment.
  expect(installation.revocations[sub]).toBeGreaterThanOrEqual(iat);
  const reinstated = await stopUsers(folder, new Set());
  expect(reinstated?.installation.revocations).not.toHaveProperty(sub);
});

test("what changes the keys waits for what this process does with them", async () => {
  const order: Array<string> = [];
  const work = (name: string) => () => {
    order.push(`${name} begins`);
    return new Promise<void>((resolve) => setImmediate(resolve)).then(() => void order.push(`${name} ends`));
  };
  await Promise.all([exclusively(folder, work("one")), exclusively(folder, work("two"))]);
  expect(order).toEqual(["one begins", "one ends", "two begins", "two ends"]);
});

test("a lock is taken over from a process that has died, and from no other", async () => {
  const lock = join(folder, "lock");
  const done = () => exclusively(folder, async () => "done");
  const before = new Date(Date.now() - process.uptime() * 1000 - 3_600_000);
  // Made a moment ago: its process has not written its number yet.
  await writeFile(lock, "");
  await expect(done()).rejects.toThrow("another process is changing the keys");
  await utimes(lock, before, before);
  expect(await done()).toBe("done");
  await writeFile(lock, String(process.ppid));
  await expect(done()).rejects.toThrow(`process ${process.ppid} is changing the keys`);
  // One that was killed before this process began, and had its number.
  await writeFile(lock, String(process.pid));
  await utimes(lock, before, before);
  expect(await done()).toBe("done");
});

test("the server gets another certificate of the same authority, and the operator another key to sign with", async () => {
  const read = (file: string) => readFile(join(folder, file), "utf8");
  const [authority, before] = [new X509Certificate(await read(files.ca)), await read(files.certificate)];
  await rotate(folder, "certificate");
  const certificate = new X509Certificate(await read(files.certificate));
  expect(certificate.toString()).not.toBe(before);
  expect(certificate.verify(authority.publicKey)).toBe(true);
  expect(certificate.checkHost("cim.example.org")).toBe("cim.example.org");
  expect(certificate.checkIP("127.0.0.1")).toBe("127.0.0.1");
  const { accounts } = await rotate(folder, "operator");
  const { operatorJwt } = await readInstallation(folder);
  const [issuer] = accounts.map(({ jwt }) => decode(jwt).iss);
  expect(decode<Operator>(operatorJwt).nats.signing_keys).toEqual([issuer]);
  await rm(join(folder, files.seed("operator")));
  await expect(rotate(folder, "operator")).rejects.toThrow("operator.nk is not there");
});

test("a key that is missing, and a file that others can read, are found", async () => {
  await rm(join(folder, files.seed("system")));
  await chmod(join(folder, files.ca), 0o644);
  const texts = (await checkFolder(folder)).filter(({ level }) => level === "wrong").map(({ text }) => text);
  expect(texts).toEqual(
    expect.arrayContaining([
      expect.stringContaining("system.nk"),
      expect.stringContaining("ca.pem can be read by others"),
    ]),
  );
});
