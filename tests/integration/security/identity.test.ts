import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { createUser } from "@nats-io/nkeys";
import { credsAuthenticator, connect as dial } from "@nats-io/transport-node";
import { connect } from "../../../src/agents/kit/mod.ts";
import { identityIn } from "../../../src/contract/credentials.ts";
import { peerCredentials } from "../../../src/infrastructure/security/accounts.ts";
import { readKey } from "../../../src/infrastructure/security/folder.ts";
import {
  files,
  readInstallation,
  revokeUser,
  sessionCredentials,
  type User,
} from "../../../src/infrastructure/security/mod.ts";
import { pushAccounts } from "../../../src/infrastructure/security/push.ts";
import { rotate } from "../../../src/infrastructure/security/rotation.ts";
import { Sessions } from "../../../src/interfaces/http/sessions.ts";
import { type ClosedLeaf, closedLeaf, patiently } from "../../support/closed.ts";
import { soon } from "../../support/soon.ts";

let leaf: ClosedLeaf;

beforeAll(async () => {
  leaf = await closedLeaf({
    ann: ["participant"],
    bob: ["participant"],
    eve: ["viewer"],
    admin: ["participant", "admin"],
  });
}, 120_000);

afterAll(() => leaf?.dispose(), 60_000);

/** Whether the server lets somebody in. */
const isLetIn = async (credentials: string | undefined): Promise<boolean> => {
  const authenticator =
    credentials === undefined ? {} : { authenticator: credsAuthenticator(new TextEncoder().encode(credentials)) };
  const options = { servers: leaf.url, reconnect: false, tls: { ca: leaf.ca }, ...authenticator };
  const attempt = await patiently(() => dial(options)).catch(() => undefined);
  await attempt?.close();
  return attempt !== undefined;
};

const signed = async (name: string, seconds: number): Promise<string> => {
  const installation = await readInstallation(leaf.folder);
  return peerCredentials(
    installation,
    name,
    createUser(),
    await readKey(leaf.folder, files.signerSeed(["participant"])),
    seconds,
  );
};

test("who has no key, or one of nobody, is not let in", async () => {
  expect(await isLetIn(await leaf.credentials("ann"))).toBe(true);
  expect(await isLetIn(undefined)).toBe(false);
  expect(await isLetIn(await signed("ann", 60))).toBe(true);
  expect(await isLetIn(await signed("ann", -1))).toBe(false);
});

test("a server whose certificate nobody has named is not trusted, and the message says what to name", async () => {
  const credentials = await leaf.credentials("ann");
  await expect(connect({ servers: leaf.url, principal: "ann", credentials })).rejects.toThrow(/certificate/);
});

test("the words of one user with the key of another one are refused", async () => {
  const [ann, bob] = [await leaf.credentials("ann"), await leaf.credentials("bob")];
  const seed = /(-----BEGIN USER NKEY SEED[\s\S]*)$/.exec(bob)?.[1] ?? "";
  expect(await isLetIn(ann.replace(/-----BEGIN USER NKEY SEED[\s\S]*$/, seed))).toBe(false);
});

test("a user who says in its own words that it has another name is refused", async () => {
  const ann = await leaf.credentials("ann");
  const [, jwt = ""] = /JWT-----\s*(\S+)/.exec(ann) ?? [];
  const [header = "", body = "", signature = ""] = jwt.split(".");
  const claims = JSON.parse(Buffer.from(body, "base64url").toString());
  const forged = Buffer.from(JSON.stringify({ ...claims, name: "bob" })).toString("base64url");
  expect(await isLetIn(ann.replace(jwt, [header, forged, signature].join(".")))).toBe(false);
});

/** Connects with credentials that end soon: as soon as a machine that is slow permits. */
const connectedBriefly = async <A>(attempt: (credentials: string) => Promise<A>, seconds = 2): Promise<A> => {
  const credentials = await signed("bob", seconds);
  return attempt(credentials).catch(() => connectedBriefly(attempt, seconds * 2));
};

test("credentials that end, end the connection", async () => {
  const nc = await connectedBriefly((credentials) =>
    dial({
      servers: leaf.url,
      reconnect: false,
      tls: { ca: leaf.ca },
      authenticator: credsAuthenticator(new TextEncoder().encode(credentials)),
    }),
  );
  expect(String(await nc.closed())).toContain("Expired");
});

test("a client whose credentials end goes on with the next ones", async () => {
  const next = await signed("bob", 3_600);
  let current = "";
  const client = await connectedBriefly((credentials) => {
    current = credentials;
    return connect({ servers: leaf.url, ca: leaf.ca, principal: "bob", credentials: () => current });
  });
  const statuses = client.nats.status();
  current = next;
  for await (const { type } of statuses) if (type === "reconnect") break;
  expect((await client.query("graphs", "list", {})).data.items).toEqual([]);
  await client.close();
});

test("credentials are renewed before they end, for the same key, and the client stays", async () => {
  const name = "bob";
  // As if most of their time were over.
  const path = join(leaf.folder, files.installation);
  const before = JSON.parse(await readFile(path, "utf8"));
  const users = before.users.map((user: User) =>
    user.name === name ? { ...user, endsAt: user.endsAt.replace(/^\d+/, "2020") } : user,
  );
  await writeFile(path, JSON.stringify({ ...before, users }));
  const key = await readKey(leaf.folder, files.userSeed(name));
  const signer = await readKey(leaf.folder, files.signerSeed(["participant"]));
  // Signed ten minutes ago, for a quarter of an hour.
  const installation = await readInstallation(leaf.folder);
  const clock = jest.spyOn(Date, "now").mockReturnValue(Date.now() - 600_000);
  const credentials = peerCredentials(installation, name, key, signer, 900);
  clock.mockRestore();
  const renewal = Promise.withResolvers<string>();
  const { url: servers, ca } = leaf;
  const options = { servers, ca, principal: name, credentials, onRenewed: renewal.resolve };
  const client = await patiently(() => connect(options));
  const renewed = await renewal.promise;
  await client.nats.reconnect();
  expect((await client.query("graphs", "list", {})).data.items).toEqual([]);
  expect(identityIn(renewed)).toMatchObject({ name, isPeer: true });
  expect(identityIn(renewed)?.endsAt).toBeGreaterThan(Date.now() + 12 * 3_600_000);
  expect(await isLetIn(renewed)).toBe(true);
  expect((await readInstallation(leaf.folder)).users.find((user) => user.name === name)?.endsAt).toMatch(/^20(?!20)/);
  await client.close();
});

test("a revoked user is put out at once, and does not come in again; others stay", async () => {
  const credentials = await leaf.credentials("eve");
  const eve = await leaf.connect("eve");
  const ann = await leaf.connect("ann");
  const losing = (async () => {
    for await (const { type } of eve.nats.status()) if (type === "disconnect") return;
  })();
  let disturbed = false;
  (async () => {
    for await (const { type } of ann.nats.status()) if (type === "disconnect") disturbed = true;
  })();
  const { accounts } = await revokeUser(leaf.folder, "eve");
  expect(await pushAccounts(leaf.folder, leaf.url, accounts)).toBe(true);
  await losing;
  expect(await isLetIn(credentials)).toBe(false);
  expect((await ann.query("graphs", "list", {})).data.items).toEqual([]);
  expect(disturbed).toBe(false);
});

test("a principal that is suspended is put out at once, and comes in again when it is reinstated", async () => {
  const [admin, bob] = [await leaf.connect("admin"), await leaf.connect("bob")];
  const credentials = await leaf.credentials("bob");
  const losing = (async () => {
    for await (const { type } of bob.nats.status()) if (type === "disconnect") return;
  })();
  // A person in a browser, whose session has a connection of its own.
  const sessions = new Sessions((principal) => leaf.connect(principal));
  const session = sessions.find(sessions.logIn(sessions.newLink("bob")));
  const before = await session?.connection();
  await admin.command("principal", "bob", "suspend", { reason: "a test" });
  await losing;
  await before?.client.nats.closed();
  await expect(session?.connection()).rejects.toThrow("refused the connection");
  expect(await isLetIn(credentials)).toBe(false);
  await expect(sessionCredentials(leaf.folder, "bob")).rejects.toThrow("is suspended");
  await admin.command("principal", "bob", "reinstate", {});
  await soon(async () => expect(await isLetIn(credentials)).toBe(true));
  const after = await session?.connection();
  expect((await after?.client.query("graphs", "list", {}))?.data.items).toEqual([]);
  expect(after?.client).not.toBe(before?.client);
});

test("with new keys of the roles, only what they signed lets somebody in", async () => {
  const before = await leaf.credentials("ann");
  const { accounts } = await rotate(leaf.folder, "roles");
  expect(await pushAccounts(leaf.folder, leaf.url, accounts)).toBe(true);
  expect(await isLetIn(before)).toBe(false);
  expect(await isLetIn(await leaf.credentials("ann"))).toBe(true);
});

test("the server cannot be told of accounts without the operator's signature", async () => {
  const ann = await leaf.connect("ann");
  const { keys } = await readInstallation(leaf.folder);
  await expect(
    ann.nats.request(`$SYS.REQ.ACCOUNT.${keys.peers}.CLAIMS.UPDATE`, "x", { timeout: 2_000 }),
  ).rejects.toThrow("Permissions Violation");
});
