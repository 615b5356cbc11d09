import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { connect } from "../../../../src/agents/kit/mod.ts";
import { type HttpPort, openHttpPort } from "../../../../src/interfaces/http/mod.ts";
import { ask } from "../../../support/http.ts";
import { type TestLeaf, testLeaf } from "../../../support/leaf.ts";
import { freePort } from "../../../support/nats.ts";
import { client, type TestProvider, testProvider } from "../../../support/provider.ts";

let folder = "";
let leaf: TestLeaf;
let provider: TestProvider;
let foreign: TestProvider;
let http: HttpPort;

beforeAll(async () => {
  // The provider says at length that it is set up for tests.
  for (const level of ["info", "warn"] as const) jest.spyOn(console, level).mockImplementation(() => undefined);
  folder = await mkdtemp(join(tmpdir(), "cim-provider-"));
  leaf = await testLeaf();
  const port = await freePort();
  const callback = `http://127.0.0.1:${port}/log-in/callback`;
  [provider, foreign] = await Promise.all([testProvider([callback]), testProvider([callback])]);
  const people = join(folder, "people.json");
  await writeFile(people, JSON.stringify({ "ann@example.org": "ann", "cay@example.com": "cay" }));
  const { url: servers, prefix } = leaf.nats;
  http = await openHttpPort({
    port,
    principal: "console",
    connectAs: (principal) => connect({ servers, prefix, principal }),
    provider: { issuer: provider.issuer, clientId: client.id, secret: client.secret, claim: "email", people },
  });
});

afterAll(async () => {
  await http?.close();
  await Promise.all([provider?.close(), foreign?.close()]);
  await leaf?.dispose();
  await rm(folder, { recursive: true, force: true });
});

/** Begins a log-in: where the browser is led, and the cookie that it keeps meanwhile. */
const begun = async () => {
  const answer = await ask(http.port, "/log-in/provider");
  const [set = ""] = answer.headers["set-cookie"] ?? [];
  expect([answer.status, set]).toEqual([303, expect.stringMatching(/HttpOnly/)]);
  return { address: answer.headers.location ?? "", cookie: set.split(";")[0] ?? "" };
};

/** Comes back from the provider, as a browser that is led here from another site. */
const backAt = (address: string, cookie: string) => {
  const { pathname, search } = new URL(address);
  return ask(http.port, `${pathname}${search}`, { headers: { Cookie: cookie, "Sec-Fetch-Site": "cross-site" } });
};

const refused = (text: string) => ({ status: 403, text: expect.stringContaining(text) });

describe("logging in by an OpenID provider", () => {
  test("makes somebody the principal that the operator's file names, once", async () => {
    const { address, cookie } = await begun();
    expect(new URL(address).searchParams.get("code_challenge_method")).toBe("S256");
    const back = await provider.logInAs("ann@example.org", address);
    const answer = await backAt(back, cookie);
    expect([answer.status, answer.headers.location]).toEqual([303, "/"]);
    const set = answer.headers["set-cookie"] ?? [];
    const session = set.find((one) => one.startsWith("cim-session")) ?? "";
    expect(session).toMatch(/HttpOnly; SameSite=Strict/);
    expect(set.find((one) => one.startsWith("cim-log-in"))).toMatch(/Max-Age=0/);
    const who = await ask(http.port, "/api/session", { headers: { Cookie: session.split(";")[0] ?? "" } });
    expect(who.json).toMatchObject({ ok: true, principal: "ann" });
    // The provider takes a code once, also from the browser that it was for.
    expect(await backAt(back, cookie)).toMatchObject(refused("not a second time"));
  });

  test("believes no answer that this browser has not asked for", async () => {
    const mine = await begun();
    const other = await begun();
    const back = await provider.logInAs("ann@example.org", other.address);
    expect(await backAt(back, mine.cookie)).toMatchObject(refused("belongs to another log-in"));
    expect(await backAt(back, "")).toMatchObject(refused("has not begun this log-in"));
    const { state } = JSON.parse(decodeURIComponent(mine.cookie.slice(mine.cookie.indexOf("=") + 1)));
    const swapped = new URL(back);
    swapped.searchParams.set("state", state);
    // The code belongs to the verifier of the other log-in.
    expect(await backAt(swapped.href, mine.cookie)).toMatchObject(refused("does not take this answer"));
  });

  test("believes no other issuer", async () => {
    const { address, cookie } = await begun();
    const elsewhere = `${foreign.issuer}${address.slice(provider.issuer.length)}`;
    const back = await foreign.logInAs("ann@example.org", elsewhere);
    expect(await backAt(back, cookie)).toMatchObject(refused("cannot be trusted"));
    // Even if the answer does not say where it comes from.
    const silent = new URL(back);
    silent.searchParams.delete("iss");
    expect(await backAt(silent.href, cookie)).toMatchObject({ status: 403 });
  });

  test.each([
    ["bob@example.org", "nobody here is bob@example.org"],
    ["admin", "has not verified"],
    ["constructor.org", "nobody here is constructor.org"],
    ["cay@example.com", "has not verified that cay@example.com is your address"],
    ["<b>x</b>.org", "nobody here is &lt;b&gt;x&lt;/b&gt;.org"],
  ])("%s is not logged in: %s", async (person, words) => {
    const { address, cookie } = await begun();
    const answer = await backAt(await provider.logInAs(person, address), cookie);
    expect(answer).toMatchObject(refused(words));
    expect((answer.headers["set-cookie"] ?? []).filter((set) => set.startsWith("cim-session"))).toEqual([]);
  });

  test("says in words what the provider refuses, and is offered to those who are not logged in", async () => {
    const { address, cookie } = await begun();
    const state = new URL(address).searchParams.get("state");
    const denied = `http://127.0.0.1:${http.port}/log-in/callback?${new URLSearchParams({ error: "access_denied", state: state ?? "", iss: provider.issuer })}`;
    expect(await backAt(denied, cookie)).toMatchObject(refused("did not log you in (access_denied)"));
    const { json } = await ask(http.port, "/api/log-in");
    expect(json).toMatchObject({ provider: { name: new URL(provider.issuer).host, address: "/log-in/provider" } });
  });
});
