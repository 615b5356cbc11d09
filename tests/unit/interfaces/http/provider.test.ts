import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { Provider } from "../../../../src/interfaces/http/provider.ts";

const clientId = "console";
let folder: string;
let server: Server;
let issuer: string;
let nonce = "";
/** What signs the tokens of the provider, and what it publishes. */
let signs: KeyObject;
let publishes: KeyObject;

const keys = () => generateKeyPairSync("rsa", { modulusLength: 2_048 });
const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString("base64url");

const token = (): string => {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: issuer, aud: clientId, sub: "ann", iat: now, exp: now + 300, nonce };
  const signed = `${encoded({ alg: "RS256" })}.${encoded(claims)}`;
  return `${signed}.${sign("sha256", Buffer.from(signed), signs).toString("base64url")}`;
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cim-people-"));
  await writeFile(join(folder, "people.json"), JSON.stringify({ ann: "ann" }));
  const answers: Readonly<Record<string, () => object>> = {
    "/.well-known/openid-configuration": () => ({
      issuer,
      authorization_endpoint: `${issuer}/auth`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/keys`,
      id_token_signing_alg_values_supported: ["RS256"],
    }),
    "/keys": () => ({ keys: [{ ...publishes.export({ format: "jwk" }), alg: "RS256", use: "sig" }] }),
    "/token": () => ({ access_token: "a", token_type: "Bearer", id_token: token() }),
  };
  server = createServer(({ url = "" }, outgoing) => {
    outgoing.setHeader("Content-Type", "application/json").end(JSON.stringify(answers[url]?.()));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
  await rm(folder, { recursive: true, force: true });
});

/** Logs somebody in, as whom the provider's token says. */
const loggedIn = async () => {
  const provider = new Provider({ issuer, clientId, claim: "sub", people: join(folder, "people.json") });
  const { address, kept } = await provider.begin("http://127.0.0.1:1");
  const asked = new URL(address).searchParams;
  nonce = asked.get("nonce") ?? "";
  return provider.finish(new URL(`http://127.0.0.1:1/log-in/callback?code=c&state=${asked.get("state")}`), kept);
};

test("a token is believed if the key that the provider publishes has signed it, and no other", async () => {
  const [own, other] = [keys(), keys()];
  [signs, publishes] = [own.privateKey, own.publicKey];
  expect(await loggedIn()).toBe("ann");
  signs = other.privateKey;
  await expect(loggedIn()).rejects.toThrow("cannot be trusted");
});
