import { expect, test } from "@jest/globals";
import { Effect, Schema } from "effect";
import { deployer, monitor, reviewer } from "./cast.ts";
import { inLeaf, type Leaf, type Payload } from "./leaf.ts";

const machine = (id: string, address: string) => ({ id, type: "host", system: "x86_64-linux", address });
const graphOf = (id: string, host: string, address: string) => ({
  id,
  nodes: [
    machine(host, address),
    { id: "web", type: "service", command: "/bin/web", port: 8080, healthCheck: { kind: "http" } },
  ],
  edges: [{ from: "web", to: host, type: "runs-on" }],
});

const Verified = Schema.Struct({ findings: Schema.Array(Schema.Struct({ event: Schema.String })) });

const key = (letter: string) => `U${letter.repeat(55)}`;
const adasKey = key("A");
const finding = { rule: "secrets", severity: "blocking", nodes: [], edges: [], message: "a password" };

const assemble = Effect.fnUntraced(function* (
  leaf: Leaf,
  {
    review = {},
    trouble = {},
  }: {
    readonly review?: Parameters<typeof reviewer>[0];
    readonly trouble?: Parameters<typeof deployer>[1];
  } = {},
) {
  const hosts = new Map<string, string>();
  yield* leaf.join("security", { capabilities: ["review"] }, reviewer(review));
  yield* leaf.join("architecture", { capabilities: ["review"] }, reviewer());
  yield* leaf.join("deployer", { capabilities: ["deploy"] }, deployer(hosts, trouble));
  yield* leaf.join("monitor", { capabilities: ["monitor"], maxConcurrentTasks: 16 }, monitor(hosts));
  yield* leaf.give("cim", "principal", "ada", "admit", { kind: "person", roles: ["admin"], publicKey: adasKey });
  for (const id of ["ann", "bob"])
    yield* leaf.give("cim", "principal", id, "admit", { kind: "person", roles: ["voter"], publicKey: key("B") });
  yield* leaf.give("rob", "graph", "shop", "import", graphOf("shop", "front", "10.0.0.1"));
  yield* leaf.give("rob", "graph", "farm", "import", graphOf("farm", "barn", "10.0.0.2"));
  yield* leaf.settle;
  return hosts;
});

const deployment = (leaf: Leaf, id: string) => leaf.document("deployments", id);

const request = Effect.fnUntraced(function* (leaf: Leaf, id: string, more: Payload = {}) {
  const payload = { graph: id === "d2" ? "farm" : "shop", target: "simulated", monitorSeconds: 1, ...more };
  expect(yield* leaf.give("rob", "deployment", id, "request", payload)).toMatchObject({ _tag: "Success" });
});

const signedBy = (leaf: Leaf, principal: string, id: string, command: string, payload: Payload, publicKey = adasKey) =>
  leaf.handle({
    aggregate: "deployment",
    id,
    command,
    payload,
    principal,
    audience: "public",
    signed: { publicKey, signature: "-", text: "-" },
  });

const breakGlass = Effect.fnUntraced(function* (leaf: Leaf, id: string, by = "ada") {
  const { graphDigest = "", flakeDigest = "" } = yield* deployment(leaf, id);
  return yield* signedBy(leaf, by, id, "break-glass", { reason: "production is down", graphDigest, flakeDigest });
});

const closeReview = (leaf: Leaf, id: string, by: string) =>
  leaf.give(by, "deployment", id, "close-review", { conclusion: "the alarm was right" });

const freeze = (leaf: Leaf, id = "everything", underWay = "finish-host") =>
  leaf.give("olga", "freeze", id, "freeze", { reason: "an incident", underWay });

const refused = (reason: string) => ({ _tag: "Failure", failure: { details: { reason } } });

test("past a freeze: it goes on, the next one is refused until somebody else has closed the review", () =>
  inLeaf((leaf) =>
    Effect.gen(function* () {
      yield* assemble(leaf);
      yield* freeze(leaf);
      yield* request(leaf, "d1");
      yield* leaf.settle;
      expect(yield* deployment(leaf, "d1")).toMatchObject({ status: "waiting" });
      expect(yield* breakGlass(leaf, "d1", "rob")).toMatchObject(refused("may-not-break-glass"));
      expect(yield* breakGlass(leaf, "d1")).toMatchObject({ _tag: "Success" });
      yield* leaf.settle;
      yield* leaf.pass(2);
      expect(yield* deployment(leaf, "d1")).toMatchObject({
        status: "succeeded",
        glass: { by: "ada", reason: "production is down", signedBy: adasKey, freezes: [{ freeze: "everything" }] },
      });

      yield* request(leaf, "d2");
      yield* leaf.settle;
      expect(yield* deployment(leaf, "d2")).toMatchObject({ status: "waiting" });
      expect(yield* breakGlass(leaf, "d2")).toMatchObject(refused("glass-review-open"));
      expect(yield* closeReview(leaf, "d1", "ada")).toMatchObject(refused("same-eyes"));
      expect(yield* closeReview(leaf, "d1", "ann")).toMatchObject({ _tag: "Success" });
      expect(yield* deployment(leaf, "d1")).toMatchObject({ glass: { closed: { by: "ann" } } });
      expect(yield* breakGlass(leaf, "d2")).toMatchObject({ _tag: "Success" });
      yield* leaf.pass(2);
      expect(yield* deployment(leaf, "d2")).toMatchObject({ status: "succeeded" });
    }),
  ));

test("past a blocking finding that nobody could see before: asked for with the request", () =>
  inLeaf((leaf) =>
    Effect.gen(function* () {
      yield* assemble(leaf, { review: { findings: [finding] } });
      yield* request(leaf, "d1");
      yield* leaf.settle;
      const before = yield* deployment(leaf, "d1");
      expect(before).toMatchObject({ status: "rejected", outcome: "vetoed" });
      const { graphDigest = "", flakeDigest = "" } = before;
      const payload = { graph: "shop", target: "simulated", monitorSeconds: 1 };
      const asked = { ...payload, breakGlass: { reason: "production is down", graphDigest, flakeDigest } };
      yield* leaf.give("cim", "principal", "ada", "grant", { roles: ["operator"] });
      expect(yield* signedBy(leaf, "ada", "d3", "request", asked)).toMatchObject({ _tag: "Success" });
      yield* leaf.settle;
      yield* leaf.pass(2);
      expect(yield* deployment(leaf, "d3")).toMatchObject({
        status: "succeeded",
        blocking: [{ reviewer: "security", rule: "secrets" }],
        glass: { by: "ada" },
      });
      expect(yield* leaf.ask("audit", "decision", { proposal: "d3" })).toMatchObject({
        outcome: "approved",
        glass: { by: "ada", reason: "production is down" },
      });
      const { findings } = Schema.decodeUnknownSync(Verified)(yield* leaf.ask("audit", "verify", {}));
      // The signature of this test is made up, and nothing else is wrong.
      expect([...new Set(findings.map(({ event }) => event))]).toEqual(["deployment.d3.1"]);
    }),
  ));

test("past a blocking finding while it is voted on", () =>
  inLeaf((leaf) =>
    Effect.gen(function* () {
      yield* assemble(leaf, { review: { findings: [finding], vote: null } });
      yield* request(leaf, "d1", { votingSeconds: 60 });
      yield* leaf.settle;
      expect(yield* deployment(leaf, "d1")).toMatchObject({ status: "voting", blocking: [{ rule: "secrets" }] });
      expect(yield* breakGlass(leaf, "d1")).toMatchObject({ _tag: "Success" });
      yield* leaf.settle;
      const voted = yield* leaf.give("security", "proposal", "d1", "vote", { choice: "approve" });
      expect(voted).toMatchObject({ _tag: "Success" });
      yield* leaf.settle;
      yield* leaf.pass(2);
      expect(yield* deployment(leaf, "d1")).toMatchObject({ status: "succeeded" });
    }),
  ));

test("never past the vote: who votes against it still stops it, and nothing is touched", () =>
  inLeaf((leaf) =>
    Effect.gen(function* () {
      const hosts = yield* assemble(leaf, { review: { vote: null } });
      yield* request(leaf, "d1", { votingSeconds: 60, protocol: "unanimous" });
      yield* leaf.settle;
      expect(yield* breakGlass(leaf, "d1")).toMatchObject({ _tag: "Success" });
      yield* leaf.give("security", "proposal", "d1", "vote", { choice: "reject", reason: "no" });
      yield* leaf.settle;
      expect(yield* deployment(leaf, "d1")).toMatchObject({ status: "rejected" });
      expect([...hosts]).toEqual([]);
      expect(yield* closeReview(leaf, "d1", "ann")).toMatchObject({ _tag: "Success" });
    }),
  ));

test("a freeze that comes afterwards holds it all the same", () =>
  inLeaf((leaf) =>
    Effect.gen(function* () {
      yield* assemble(leaf, { trouble: { hangsAfter: { host: "front", step: "built" } } });
      yield* freeze(leaf);
      yield* request(leaf, "d1");
      yield* leaf.settle;
      yield* breakGlass(leaf, "d1");
      yield* leaf.settle;
      expect(yield* deployment(leaf, "d1")).toMatchObject({ status: "deploying" });
      yield* freeze(leaf, "graph-shop", "go-back");
      yield* leaf.settle;
      expect(yield* deployment(leaf, "d1")).toMatchObject({ status: "rolled-back", reason: "frozen" });
    }),
  ));

test("a deployment that a freeze holds on its hosts goes on, with the whole of its time limit", () =>
  inLeaf((leaf) =>
    Effect.gen(function* () {
      yield* assemble(leaf, { trouble: { hangsAfter: { host: "front", step: "built" } } });
      yield* request(leaf, "d1", { timeoutSeconds: 130, votingSeconds: 20 });
      yield* leaf.settle;
      yield* freeze(leaf);
      yield* leaf.pass(200);
      expect(yield* breakGlass(leaf, "d1")).toMatchObject({ _tag: "Success" });
      yield* leaf.pass(129);
      expect(yield* deployment(leaf, "d1")).toMatchObject({ status: "deploying" });
      yield* leaf.pass(2);
      expect(yield* deployment(leaf, "d1")).toMatchObject({ status: "rolled-back", reason: "timeout" });
    }),
  ));

test("of two that are broken at the same moment the one that is second in the log ends its deployment", () =>
  inLeaf((leaf) =>
    Effect.gen(function* () {
      const hosts = yield* assemble(leaf);
      yield* freeze(leaf);
      yield* request(leaf, "d1");
      yield* request(leaf, "d2");
      yield* leaf.settle;
      const answers = yield* Effect.all([breakGlass(leaf, "d1"), breakGlass(leaf, "d2")], { concurrency: 2 });
      yield* leaf.pass(2);
      const accepted = answers.filter(({ _tag }) => _tag === "Success").length;
      const ends = [yield* deployment(leaf, "d1"), yield* deployment(leaf, "d2")].map(({ status }) => status);
      expect(ends.filter((status) => status === "succeeded")).toHaveLength(1);
      expect(ends).toContain(accepted === 2 ? "failed" : "waiting");
      expect(hosts.size).toBe(1);
    }),
  ));

test("everybody hears of it: the dialog, the proposal, and the facts of the installation", () =>
  inLeaf((leaf) =>
    Effect.gen(function* () {
      yield* assemble(leaf);
      yield* freeze(leaf);
      yield* request(leaf, "d1");
      yield* leaf.settle;
      yield* breakGlass(leaf, "d1");
      yield* leaf.pass(2);
      yield* closeReview(leaf, "d1", "ann");
      yield* leaf.settle;
      const said = (yield* leaf.events("dialog", "d1")).map(({ data }) => JSON.stringify(data));
      expect(said.some((text) => text.includes("ada broke the glass: production is down"))).toBe(true);
      const facts = (yield* leaf.events("knowledge", "system")).map(({ data }) => JSON.stringify(data)).join("\n");
      expect(facts).toContain("glass-broken-by");
      expect(facts).toContain("glass-reviewed-by");
      expect(facts).toContain("freeze-everything");
    }),
  ));
