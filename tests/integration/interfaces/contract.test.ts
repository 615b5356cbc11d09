import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { jetstreamManager } from "@nats-io/jetstream";
import { createUser } from "@nats-io/nkeys";
import { headers, type NatsConnection } from "@nats-io/transport-node";
import fc from "fast-check";
import { type Client, connect, type FeedEvent, newSeed, signerOf } from "../../../src/agents/kit/mod.ts";
import { signedText } from "../../../src/agents/kit/signer.ts";
import { defaultPins } from "../../../src/domain/nix/mod.ts";
import { type TestLeaf, testLeaf } from "../../support/leaf.ts";

/** What any NATS client in any language sees: subjects, headers, replies, errors, the feed, KV, service discovery. */
let leaf: TestLeaf;
let client: Client;
let nats: NatsConnection;
let prefix: string;

beforeAll(async () => {
  leaf = await testLeaf();
  client = await leaf.connect("ada");
  nats = client.nats;
  prefix = leaf.nats.prefix;
});

afterAll(() => leaf.dispose());

interface Reply {
  readonly ok: boolean;
  readonly error?: { readonly code: string; readonly message: string; readonly details?: unknown };
  readonly [field: string]: unknown;
}

const ask = async (
  subject: string,
  payload: string | Uint8Array = "",
  given: Readonly<Record<string, string>> = {},
): Promise<Reply> => {
  const sent = headers();
  for (const [name, value] of Object.entries(given)) sent.set(name, value);
  const reply = await nats.request(`${prefix}.${subject}`, payload, { timeout: 15_000, headers: sent });
  return reply.json<Reply>();
};

const lastPosition = async (): Promise<number> =>
  (await (await jetstreamManager(nats)).streams.info(`${prefix.toUpperCase()}_EVENTS`)).state.last_seq;

const graph = (id: string, nodes: ReadonlyArray<object> = []) => JSON.stringify({ id, nodes, edges: [] });
const service = (id: string) => ({ id, type: "service" as const, command: "/bin/true" });

test("the inputs of a graph are open until they are pinned, and stay pinned", async () => {
  const host = { id: "a", type: "host", system: "x86_64-linux", address: "10.0.0.1" } as const;
  const inputs = async () => (await client.query("graphs", "inputs", { id: "pins" })).data.inputs;
  await client.command("graph", "pins", "import", { id: "pins", nodes: [host], edges: [] });
  expect(await inputs()).toEqual([{ name: "nixpkgs", reference: defaultPins.nixpkgs }]);
  const pins = { nixpkgs: "path:/nixpkgs?narHash=sha256-x" };
  await client.command("graph", "pins", "pin", { pins });
  // The file still has no pins.
  await client.command("graph", "pins", "import", { id: "pins", description: "new", nodes: [host], edges: [] });
  expect(await inputs()).toEqual([{ name: "nixpkgs", reference: pins.nixpkgs, pinnedBy: "graph" }]);
});

test("a query that comes after a reply has what was done, without naming its position", async () => {
  // The first commit after a silence is in the views at once, those that follow are gathered.
  for (let index = 0; index < 20; index++) {
    const id = `seen-${index}`;
    expect(await ask(`cmd.ada.graph.${id}.import`, graph(id))).toMatchObject({ ok: true });
    expect(await ask("qry.graphs.get", JSON.stringify({ id }))).toMatchObject({ ok: true, data: { id, version: 1 } });
  }
});

describe("a command", () => {
  test("is accepted with the reply of the contract, and a retry of the same gets it again", async () => {
    const given = { "Cim-Command-Id": "import-1" };
    const first = await ask("cmd.ada.graph.shop.import", graph("shop", [service("web")]), given);
    expect(first).toEqual({
      ok: true,
      aggregate: "graph",
      id: "shop",
      version: 2,
      position: expect.any(Number),
      commandId: "import-1",
      events: ["graph-created", "node-added"],
      duplicate: false,
    });
    const retry = await ask("cmd.ada.graph.shop.import", graph("shop", [service("web")]), given);
    expect(retry).toEqual({ ...first, duplicate: true });
    const other = await ask("cmd.ada.graph.shop.import", graph("shop"), given);
    expect(other.error).toMatchObject({ code: "rejected", details: { reason: "command-id-reused" } });
  });

  test("with a stale expected version is a conflict", async () => {
    await ask("cmd.ada.graph.stale.import", graph("stale", [service("web")]));
    const reply = await ask("cmd.ada.graph.stale.remove-node", '{"id": "web"}', { "Cim-Expected-Version": "1" });
    expect(reply.error?.code).toBe("conflict");
  });

  const large = "x".repeat(900 * 1024);
  const rubbish: ReadonlyArray<readonly [what: string, code: string, Parameters<typeof ask>]> = [
    ["no JSON", "invalid-command", ["cmd.ada.graph.g1.import", "{nodes: ["]],
    ["not UTF-8", "invalid-command", ["cmd.ada.graph.g1.import", new Uint8Array([0xff, 0xfe, 0x00, 0xc0])]],
    ["a wrong type", "invalid-command", ["cmd.ada.graph.g1.import", '{"id": "g1", "nodes": 7, "edges": {}}']],
    ["null", "invalid-command", ["cmd.ada.graph.g1.import", "null"]],
    ["a list", "invalid-command", ["cmd.ada.graph.g1.import", "[]"]],
    ["900 KiB of rubbish", "invalid-command", ["cmd.ada.graph.g1.import", large]],
    ["900 KiB in one field", "invalid-command", ["cmd.ada.graph.g1.import", JSON.stringify({ id: large })]],
    ["a nesting bomb", "invalid-command", ["cmd.ada.graph.g1.import", "[".repeat(200_000)]],
    ["a deep object", "invalid-command", ["cmd.ada.graph.g1.import", `${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}`]],
    [
      "__proto__",
      "invalid-command",
      ["cmd.ada.graph.g1.import", '{"id": "g1", "nodes": [], "edges": [], "__proto__": {}}'],
    ],
    ["another id than the subject's", "rejected", ["cmd.ada.graph.g1.import", graph("g2")]],
    ["a bad id", "invalid-command", ["cmd.ada.graph.G_1.import", graph("g1")]],
    ["an id of 200 characters", "invalid-command", [`cmd.ada.graph.${"g".repeat(200)}.import`, "{}"]],
    ["an unknown aggregate", "unknown-command", ["cmd.ada.grapf.g1.import", "{}"]],
    ["an unknown command", "unknown-command", ["cmd.ada.graph.g1.importt", "{}"]],
    ["a property of every object as aggregate", "unknown-command", ["cmd.ada.constructor.g1.toString", "{}"]],
    ["an internal command", "unknown-command", ["cmd.ada.agent.a1.record-presence", '{"status": "online"}']],
    ["too few tokens", "invalid-command", ["cmd.ada.graph"]],
    ["too many tokens", "invalid-command", ["cmd.ada.graph.g1.import.now", "{}"]],
    ["a command on nothing", "rejected", ["cmd.ada.graph.nothing.archive", "{}"]],
    [
      "a header that lies about the version",
      "invalid-command",
      ["cmd.ada.graph.g1.import", graph("g1"), { "Cim-Expected-Version": "one" }],
    ],
    [
      "a command id with spaces",
      "invalid-command",
      ["cmd.ada.graph.g1.import", graph("g1"), { "Cim-Command-Id": "a b" }],
    ],
    [
      "a name of the backend's own",
      "unauthorized",
      ["cmd.deployment-workflow.graph.g1.import", JSON.stringify({ id: "g1", nodes: [], edges: [] })],
    ],
    [
      "a signature that is none",
      "unauthorized",
      [
        "cmd.ada.graph.g1.import",
        graph("g1"),
        { "Cim-Command-Id": "s", "Cim-Signature": "AAAA", "Cim-Public-Key": "UNONSENSE" },
      ],
    ],
  ];
  test.each(rubbish)("%s is %s and appends nothing", async (...[, code, request]) => {
    const before = await lastPosition();
    const reply = await ask(...request);
    expect(reply.ok).toBe(false);
    expect(reply.error?.code).toBe(code);
    expect(reply.error?.message).not.toMatch(/\n\s+at /);
    expect(await lastPosition()).toBe(before);
  });

  test("a trace header that lies is ignored", async () => {
    const reply = await ask("cmd.ada.graph.traced.import", graph("traced"), { traceparent: "00-zz-zz-00" });
    expect(reply.ok).toBe(true);
  });

  test("any JSON on any command gets a reply of the contract", async () => {
    const subjects = [
      "graph.f.import",
      "graph.shop.add-node",
      "task.f.submit",
      "dialog.f.open",
      "proposal.f.vote",
      "agent.f.register",
      "deployment.f.request",
      "host.f.report-state",
    ];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...subjects), fc.json(), async (subject, payload) => {
        const reply = await ask(`cmd.ada.${subject}`, payload);
        if (!reply.ok) {
          expect(["invalid-command", "rejected"]).toContain(reply.error?.code);
          expect(reply.error?.message).toEqual(expect.any(String));
        }
      }),
      { numRuns: 200 },
    );
  });
});

test("a signed command is proved by the log, and a signature of something else is refused", async () => {
  const keys = createUser();
  const subject = `${prefix}.cmd.ada.graph.signed.import`;
  const payload = graph("signed");
  const digest = createHash("sha256").update(payload).digest("hex");
  const signed = (text: string) => ({
    "Cim-Command-Id": "signed-1",
    "Cim-Public-Key": keys.getPublicKey(),
    "Cim-Signature": Buffer.from(keys.sign(new TextEncoder().encode(text))).toString("base64url"),
  });
  const wrong = await ask("cmd.ada.graph.signed.import", payload, signed(`signed-2\n${subject}\n${digest}`));
  expect(wrong.error?.code).toBe("unauthorized");
  const right = await ask("cmd.ada.graph.signed.import", payload, signed(`signed-1\n${subject}\n${digest}`));
  expect(right.ok).toBe(true);
  expect(await ask("qry.audit.verify", "{}")).toMatchObject({ ok: true, data: { ok: true, findings: [] } });
});

test("a signed veto stops one proposal, and no other: signatures are not taken twice, nor from others", async () => {
  const signer = signerOf(newSeed());
  const vera = await connect({ servers: leaf.nats.url, prefix, principal: "vera", signer });
  try {
    await leaf.grant(["ada", "vera"], "voter");
    await vera.command("agent", "vera", "register", { capabilities: [], publicKey: signer.publicKey });
    for (const id of ["vetoed-1", "vetoed-2"])
      await client.command("proposal", id, "submit", {
        kind: "infrastructure",
        title: "Change",
        subject: {},
        electorate: ["ada"],
        vetoHolders: ["vera"],
        signedBallots: true,
      });
    const payload = '{"reason":"freeze"}';
    const subject = `${prefix}.cmd.vera.proposal.vetoed-1.veto`;
    const signed = {
      "Cim-Command-Id": "veto-1",
      "Cim-Public-Key": signer.publicKey,
      "Cim-Signature": signer.sign(signedText("veto-1", subject, payload)),
    };
    const veto = (id: string, more: Readonly<Record<string, string>>) =>
      ask(`cmd.vera.proposal.${id}.veto`, payload, more);
    expect(await veto("vetoed-1", {})).toMatchObject({ error: { details: { reason: "signature-required" } } });
    const other = signerOf(newSeed());
    const otherKey = {
      "Cim-Command-Id": "veto-1",
      "Cim-Public-Key": other.publicKey,
      "Cim-Signature": other.sign(signedText("veto-1", subject, payload)),
    };
    expect(await veto("vetoed-1", otherKey)).toMatchObject({ error: { details: { reason: "wrong-key" } } });
    expect(await veto("vetoed-1", signed)).toMatchObject({ ok: true, events: ["proposal-vetoed"], duplicate: false });
    expect(await veto("vetoed-1", signed)).toMatchObject({ ok: true, duplicate: true });
    // The same signature on another proposal, and under another command id.
    expect((await veto("vetoed-2", signed)).error?.code).toBe("unauthorized");
    expect((await veto("vetoed-1", { ...signed, "Cim-Command-Id": "veto-2" })).error?.code).toBe("unauthorized");
    // The kit signs what its client has a signer for.
    await vera.command("proposal", "vetoed-2", "veto", { reason: "freeze" });
  } finally {
    await vera.close();
  }
  const told = await client.query("audit", "decision", { proposal: "vetoed-2" });
  expect(told.data).toMatchObject({ outcome: "vetoed", veto: { by: "vera", signedWith: signer.publicKey } });
  const proof = await client.query("audit", "verify", { aggregate: "proposal", id: "vetoed-1" });
  expect(proof.data).toMatchObject({ ok: true, findings: [] });
});

describe("a query", () => {
  test("reads its own writes with Cim-Min-Position", async () => {
    for (let index = 0; index < 20; index++) {
      const { position } = await client.command("graph", `read-${index}`, "import", {
        id: `read-${index}`,
        nodes: [],
        edges: [],
      });
      const reply = await ask("qry.graphs.get", JSON.stringify({ id: `read-${index}` }), {
        "Cim-Min-Position": String(position),
      });
      expect(reply).toMatchObject({ ok: true, data: { id: `read-${index}`, problems: expect.any(Array) } });
      expect(reply.position).toBeGreaterThanOrEqual(position);
    }
  });

  const refused: ReadonlyArray<readonly [what: string, code: string, Parameters<typeof ask>]> = [
    ["an unknown view", "unknown-command", ["qry.grafs.list"]],
    ["an unknown operation", "unknown-command", ["qry.graphs.drop"]],
    ["a property of every object", "unknown-command", ["qry.constructor.list"]],
    ["a bad input", "invalid-command", ["qry.graphs.list", '{"limit": "all"}']],
    ["no JSON", "invalid-command", ["qry.graphs.get", "shop"]],
    ["an unknown id", "rejected", ["qry.graphs.get", '{"id": "nothing"}']],
    ["too few tokens", "invalid-command", ["qry.graphs"]],
    ["a position that lies", "invalid-command", ["qry.graphs.list", "{}", { "Cim-Min-Position": "-1" }]],
    ["a position that is not there yet", "timeout", ["qry.graphs.list", "{}", { "Cim-Min-Position": "999999999" }]],
  ];
  test.each(refused)("%s is %s", async (...[, code, request]) => {
    expect((await ask(...request)).error?.code).toBe(code);
  });
});

test("the feed has every event once, as a CloudEvent, in order", async () => {
  await client.command("graph", "fed", "import", { id: "fed", nodes: [service("a"), service("b")], edges: [] });
  await client.command("graph", "fed", "remove-node", { id: "b" });
  const events: Array<FeedEvent> = [];
  const stop = new AbortController();
  for await (const event of client.feed({ from: "start", aggregate: "graph", id: "fed" }, stop.signal)) {
    events.push(event);
    if (events.length === 4) break;
  }
  stop.abort();
  expect(events.map(({ type, aggregateVersion }) => [type, aggregateVersion])).toEqual([
    [`cim.graph.graph-created.v1`, 1],
    [`cim.graph.node-added.v1`, 2],
    [`cim.graph.node-added.v1`, 3],
    [`cim.graph.node-removed.v1`, 4],
  ]);
  expect(events[0]).toMatchObject({ id: "graph.fed.1", actor: "ada" });
  expect(events.slice(1).map(({ previousCid }) => previousCid)).toEqual(events.slice(0, 3).map(({ cid }) => cid));
});

test("a view is a KV bucket that anyone can watch", async () => {
  const stop = new AbortController();
  const changes = client.watch("graphs", { id: "watched" }, stop.signal);
  await client.command("graph", "watched", "import", { id: "watched", nodes: [service("web")], edges: [] });
  for await (const { id, document } of changes) {
    expect(id).toBe("watched");
    if (document !== undefined) {
      expect(document).toMatchObject({ id: "watched", nodes: [{ id: "web" }] });
      break;
    }
  }
  stop.abort();
});

test("the backend is found by service discovery", async () => {
  const info = (await nats.request("$SRV.INFO.cim")).json<{ endpoints: ReadonlyArray<{ subject: string }> }>();
  expect(info.endpoints.map(({ subject }) => subject)).toEqual(
    expect.arrayContaining([`${prefix}.cmd.>`, `${prefix}.qry.>`]),
  );
  const statistics = (await nats.request("$SRV.STATS.cim")).json<{
    endpoints: ReadonlyArray<{ num_requests: number }>;
  }>();
  expect(statistics.endpoints.some(({ num_requests }) => num_requests > 0)).toBe(true);
});

test("the log cannot be deleted or purged", async () => {
  const manager = await jetstreamManager(nats);
  const stream = `${prefix.toUpperCase()}_EVENTS`;
  await expect(manager.streams.purge(stream)).rejects.toThrow();
  await expect(manager.streams.deleteMessage(stream, 1)).rejects.toThrow();
});

test("every example can be imported", async () => {
  for (const name of ["five-services", "database-cluster", "load-balanced-web", "nats-mesh"]) {
    const document = await readFile(resolve(import.meta.dirname, `../../../examples/${name}.json`), "utf8");
    expect(await ask(`cmd.ada.graph.${name}.import`, document)).toMatchObject({ ok: true });
  }
});

describe("an answer goes to an inbox only", () => {
  const elsewhere = (): ReadonlyArray<string> => [
    `${prefix}.evt.graph.hello`,
    `${prefix}.feed.graph.node-added.v1.hello`,
    `${prefix}.inbox.security.turn`,
    `$KV.${prefix}_view_graphs.hello`,
    "someone.else",
    "_INBOXED.x",
    "_R_",
  ];

  test.each([
    ["a query", () => `${prefix}.qry.graphs.list`],
    ["a command that is refused", () => `${prefix}.cmd.ada.graph.none.archive`],
    ["a command", () => `${prefix}.cmd.ada.graph.not-made.import`],
    ["service discovery", () => "$SRV.INFO"],
  ])("%s with another reply subject writes nothing anywhere", async (_, subject) => {
    const strays: Array<string> = [];
    const watched = elsewhere().map((reply) =>
      nats.subscribe(reply, { callback: (_, message) => void strays.push(message.subject) }),
    );
    const document = JSON.stringify({ id: "not-made", nodes: [], edges: [] });
    for (const reply of elsewhere()) nats.publish(subject(), document, { reply });
    // Requests are taken in order: what an answer would have been to the ones before it has come by now.
    await ask("qry.graphs.list", "{}");
    const { position } = await client.command("graph", `after-${strays.length}`, "import", {
      id: `after-${strays.length}`,
      nodes: [],
      edges: [],
    });
    await client.query("graphs", "list", {}, { minPosition: position });
    for (const subscription of watched) subscription.unsubscribe();
    expect(strays).toEqual([]);
    await expect(client.query("graphs", "get", { id: "not-made" })).rejects.toMatchObject({ code: "rejected" });
  });

  test("an inbox with a prefix of the caller's own is one", async () => {
    const reply = "_INBOX_ada.1";
    const answers = nats.subscribe(reply, { max: 1 });
    nats.publish(`${prefix}.qry.graphs.list`, "{}", { reply });
    for await (const answer of answers) expect(answer.json()).toMatchObject({ ok: true });
  });

  test("what was dropped is counted", async () => {
    const { endpoints } = (await nats.request("$SRV.STATS.cim")).json<{
      endpoints: ReadonlyArray<{ name: string; num_errors: number; last_error: string }>;
    }>();
    const queries = endpoints.find(({ name }) => name === "queries");
    expect(queries?.num_errors).toBeGreaterThan(0);
    expect(queries?.last_error).toContain("is not an inbox");
  });
});
