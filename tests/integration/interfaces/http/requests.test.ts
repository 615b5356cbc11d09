import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { headers } from "@nats-io/nats-core";
import { connect, newSeed, signerOf } from "../../../../src/agents/kit/mod.ts";
import { signedText } from "../../../../src/agents/kit/signer.ts";
import { rateLimited } from "../../../../src/application/rates.ts";
import { serviceErrorCodeOf } from "../../../../src/contract/envelope.ts";
import { serviceErrorHeaders } from "../../../../src/contract/micro-service.ts";
import { type HttpPort, openHttpPort } from "../../../../src/interfaces/http/mod.ts";
import { ask, type Browser, logIn } from "../../../support/http.ts";
import { type TestLeaf, testLeaf } from "../../../support/leaf.ts";

let leaf: TestLeaf;
let http: HttpPort;
let ann: Browser;

beforeAll(async () => {
  leaf = await testLeaf();
  const { url: servers, prefix } = leaf.nats;
  http = await openHttpPort({
    port: 0,
    principal: "console",
    connectAs: (principal) => connect({ servers, prefix, principal }),
  });
  ann = await logIn(http.link("ann"));
});

afterAll(async () => {
  await http?.close();
  await leaf?.dispose();
});

const csp =
  /^default-src 'none'; script-src 'self'; style-src 'self' 'nonce-[A-Za-z0-9+/]{22}=='; connect-src 'self'; img-src 'self' data:; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/;

describe("every answer has the same headers", () => {
  const own = { Host: "127.0.0.1" };
  test.each([
    ["GET", "/healthz", {}],
    ["GET", "/readyz", {}],
    ["GET", "/metrics", {}],
    ["GET", "/", {}],
    ["GET", "/log-in?link=x", {}],
    ["GET", "/api/session", {}],
    ["POST", "/api/query/graphs/list", {}],
    ["DELETE", "/healthz", {}],
    ["GET", "/healthz", { Host: "evil.example" }],
    ["GET", "/healthz", { "X-Long": "x".repeat(20_000) }],
    ["GET", "/healthz", own],
  ])("%s %s %j", async (method, path, headers) => {
    const answer = await ask(http.port, path, { method, headers });
    expect(answer.headers["content-security-policy"]).toMatch(csp);
    expect(answer.headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
      "x-frame-options": "DENY",
      "cache-control": "no-store",
    });
    expect(Object.keys(answer.headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
  });

  test("and a nonce of its own", async () => {
    const nonces = await Promise.all(
      [1, 2, 3].map(async () => (await ask(http.port, "/")).headers["content-security-policy"]),
    );
    expect(new Set(nonces).size).toBe(3);
  });
});

describe("who may ask", () => {
  const query = "/api/query/graphs/list";
  const reasonOf = (json: { readonly [field: string]: unknown }) =>
    (json.error as { readonly details?: { readonly reason?: string } } | undefined)?.details?.reason;

  test("nobody without a session", async () => {
    const { Cookie: _, ...others } = ann.headers;
    for (const headers of [others, { ...others, Cookie: "cim-session-1=x" }, { ...others, Cookie: `${ann.cookie}x` }]) {
      const answer = await ask(http.port, query, { method: "POST", headers });
      expect([answer.status, reasonOf(answer.json)]).toEqual([401, "not-logged-in"]);
    }
    expect((await ask(http.port, "/api/stream?follow=feed")).status).toBe(401);
    expect((await ask(http.port, "/api/session")).status).toBe(401);
  });

  test("a link works once, and does not when a browser loads ahead", async () => {
    const { pathname, search } = new URL(http.link("eve"));
    const path = `${pathname}${search}`;
    for (const asked of [{ method: "HEAD" }, { headers: { "Sec-Purpose": "prefetch" } }])
      expect((await ask(http.port, path, asked)).headers["set-cookie"]).toBeUndefined();
    const first = await ask(http.port, path);
    expect(first.headers["set-cookie"]?.[0]).toMatch(
      /^cim-session-\d+=[A-Za-z0-9_-]{43}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    const second = await ask(http.port, path);
    expect([second.status, second.headers["set-cookie"], reasonOf(second.json)]).toEqual([403, undefined, "link-used"]);
  });

  test("nobody by a link of another site, before having said so on a page of ours", async () => {
    const { pathname, search } = new URL(http.link("eve"));
    for (const site of ["cross-site", "same-site"]) {
      const asked = await ask(http.port, `${pathname}${search}`, { headers: { "Sec-Fetch-Site": site } });
      expect([asked.status, asked.headers["set-cookie"]]).toEqual([200, undefined]);
      expect(asked.text).toContain("Log in as eve?");
    }
    const confirmed = await ask(http.port, `${pathname}${search}`, { headers: { "Sec-Fetch-Site": "same-origin" } });
    expect(confirmed.status).toBe(303);
    const reflected = await ask(http.port, "/log-in?link=%22%3E%3Cscript%3E", {
      headers: { "Sec-Fetch-Site": "cross-site" },
    });
    expect([reflected.status, reflected.text.includes("<script>")]).toEqual([403, false]);
  });

  test("nobody for another person: a page that was ann's does nothing as bob, who has logged in since", async () => {
    const bob = await logIn(http.link("bob"));
    const id = "made-by-whom";
    const path = `/api/command/graph/${id}/import`;
    const refused = await bob.post(path, { id, nodes: [], edges: [] }, { "Cim-Principal": "ann" });
    expect([refused.status, reasonOf(refused.json)]).toEqual([401, "another-person"]);
    expect((await bob.post("/api/query/graphs/get", { id }, { "Cim-Principal": "bob" })).status).toBe(422);
    // The name does not choose: the cookie does.
    const forged = await ask(http.port, query, {
      method: "POST",
      headers: {
        ...bob.headers,
        Cookie: `${bob.cookie}; ${bob.cookie.replace(/=.*/, "=ann")}`,
        "Cim-Principal": "ann",
      },
      body: "{}",
    });
    expect(forged.status).toBe(401);
  });

  test.each([
    ["no Origin", { Origin: undefined }, "foreign-origin"],
    ["another site", { Origin: "https://evil.example" }, "foreign-origin"],
    ["another port of this machine", { Origin: "http://127.0.0.1:8080" }, "foreign-origin"],
    ["a sandboxed frame", { Origin: "null" }, "foreign-origin"],
    ["a form of another site", { "Sec-Fetch-Site": "cross-site" }, "foreign-origin"],
    ["an address that was typed", { "Sec-Fetch-Site": "none" }, "foreign-origin"],
    ["no header of ours", { "Cim-Console": undefined }, "header-missing"],
  ])("no %s", async (_, changed, reason) => {
    const headers = Object.entries({ ...ann.headers, "Content-Type": "application/json", ...changed }).flatMap(
      ([name, value]) => (value === undefined ? [] : [[name, value]]),
    );
    for (const path of [query, "/api/command/graph/g/archive", "/api/log-out", "/api/link"]) {
      const answer = await ask(http.port, path, { method: "POST", headers: Object.fromEntries(headers), body: "{}" });
      expect([answer.status, reasonOf(answer.json)]).toEqual([403, reason]);
    }
  });

  test.each(["evil.example", "evil.example:7422", "127.0.0.1:1"])("no name that is not ours: %j", async (Host) => {
    const answer = await ask(http.port, "/healthz", { headers: { Host } });
    expect(answer.status).toBe(421);
  });

  test("nobody after logging out, and the stream ends", async () => {
    const bob = await logIn(http.link("bob"));
    const stream = await bob.stream("feed");
    await stream.frame(({ event }) => event === "open");
    expect((await bob.post("/api/log-out")).status).toBe(200);
    await stream.ended;
    expect((await bob.get("/api/session")).status).toBe(401);
    expect((await ann.get("/api/session")).status).toBe(200);
  });

  test("a person in another browser, by a link that the first one asked for", async () => {
    const { json } = await ann.post("/api/link");
    const other = await logIn(String(json.link));
    expect(other.cookie).not.toBe(ann.cookie);
    expect((await other.get("/api/session")).json).toMatchObject({ principal: "ann", prefix: leaf.nats.prefix });
  });
});

describe("commands and queries", () => {
  test("are those of the contract, in the name of the person", async () => {
    const id = "asked-by-http";
    const accepted = await ann.post(`/api/command/graph/${id}/import`, { id, nodes: [], edges: [] });
    expect([accepted.status, accepted.json]).toMatchObject([
      200,
      { ok: true, aggregate: "graph", id, version: 1, events: ["graph-created"], duplicate: false },
    ]);
    const position = String(accepted.json.position);
    const answer = await ann.post("/api/query/graphs/get", { id }, { "Cim-Min-Position": position });
    expect([answer.status, answer.json]).toMatchObject([200, { ok: true, data: { id, version: 1 } }]);
    const trail = await ann.post("/api/query/audit/trail", { aggregate: "graph", id });
    expect(JSON.stringify(trail.json)).toContain('"actor":"ann"');
  });

  test("a long answer comes in the encoding that the browser takes, the event stream as it is", async () => {
    const id = "long-answer";
    await ann.post(`/api/command/graph/${id}/import`, { id, description: "long ".repeat(500), nodes: [], edges: [] });
    const answer = await ann.post("/api/query/graphs/get", { id }, { "Accept-Encoding": "gzip, br" });
    expect([answer.status, answer.headers["content-encoding"], answer.headers.vary]).toEqual([
      200,
      "br",
      "Accept-Encoding",
    ]);
    const stream = await ann.stream("graphs", { "Accept-Encoding": "gzip, br" });
    await stream.frame(({ event }) => event === "current");
    stream.close();
  });

  test("a retry under the same id changes nothing, another version is a conflict", async () => {
    const path = "/api/command/graph/retried/import";
    const document = { id: "retried", nodes: [], edges: [] };
    const first = await ann.post(path, document, { "Cim-Command-Id": "once" });
    const again = await ann.post(path, document, { "Cim-Command-Id": "once" });
    expect([first.json.duplicate, again.json.duplicate, again.json.position]).toEqual([
      false,
      true,
      first.json.position,
    ]);
    const stale = await ann.post("/api/command/graph/retried/archive", {}, { "Cim-Expected-Version": "7" });
    expect([stale.status, stale.json]).toMatchObject([409, { ok: false, error: { code: "conflict" } }]);
  });

  test("beyond the person's rate is answered 429, and when to come again", async () => {
    const { url: servers, prefix: own } = leaf.nats;
    const prefix = `${own}limited`;
    const backend = await connect({ servers, prefix, principal: "backend" });
    const refusal = rateLimited("ann", { perSecond: 1, burst: 1 }, 1_200);
    backend.nats.subscribe(`${prefix}.cmd.>`, {
      callback: (_, message) => {
        const sent = headers();
        const status = serviceErrorCodeOf(refusal);
        for (const [name, value] of Object.entries(serviceErrorHeaders(status, refusal.message))) sent.set(name, value);
        message.respond(JSON.stringify({ ok: false, error: refusal }), { headers: sent });
      },
    });
    const connectAs = (principal: string) => connect({ servers, prefix, principal });
    const limited = await openHttpPort({ port: 0, principal: "console", connectAs });
    try {
      const answer = await (await logIn(limited.link("ann"))).post("/api/command/graph/shop/archive", {});
      expect([answer.status, answer.headers["retry-after"]]).toEqual([429, "2"]);
      expect(answer.json).toMatchObject({ ok: false, error: { details: { reason: "rate-limited" } } });
    } finally {
      await limited.close();
      await backend.close();
    }
  });

  test("a signature of the browser arrives as it was made, over exactly these bytes", async () => {
    const signer = signerOf(newSeed());
    const id = "signed";
    const body = '{ "id": "signed",   "nodes": [], "edges": [] }';
    const commandId = "signed-1";
    const subject = `${leaf.nats.prefix}.cmd.ann.graph.${id}.import`;
    const headers = {
      "Cim-Command-Id": commandId,
      "Cim-Public-Key": signer.publicKey,
      "Cim-Signature": signer.sign(signedText(commandId, subject, body)),
    };
    const forged = await ann.post(`/api/command/graph/${id}/import`, body.replace("[]", "[ ]"), headers);
    expect([forged.status, forged.json]).toMatchObject([403, { error: { code: "unauthorized" } }]);
    expect((await ann.post(`/api/command/graph/${id}/import`, body, headers)).status).toBe(200);
  });

  test.each([
    ["graph", "no such id!", "import", 400],
    ["graph", "a.b", "import", 400],
    ["graph", "*", "import", 400],
    ["graph", "..%2f..", "import", 400],
    ["graph", "x", "explode", 404],
    ["bomb", "x", "import", 404],
    ["graph.x", "x", "import", 404],
    ["graph", "x", ">", 404],
  ])("%s %s %s is refused with %s %s", async (aggregate, id, command, status) => {
    const path = `/api/command/${[aggregate, id, command].map((part) => (part.includes("%") ? part : encodeURIComponent(part))).join("/")}`;
    const answer = await ann.post(path);
    expect([answer.status, answer.json.ok]).toEqual([status, false]);
  });

  test("rubbish is answered by the backend, in the words of the contract", async () => {
    for (const body of ["{", "[1", "\u0000", "nope", "{".repeat(1_000)]) {
      const answer = await ann.post("/api/command/graph/rubbish/import", body);
      expect([answer.status, answer.json]).toMatchObject([400, { ok: false, error: { code: "invalid-command" } }]);
    }
    const rejected = await ann.post("/api/command/graph/never-made/archive");
    expect([rejected.status, rejected.json]).toMatchObject([422, { error: { details: { reason: "not-found" } } }]);
  });

  test("other methods, other types and other addresses are refused", async () => {
    for (const method of ["GET", "PUT", "DELETE", "OPTIONS"]) {
      const answer = await ask(http.port, "/api/query/graphs/list", { method, headers: ann.headers });
      expect([answer.status, answer.headers.allow]).toEqual([405, "POST"]);
    }
    expect((await ann.post("/api/stream?follow=feed")).status).toBe(405);
    expect((await ann.post("/api/query/graphs/list", "{}", { "Content-Type": "text/plain" })).status).toBe(415);
    expect((await ann.post("/api/elsewhere")).status).toBe(404);
    expect((await ann.get("/api/elsewhere")).status).toBe(404);
  });

  test("a body that is too large is not read to its end, whether it says its size or not", async () => {
    const path = "/api/command/graph/large/import";
    const headers = { ...ann.headers, "Content-Type": "application/json" };
    const said = await ask(http.port, path, {
      method: "POST",
      headers: { ...headers, "Content-Length": String(10 ** 10) },
    }).catch(() => undefined);
    expect(said === undefined || said.status === 413).toBe(true);
    const body = new Uint8Array(9 * 1024 * 1024).fill(32);
    const chunked = await ask(http.port, path, {
      method: "POST",
      headers: { ...headers, "Transfer-Encoding": "chunked" },
      body,
    });
    expect([chunked.status, chunked.json]).toMatchObject([413, { error: { details: { reason: "too-large" } } }]);
  });
});

describe("without a backend", () => {
  test("the port says so, is not ready, and is alive", async () => {
    const { url: servers } = leaf.nats;
    const alone = await openHttpPort({
      port: 0,
      principal: "console",
      connectAs: (principal) => connect({ servers, prefix: "nobody", principal }),
    });
    try {
      const browser = await logIn(alone.link("ann"));
      const answer = await browser.post("/api/query/graphs/list");
      expect([answer.status, answer.json]).toMatchObject([503, { ok: false, error: { code: "unavailable" } }]);
      const ready = await ask(alone.port, "/readyz");
      expect([ready.status, ready.json]).toMatchObject([503, { ready: false, connected: true }]);
      expect(ready.text).toContain("no backend answers queries");
      expect((await ask(alone.port, "/healthz")).status).toBe(200);
      expect((await ask(alone.port, "/metrics")).text).toContain("cim_ready 0\n");
    } finally {
      await alone.close();
    }
  });
});

test("an installation whose backend takes no commands is not ready, for the reason that the backend gives", async () => {
  const { url: servers } = leaf.nats;
  const standIn = await connect({ servers, prefix: "standby", principal: "backend" });
  const reason = "the log has events of a newer version";
  standIn.nats.subscribe("standby.qry.audit.health", {
    callback: (_, message) => {
      message.respond(JSON.stringify({ ok: true, position: 7, data: { ready: false, reason } }));
    },
  });
  const port = await openHttpPort({
    port: 0,
    principal: "console",
    connectAs: (principal) => connect({ servers, prefix: "standby", principal }),
  });
  const ready = await ask(port.port, "/readyz");
  expect(ready.status).toBe(503);
  expect(ready.json.reasons).toContain(reason);
  await port.close();
  await standIn.close();
});

test("health and metrics of an installation that is ready", async () => {
  await ann.post("/api/command/graph/counted/import", { id: "counted", nodes: [], edges: [] });
  const ready = await ask(http.port, "/readyz");
  expect([ready.status, ready.json]).toMatchObject([200, { ready: true, reasons: [] }]);
  const { text, headers } = await ask(http.port, "/metrics");
  expect(headers["content-type"]).toBe("text/plain; version=0.0.4; charset=utf-8");
  for (const line of [/^cim_ready 1$/m, /^cim_backends \d+$/m, /^cim_commands\{.*outcome="ok".*\} \d+$/m])
    expect(text).toMatch(line);
  expect(text).toMatch(/^cim_endpoint_requests\{backend="\w+",endpoint="commands"\} [1-9]\d*$/m);
  // Each line is a comment or a sample, as the format wants it.
  for (const line of text.trimEnd().split("\n")) expect(line).toMatch(/^(?:# (?:HELP|TYPE) .+|\w+(?:\{.*\})? \S+)$/);
});
