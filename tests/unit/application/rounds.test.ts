import { describe, expect, test } from "@jest/globals";
import { Effect, Result } from "effect";
import { deployer, type Hosts, monitor, reviewer } from "./cast.ts";
import { inLeaf, type Leaf, type Payload } from "./leaf.ts";

const shop = {
  id: "shop",
  nodes: [
    { id: "front", type: "host", system: "x86_64-linux", address: "10.0.0.1" },
    { id: "web", type: "service", command: "/bin/web", port: 8080 },
  ],
  edges: [{ from: "web", to: "front", type: "runs-on" }],
};
const check = { type: "update-node", id: "web", changes: { healthCheck: { kind: "tcp" } } };
const backdoor = [
  { type: "add-node", node: { id: "backdoor", type: "service", command: "/bin/sh", port: 4444, user: "root" } },
  { type: "connect", edge: { from: "backdoor", to: "front", type: "runs-on" } },
];
const mend = (changes: ReadonlyArray<Payload>, severity = "warning") => ({
  rule: "test/mend",
  severity,
  nodes: ["web"],
  edges: [],
  message: "mend it",
  ...(changes.length === 0 ? {} : { changes }),
});
const onlyWith = (...changes: ReadonlyArray<Payload>) => ({
  choice: "approve",
  conditions: [{ text: "only with this", changes }],
});

type Behaviours = Readonly<Record<string, ReturnType<typeof reviewer>>>;

const assemble = Effect.fnUntraced(function* (leaf: Leaf, behaviours: Behaviours, owner = "ada") {
  const hosts: Hosts = new Map([["front", "/nix/store/old"]]);
  for (const [id, behaviour] of Object.entries(behaviours))
    yield* leaf.join(id, { capabilities: ["review"] }, behaviour);
  yield* leaf.join("deployer", { capabilities: ["deploy"] }, deployer(hosts));
  yield* leaf.join("monitor", { capabilities: ["monitor"], maxConcurrentTasks: 16 }, monitor(hosts));
  yield* leaf.give(owner, "graph", "shop", "import", shop);
  return hosts;
});

const request = (leaf: Leaf, payload: Payload = {}, id = "d1", by = "ada") =>
  leaf.give(by, "deployment", id, "request", { graph: "shop", target: "simulated", ...payload });

const reasonOf = (result: Result.Result<unknown, { readonly details?: unknown }>) =>
  Result.isFailure(result) ? (result.failure.details as { readonly reason?: string } | undefined)?.reason : undefined;

const typesOf = (leaf: Leaf, aggregate: string, id: string) =>
  Effect.map(leaf.events(aggregate, id), (events) => events.map(({ type }) => type));

const nodesOf = (leaf: Leaf) =>
  Effect.map(leaf.document("graphs", "shop"), ({ nodes }) =>
    (nodes as ReadonlyArray<{ readonly id: string }>).map(({ id }) => id),
  );

describe("a condition that changes the graph", () => {
  test("is seen by everybody before anything runs, and its voter does not decide on it", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        const silentLater = { later: null };
        yield* assemble(leaf, {
          security: reviewer(silentLater),
          capacity: reviewer(silentLater),
          mallory: reviewer({ vote: onlyWith(...backdoor) }),
        });
        yield* request(leaf);
        yield* leaf.settle;
        expect(yield* leaf.document("deployments", "d1")).toMatchObject({
          status: "voting",
          round: 2,
          ballots: [],
          excluded: [{ id: "mallory", reason: "`mallory` changed the graph by its condition" }],
        });
        expect(yield* leaf.document("proposals", "d1")).toMatchObject({
          status: "active",
          round: 2,
          electorate: [{ id: "capacity" }, { id: "security" }],
          rounds: [{ round: 1, conditions: [{ voter: "mallory" }] }],
        });
        expect(yield* typesOf(leaf, "task", "d1=deploy")).toEqual([]);
        const refused = yield* leaf.give("mallory", "proposal", "d1", "vote", { choice: "approve" });
        expect(reasonOf(refused)).toBe("four-eyes");
        const late = yield* leaf.give("security", "proposal", "d1", "vote", { choice: "approve", round: 1 });
        expect(reasonOf(late)).toBe("other-round");
        for (const voter of ["security", "capacity"])
          yield* leaf.give(voter, "proposal", "d1", "vote", { choice: "reject", round: 2 });
        yield* leaf.settle;
        expect(yield* leaf.document("deployments", "d1")).toMatchObject({ status: "rejected" });
      }),
    ));

  test("is in the log of the graph under the name of the voter", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* assemble(leaf, {
          security: reviewer({ findings: [mend([check])], vote: onlyWith(check) }),
          capacity: reviewer(),
        });
        yield* request(leaf);
        yield* leaf.settle;
        expect(yield* leaf.document("deployments", "d1")).toMatchObject({
          status: "succeeded",
          round: 2,
          rounds: [{ round: 1, amended: { commits: [{ author: "security", offered: true }] } }],
        });
        const last = (yield* leaf.commits).findLast(({ aggregate }) => aggregate === "graph");
        expect(last).toMatchObject({ actor: "security", command: "import", correlationId: "d1" });
        const amended = (yield* leaf.events("deployment", "d1")).find(({ type }) => type === "revision-amended");
        const enacted = (yield* leaf.events("proposal", "d1")).find(({ type }) => type === "proposal-enacted");
        const { graphDigest, flakeDigest } = (amended?.data ?? {}) as Payload;
        expect(enacted?.data).toMatchObject({ subject: { graphDigest, flakeDigest } });
        expect(yield* leaf.document("deployments", "d1")).toMatchObject({ graphDigest, flakeDigest });
      }),
    ));

  test("that was offered as a remedy leaves its reviewer its vote, and does not ask twice who accepted it", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* assemble(leaf, {
          security: reviewer({ findings: [mend([check])], vote: onlyWith(check) }),
          ann: reviewer({ vote: { choice: "approve", acceptsRemedies: true }, later: null }),
        });
        yield* request(leaf);
        yield* leaf.settle;
        expect(yield* leaf.document("deployments", "d1")).toMatchObject({
          status: "succeeded",
          round: 2,
          ballots: [{ voter: "ann" }, { voter: "security" }],
        });
      }),
    ));

  test("does not stand for a change that nobody had offered", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* assemble(leaf, {
          security: reviewer({ findings: [mend([check])], vote: onlyWith(...backdoor), later: null }),
          ann: reviewer({ vote: { choice: "approve", acceptsRemedies: true }, later: null }),
        });
        yield* request(leaf);
        yield* leaf.settle;
        expect(yield* leaf.document("proposals", "d1")).toMatchObject({ status: "active", round: 2, ballots: [] });
      }),
    ));

  test("that has no effect asks nobody again", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        const nothing = { type: "update-node", id: "web", changes: { port: 8080 } };
        yield* assemble(leaf, { security: reviewer({ vote: onlyWith(nothing) }), ann: reviewer({ later: null }) });
        yield* request(leaf);
        yield* leaf.settle;
        expect(yield* leaf.document("deployments", "d1")).toMatchObject({ status: "succeeded", round: 2 });
        expect(yield* typesOf(leaf, "deployment", "d1")).not.toContain("revision-amended");
      }),
    ));

  test("ends the vote if it cannot be made, with the reason, and changes nothing", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        const clash = { type: "add-node", node: { id: "twin", type: "service", command: "/bin/twin", port: 8080 } };
        const placed = { type: "connect", edge: { from: "twin", to: "front", type: "runs-on" } };
        yield* assemble(leaf, {
          security: reviewer({ vote: onlyWith(check) }),
          ann: reviewer({ vote: onlyWith(clash, placed) }),
        });
        const { version } = yield* leaf.document("graphs", "shop");
        yield* request(leaf);
        yield* leaf.settle;
        const ended = yield* leaf.document("deployments", "d1");
        expect(ended).toMatchObject({ status: "failed", reason: "conditions-not-applicable" });
        expect(ended.detail).toContain("8080");
        expect(yield* leaf.document("proposals", "d1")).toMatchObject({
          status: "cancelled",
          reason: `conditions-not-applicable: ${ended.detail}`,
        });
        expect(yield* leaf.document("graphs", "shop")).toMatchObject({ version });
      }),
    ));

  test("is refused after the rounds that the policy allows", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        let port = 9000;
        const restless: ReturnType<typeof reviewer> = (its, self, delivery) => {
          port += 1;
          const changes = [{ type: "update-node", id: "web", changes: { port } }];
          const vote = onlyWith(...changes);
          return reviewer({ findings: [mend(changes)], vote, later: vote })(its, self, delivery);
        };
        yield* assemble(leaf, { security: restless, ann: reviewer(), bob: reviewer() });
        // Its changes are never those that it offered: keep its vote.
        yield* leaf.give("cim", "policy", "deployment", "set", {
          awaitConditions: true,
          fourEyes: false,
          maxRounds: 2,
        });
        yield* request(leaf);
        yield* leaf.settle;
        const ended = yield* leaf.document("deployments", "d1");
        expect(ended).toMatchObject({ status: "rejected", reason: "rejected", round: 2 });
        expect(yield* leaf.document("proposals", "d1")).toMatchObject({ rejectedFor: "rounds-exhausted" });
      }),
    ));
});

describe("a blocking finding", () => {
  test("stops what all others approve, and says whose it is and why", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* assemble(leaf, {
          security: reviewer({ findings: [mend([], "blocking")] }),
          ann: reviewer(),
          bob: reviewer(),
          cy: reviewer(),
        });
        yield* request(leaf);
        yield* leaf.settle;
        const detail = "security found test/mend: mend it";
        expect(yield* leaf.document("proposals", "d1")).toMatchObject({ status: "vetoed", by: "security" });
        expect(yield* leaf.document("deployments", "d1")).toMatchObject({
          status: "rejected",
          reason: "vetoed",
          detail,
        });
        expect(yield* typesOf(leaf, "task", "d1=deploy")).toEqual([]);
      }),
    ));

  test("with a remedy is answered by the changed graph", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        const finding = mend([check], "blocking");
        const first: ReturnType<typeof reviewer> = (its, self, delivery) =>
          Effect.flatMap(nodesIn(its), (mended) =>
            reviewer({ findings: mended ? [] : [finding], vote: onlyWith(check) })(its, self, delivery),
          );
        const nodesIn = (its: Leaf) =>
          Effect.map(its.document("graphs", "shop"), (graph) => JSON.stringify(graph).includes("healthCheck"));
        yield* assemble(leaf, { security: first, ann: reviewer() });
        yield* request(leaf);
        yield* leaf.settle;
        expect(yield* leaf.document("deployments", "d1")).toMatchObject({
          status: "succeeded",
          round: 2,
          blocking: [],
        });
      }),
    ));
});

describe("a review that the policy requires", () => {
  test("and that is missing lets the vote expire, and says which", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* assemble(leaf, { security: reviewer({ silent: true }), ann: reviewer() });
        yield* request(leaf, { discussionSeconds: 1 });
        yield* leaf.settle;
        yield* leaf.pass(1);
        expect(yield* leaf.document("proposals", "d1")).toMatchObject({
          status: "active",
          missingReviews: ["security"],
        });
        yield* leaf.pass(61);
        expect(yield* leaf.document("deployments", "d1")).toMatchObject({
          status: "rejected",
          reason: "expired",
          detail: "the policy requires a review by `security`, and there is none",
        });
      }),
    ));

  test("may come as long as the vote is open, whatever became of the dialog", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* assemble(leaf, { security: reviewer({ silent: true }), ann: reviewer() });
        yield* request(leaf, { discussionSeconds: 1 });
        yield* leaf.settle;
        yield* leaf.pass(1);
        const { graphDigest: revision } = yield* leaf.document("deployments", "d1");
        yield* leaf.give("security", "deployment", "d1", "review", { revision: revision ?? "", findings: [] });
        yield* leaf.settle;
        expect(yield* leaf.document("deployments", "d1")).toMatchObject({ status: "succeeded" });
      }),
    ));
});

describe("a review during the vote", () => {
  test("is noted in the proposal if the vote depends on it, or if it takes back one on which it did", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        const waits = { silent: true, vote: null };
        yield* assemble(leaf, { security: reviewer(), ann: reviewer(waits), bob: reviewer(waits) });
        yield* request(leaf, { discussionSeconds: 1 });
        yield* leaf.settle;
        yield* leaf.pass(1);
        const { graphDigest: revision = "" } = yield* leaf.document("deployments", "d1");
        const review = (by: string, findings: ReadonlyArray<Payload>) =>
          Effect.andThen(leaf.give(by, "deployment", "d1", "review", { revision, findings }), leaf.settle);
        const noted = Effect.map(leaf.events("proposal", "d1"), (events) =>
          events.filter(({ type }) => type === "review-noted").map(({ data }) => data),
        );
        yield* review("bob", []);
        expect(yield* noted).toEqual([]);
        yield* review("ann", [mend([], "blocking")]);
        yield* review("ann", []);
        expect(yield* noted).toMatchObject([
          { reviewer: "ann", blocking: [{ rule: "test/mend" }] },
          { reviewer: "ann", blocking: [] },
        ]);
        for (const voter of ["ann", "bob"])
          yield* leaf.give(voter, "proposal", "d1", "vote", { choice: "approve", round: 1 });
        yield* leaf.settle;
        expect(yield* leaf.document("deployments", "d1")).toMatchObject({ status: "succeeded" });
      }),
    ));
});

describe("going back to an older version", () => {
  test("works with conditions: the graph becomes the older one with the remedies, as a new version", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* assemble(leaf, {
          security: reviewer({ findings: [mend([check])], vote: onlyWith(check) }),
          ann: reviewer(),
        });
        const { version = 0 } = yield* leaf.document("graphs", "shop");
        yield* leaf.give("ada", "graph", "shop", "add-node", {
          node: { id: "broken", type: "service", command: "/bin/false" },
        });
        yield* leaf.give("ada", "graph", "shop", "connect", { edge: { from: "broken", to: "front", type: "runs-on" } });
        yield* request(leaf, { version }, "d1", "bob");
        yield* leaf.settle;
        const after = yield* leaf.document("deployments", "d1");
        expect(after).toMatchObject({
          status: "succeeded",
          rounds: [
            {
              amended: {
                commits: [
                  { author: "bob", offered: false },
                  { author: "security", offered: true },
                ],
              },
            },
          ],
        });
        expect(yield* nodesOf(leaf)).toEqual(["front", "web"]);
        expect(yield* leaf.document("graphs", "shop")).toMatchObject({ version: after.graphVersion });
      }),
    ));

  test("to what the conditions make of it: a revision that was rolled back is known, unless somebody insists", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* assemble(leaf, {
          security: reviewer({ findings: [mend([check])], vote: onlyWith(check) }),
          ann: reviewer(),
        });
        yield* request(leaf);
        yield* leaf.settle;
        yield* leaf.give("ada", "deployment", "d1", "roll-back", { reason: "it was worse" });
        yield* leaf.settle;
        // The same document as the first time: only the vote makes it what was rolled back.
        yield* leaf.give("ada", "graph", "shop", "import", shop);
        yield* request(leaf, {}, "d2");
        yield* leaf.settle;
        expect(yield* leaf.document("deployments", "d2")).toMatchObject({
          status: "failed",
          reason: "rolled-back-before",
        });
        yield* leaf.give("ada", "graph", "shop", "import", shop);
        yield* request(leaf, { insist: true, reason: "the disk was full" }, "d3");
        yield* leaf.settle;
        expect(yield* leaf.document("deployments", "d3")).toMatchObject({ status: "succeeded" });
      }),
    ));
});

describe("four eyes", () => {
  test("leave out who requested it and who changed the graph, with the reason", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* assemble(leaf, { security: reviewer(), ann: reviewer(), bob: reviewer() }, "bob");
        yield* request(leaf, {}, "d1", "ann");
        yield* leaf.settle;
        expect(yield* leaf.document("deployments", "d1")).toMatchObject({
          status: "succeeded",
          excluded: [
            { id: "ann", reason: "`ann` requested it" },
            { id: "bob", reason: "`bob` changed the graph" },
          ],
          ballots: [{ voter: "security" }],
        });
        // What was approved is nobody's change any more.
        yield* request(leaf, {}, "d2", "ada");
        yield* leaf.settle;
        expect((yield* leaf.document("deployments", "d2")).excluded).toBeUndefined();
      }),
    ));

  test("refuse a request if nobody else is left", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* assemble(leaf, { security: reviewer() });
        expect(reasonOf(yield* request(leaf, {}, "d1", "security"))).toBe("no-other-eyes");
      }),
    ));
});
