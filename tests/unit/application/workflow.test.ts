import { describe, expect, test } from "@jest/globals";
import { Effect, Result } from "effect";
import { deployer, type Hosts, monitor, reviewer, type Trouble } from "./cast.ts";
import { inLeaf, type Leaf, type Payload } from "./leaf.ts";

const host = (id: string, address: string) => ({ id, type: "host", system: "x86_64-linux", address });

/** A database on one host, and a service that needs it on another. */
const shop = {
  id: "shop",
  nodes: [
    host("front", "10.0.0.1"),
    host("back", "10.0.0.2"),
    { id: "web", type: "service", command: "/bin/web", port: 8080, healthCheck: { kind: "http" } },
    { id: "db", type: "database", engine: "postgresql", databases: ["shop"] },
  ],
  edges: [
    { from: "web", to: "front", type: "runs-on" },
    { from: "db", to: "back", type: "runs-on" },
    { from: "web", to: "db", type: "depends-on" },
    { from: "web", to: "db", type: "connects-to", protocol: "postgresql" },
  ],
};

interface Cast {
  readonly reviewers?: ReadonlyArray<ReturnType<typeof reviewer>>;
  readonly trouble?: Trouble;
  readonly monitoring?: "well" | "unhealthy" | "never";
  readonly hosts?: Hosts;
}

const assemble = Effect.fnUntraced(function* (leaf: Leaf, cast: Cast = {}) {
  const hosts =
    cast.hosts ??
    new Map([
      ["front", "/nix/store/old-front"],
      ["back", "/nix/store/old-back"],
    ]);
  const reviewers = cast.reviewers ?? [reviewer(), reviewer()];
  for (const [index, behaviour] of reviewers.entries())
    yield* leaf.join(index === 0 ? "security" : `reviewer-${index + 1}`, { capabilities: ["review"] }, behaviour);
  yield* leaf.join("deployer", { capabilities: ["deploy"] }, deployer(hosts, cast.trouble));
  yield* leaf.join("monitor", { capabilities: ["monitor"], maxConcurrentTasks: 16 }, monitor(hosts, cast.monitoring));
  yield* leaf.give("ada", "graph", "shop", "import", shop);
  return hosts;
});

const request = (leaf: Leaf, payload: Payload = {}, id = "d1") =>
  leaf.give("ada", "deployment", id, "request", { graph: "shop", target: "simulated", ...payload });

const statusOf = (leaf: Leaf, id = "d1") => Effect.map(leaf.document("deployments", id), ({ status }) => status);

const typesOf = (leaf: Leaf, aggregate: string, id: string) =>
  Effect.map(leaf.events(aggregate, id), (events) => events.map(({ type }) => type));

const reasonOf = (result: Result.Result<unknown, { readonly details?: unknown }>) =>
  Result.isFailure(result) ? (result.failure.details as { readonly reason?: string } | undefined)?.reason : undefined;

describe("a deployment that goes well", () => {
  test("goes from its request to success", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        const hosts = yield* assemble(leaf);
        yield* request(leaf);
        yield* leaf.settle;
        expect(yield* typesOf(leaf, "deployment", "d1")).toEqual([
          "deployment-requested",
          "discussion-started",
          "review-recorded",
          "review-recorded",
          "discussion-ended",
          "voting-started",
          "deployment-approved",
          "flake-generated",
          "deploying-started",
          ...Array.from({ length: 12 }, () => "host-step-recorded"),
          "monitoring-started",
          "deployment-succeeded",
        ]);
        expect(yield* leaf.document("deployments", "d1")).toMatchObject({
          status: "succeeded",
          ballots: [
            { voter: "security", choice: "approve" },
            { voter: "reviewer-2", choice: "approve" },
          ],
          hosts: [
            { id: "back", wave: 1, status: "confirmed", previous: "/nix/store/old-back" },
            { id: "front", wave: 2, status: "confirmed", previous: "/nix/store/old-front" },
          ],
        });
        expect(yield* leaf.document("hosts", "front")).toMatchObject({
          graph: "shop",
          closure: hosts.get("front"),
          previous: "/nix/store/old-front",
          deployment: "d1",
        });
        expect(yield* leaf.document("dialogs", "d1")).toMatchObject({ status: "closed" });
      }),
    ));

  test("can be rolled back afterwards, and is then not deployed again unless someone insists", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        const hosts = yield* assemble(leaf);
        yield* request(leaf);
        yield* leaf.settle;
        yield* leaf.give("ada", "deployment", "d1", "roll-back", { reason: "we liked it better before" });
        yield* leaf.settle;
        expect(yield* statusOf(leaf)).toBe("rolled-back");
        expect([...hosts.values()]).toEqual(["/nix/store/old-front", "/nix/store/old-back"]);
        expect(yield* leaf.document("hosts", "back")).toMatchObject({ closure: "/nix/store/old-back" });
        expect(reasonOf(yield* request(leaf, {}, "d2"))).toBe("rolled-back-before");
        expect(reasonOf(yield* request(leaf, { insist: true, reason: "mended by hand" }, "d2"))).toBeUndefined();
        yield* leaf.settle;
        expect(yield* statusOf(leaf, "d2")).toBe("succeeded");
      }),
    ));

  test("is not rolled back under a later one", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* assemble(leaf);
        yield* request(leaf);
        yield* leaf.settle;
        yield* leaf.pass(1);
        yield* request(leaf, {}, "d2");
        yield* leaf.settle;
        expect(reasonOf(yield* leaf.give("ada", "deployment", "d1", "roll-back"))).toBe("superseded");
        expect(reasonOf(yield* leaf.give("ada", "deployment", "d2", "roll-back"))).toBeUndefined();
        yield* leaf.settle;
        expect(reasonOf(yield* leaf.give("ada", "deployment", "d1", "roll-back"))).toBeUndefined();
        yield* leaf.settle;
        expect([yield* statusOf(leaf), yield* statusOf(leaf, "d2")]).toEqual(["rolled-back", "rolled-back"]);
      }),
    ));
});

describe("the decision", () => {
  test("a rejection ends it", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        const reject = reviewer({ vote: { choice: "reject" } });
        yield* assemble(leaf, { reviewers: [reject, reject] });
        yield* request(leaf);
        yield* leaf.settle;
        expect(yield* leaf.document("deployments", "d1")).toMatchObject({ status: "rejected", reason: "rejected" });
        expect(yield* typesOf(leaf, "task", "d1=deploy")).toEqual([]);
      }),
    ));

  test("nobody voting ends it at the deadline", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* assemble(leaf, { reviewers: [reviewer({ vote: null })] });
        yield* request(leaf);
        yield* leaf.settle;
        expect(yield* statusOf(leaf)).toBe("voting");
        yield* leaf.pass(61);
        expect(yield* leaf.document("deployments", "d1")).toMatchObject({ status: "rejected", reason: "expired" });
      }),
    ));

  test("reviewers that say nothing do not hold it up longer than the discussion may last", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* assemble(leaf, { reviewers: [reviewer(), reviewer({ silent: true })] });
        yield* request(leaf);
        yield* leaf.settle;
        expect(yield* statusOf(leaf)).toBe("discussing");
        yield* leaf.pass(30);
        expect(yield* statusOf(leaf)).toBe("succeeded");
        const events = yield* leaf.events("deployment", "d1");
        expect(events.find(({ type }) => type === "discussion-ended")?.data).toEqual({
          reason: "deadline",
          silent: ["reviewer-2"],
        });
      }),
    ));

  /** Offers a remedy in its review, and has it as its condition. */
  const approveIf = (changes: ReadonlyArray<Payload>) =>
    reviewer({
      findings: [{ rule: "test/mend", severity: "warning", nodes: ["web"], edges: [], message: "mend it", changes }],
      vote: { choice: "approve", conditions: [{ text: "with this", changes }] },
    });
  const restartCheck = { type: "update-node", id: "web", changes: { healthCheck: { kind: "tcp" } } };

  test("conditions become a new version of the graph, which is voted on and deployed instead", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* assemble(leaf, { reviewers: [approveIf([restartCheck])] });
        yield* request(leaf);
        yield* leaf.settle;
        const before = (yield* leaf.events("deployment", "d1"))[0]?.data as Payload;
        const after = yield* leaf.document("deployments", "d1");
        expect(after).toMatchObject({ status: "succeeded" });
        expect(after.graphVersion).toBe(Number(before.graphVersion) + 1);
        expect(after.graphDigest).not.toBe(before.graphDigest);
        expect(yield* leaf.ask("graphs", "get", { id: "shop" })).toMatchObject({ digest: after.graphDigest });
      }),
    ));

  test("conditions that do not fit the graph fail it", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* assemble(leaf, { reviewers: [approveIf([{ type: "remove-node", id: "nobody" }])] });
        yield* request(leaf);
        yield* leaf.settle;
        expect(yield* leaf.document("deployments", "d1")).toMatchObject({
          status: "failed",
          reason: "conditions-not-applicable",
        });
      }),
    ));

  test("an approval is void when the graph has changed meanwhile", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* assemble(leaf, { reviewers: [reviewer({ vote: null })] });
        yield* request(leaf);
        yield* leaf.settle;
        yield* leaf.give("ada", "graph", "shop", "update-node", { id: "web", changes: { command: "/bin/miner" } });
        yield* leaf.give("security", "proposal", "d1", "vote", { choice: "approve" });
        yield* leaf.settle;
        expect(yield* leaf.document("deployments", "d1")).toMatchObject({ status: "failed", reason: "approval-void" });
      }),
    ));

  test("but not where that version was asked for", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* assemble(leaf, { reviewers: [reviewer({ vote: null })] });
        const { version } = yield* leaf.document("graphs", "shop");
        yield* request(leaf, { version: version ?? 0 });
        yield* leaf.settle;
        yield* leaf.give("ada", "graph", "shop", "update-node", { id: "web", changes: { port: 8081 } });
        yield* leaf.give("security", "proposal", "d1", "vote", { choice: "approve" });
        yield* leaf.settle;
        expect(yield* statusOf(leaf)).toBe("succeeded");
      }),
    ));
});

describe("when something goes wrong on the hosts", () => {
  test("every host that was touched goes back to what it ran, the last one first", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        const hosts = yield* assemble(leaf, { trouble: { failsAt: { host: "front", step: "healthy" } } });
        yield* request(leaf);
        yield* leaf.settle;
        expect(yield* leaf.document("deployments", "d1")).toMatchObject({
          status: "rolled-back",
          reason: "check-failed",
          hosts: [
            { id: "back", status: "reverted", closure: "/nix/store/old-back" },
            { id: "front", status: "reverted", closure: "/nix/store/old-front" },
          ],
        });
        expect([...hosts.values()]).toEqual(["/nix/store/old-front", "/nix/store/old-back"]);
        const started = (yield* leaf.events("deployment", "d1")).find(({ type }) => type === "rollback-started");
        expect(started?.data).toMatchObject({ hosts: ["front", "back"], phase: "deploying" });
      }),
    ));

  test("before any host was touched it has just failed", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* assemble(leaf, { trouble: { failsAt: { host: "back", step: "recorded" } } });
        yield* request(leaf);
        yield* leaf.settle;
        expect(yield* leaf.document("deployments", "d1")).toMatchObject({ status: "failed", reason: "check-failed" });
        expect(yield* typesOf(leaf, "task", "d1=rollback-1")).toEqual([]);
      }),
    ));

  test("hosts that do not stay healthy are rolled back", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* assemble(leaf, { monitoring: "unhealthy" });
        yield* request(leaf);
        yield* leaf.settle;
        expect(yield* leaf.document("deployments", "d1")).toMatchObject({ status: "rolled-back", reason: "unhealthy" });
      }),
    ));

  test("a host that cannot be put back makes the rollback incomplete, until it is tried again", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        const unreachable = ["back"];
        const trouble = { failsAt: { host: "front", step: "healthy" }, unreachable };
        const hosts = yield* assemble(leaf, { trouble });
        yield* request(leaf);
        yield* leaf.settle;
        expect(yield* leaf.document("deployments", "d1")).toMatchObject({
          status: "rollback-incomplete",
          hosts: [
            { id: "back", status: "unreachable" },
            { id: "front", status: "reverted" },
          ],
        });
        unreachable.pop();
        yield* leaf.give("ada", "deployment", "d1", "roll-back");
        yield* leaf.settle;
        expect(yield* statusOf(leaf)).toBe("rolled-back");
        expect(hosts.get("back")).toBe("/nix/store/old-back");
        const [task] = yield* leaf.events("task", "d1=rollback-2");
        expect(task?.data).toMatchObject({ payload: { hosts: [{ host: "back" }] } });
      }),
    ));

  test("a deployer that dies is replaced by another one", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        const hosts = yield* assemble(leaf, { trouble: { hangsAfter: { host: "back", step: "activated" } } });
        yield* leaf.join("substitute", { capabilities: ["deploy"] }, deployer(hosts));
        yield* request(leaf);
        yield* leaf.settle;
        expect(yield* statusOf(leaf)).toBe("deploying");
        yield* leaf.give("presence", "agent", "deployer", "record-presence", { status: "offline" });
        yield* leaf.settle;
        expect(yield* statusOf(leaf)).toBe("succeeded");
        const { hosts: seen } = yield* leaf.document("deployments", "d1");
        // The substitute saw the new closure on the host; what counts is what ran before anything was touched.
        expect(seen).toMatchObject([{ id: "back", previous: "/nix/store/old-back" }, {}]);
      }),
    ));

  test("a task that no deployer takes fails it", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* assemble(leaf, { trouble: { hangsAtOnce: true } });
        yield* request(leaf);
        yield* leaf.settle;
        for (let attempt = 1; attempt <= 5; attempt++) yield* leaf.pass(6);
        expect(yield* leaf.document("deployments", "d1")).toMatchObject({
          status: "failed",
          reason: "attempts-exhausted",
        });
      }),
    ));
});

describe("cancelled", () => {
  test("while it is discussed: nothing goes on", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* assemble(leaf, { reviewers: [reviewer({ silent: true })] });
        yield* request(leaf);
        yield* leaf.settle;
        yield* leaf.give("ada", "deployment", "d1", "cancel", { reason: "no need" });
        yield* leaf.settle;
        yield* leaf.pass(400);
        expect(yield* leaf.document("deployments", "d1")).toMatchObject({ status: "cancelled", reason: "no need" });
        expect(yield* typesOf(leaf, "proposal", "d1")).toEqual([]);
      }),
    ));

  test("while it is voted on: the vote is called off", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* assemble(leaf, { reviewers: [reviewer({ vote: null })] });
        yield* request(leaf);
        yield* leaf.settle;
        yield* leaf.give("ada", "deployment", "d1", "cancel");
        yield* leaf.settle;
        expect(yield* statusOf(leaf)).toBe("cancelled");
        expect(yield* leaf.document("proposals", "d1")).toMatchObject({ status: "cancelled" });
      }),
    ));

  test("while no host was touched yet: the deployer loses its task", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* assemble(leaf, { trouble: { hangsAtOnce: true } });
        yield* request(leaf);
        yield* leaf.settle;
        yield* leaf.give("ada", "deployment", "d1", "cancel");
        yield* leaf.settle;
        expect(yield* statusOf(leaf)).toBe("cancelled");
        expect(yield* leaf.document("tasks", "d1=deploy")).toMatchObject({ status: "cancelled" });
      }),
    ));

  test("while hosts are deployed: they are rolled back", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        const hosts = yield* assemble(leaf, { trouble: { hangsAfter: { host: "front", step: "activated" } } });
        yield* request(leaf);
        yield* leaf.settle;
        yield* leaf.give("ada", "deployment", "d1", "cancel");
        yield* leaf.settle;
        expect(yield* statusOf(leaf)).toBe("rolled-back");
        expect([...hosts.values()]).toEqual(["/nix/store/old-front", "/nix/store/old-back"]);
      }),
    ));

  test("while they are watched: they are rolled back", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* assemble(leaf, { monitoring: "never" });
        yield* request(leaf);
        yield* leaf.settle;
        expect(yield* statusOf(leaf)).toBe("monitoring");
        yield* leaf.give("ada", "deployment", "d1", "cancel");
        yield* leaf.settle;
        expect(yield* statusOf(leaf)).toBe("rolled-back");
        expect(yield* leaf.document("tasks", "d1=monitor")).toMatchObject({ status: "cancelled" });
      }),
    ));

  test("a host that is touched in the very moment is put back too", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        const hosts = yield* assemble(leaf, { trouble: { hangsAtOnce: true } });
        yield* request(leaf);
        yield* leaf.settle;
        yield* leaf.give("deployer", "task", "d1=deploy", "acknowledge");
        yield* leaf.give("deployer", "task", "d1=deploy", "start");
        // Reported to the task, but not yet known to the deployment when it is cancelled.
        const report = (data: Payload) => leaf.give("deployer", "task", "d1=deploy", "report-progress", { data });
        yield* report({ host: "back", step: "recorded", previous: "/nix/store/old-back" });
        yield* leaf.give("ada", "deployment", "d1", "cancel");
        hosts.set("back", "/nix/store/new-back");
        yield* leaf.join("substitute", { capabilities: ["deploy"] }, deployer(hosts));
        yield* leaf.pass(10);
        expect(yield* statusOf(leaf)).toBe("rolled-back");
        expect(hosts.get("back")).toBe("/nix/store/old-back");
      }),
    ));
});

test("a deployment that takes too long is rolled back", () =>
  inLeaf((leaf) =>
    Effect.gen(function* () {
      const hosts = yield* assemble(leaf, { monitoring: "never" });
      yield* request(leaf, { timeoutSeconds: 80, discussionSeconds: 10, votingSeconds: 10 });
      yield* leaf.settle;
      yield* leaf.pass(80);
      expect(yield* leaf.document("deployments", "d1")).toMatchObject({ status: "rolled-back", reason: "timeout" });
      expect([...hosts.values()]).toEqual(["/nix/store/old-front", "/nix/store/old-back"]);
    }),
  ));

test("a rollback that nobody carries out ends, loudly", () =>
  inLeaf((leaf) =>
    Effect.gen(function* () {
      yield* assemble(leaf, { trouble: { hangsAfter: { host: "front", step: "activated" } } });
      yield* request(leaf);
      yield* leaf.settle;
      yield* leaf.give("deployer", "agent", "deployer", "deregister");
      yield* leaf.give("ada", "deployment", "d1", "cancel");
      yield* leaf.settle;
      expect(yield* statusOf(leaf)).toBe("rolling-back");
      yield* leaf.pass(300);
      expect(yield* statusOf(leaf)).toBe("rollback-incomplete");
      expect(yield* leaf.document("tasks", "d1=rollback-1")).toMatchObject({ status: "cancelled" });
    }),
  ));

describe("two deployments", () => {
  test("of one graph at a time: the second is refused", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* assemble(leaf, { monitoring: "never" });
        yield* request(leaf);
        yield* leaf.settle;
        expect(reasonOf(yield* request(leaf, {}, "d2"))).toBe("deployment-in-progress");
      }),
    ));

  test("requested in the same moment: one of them goes on", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* assemble(leaf);
        yield* Effect.all([request(leaf, {}, "d1"), request(leaf, {}, "d2"), request(leaf, {}, "d3")], {
          concurrency: "unbounded",
        });
        yield* leaf.settle;
        const statuses = yield* Effect.all([statusOf(leaf, "d1"), statusOf(leaf, "d2"), statusOf(leaf, "d3")]);
        expect(statuses.filter((status) => status === "succeeded")).toHaveLength(1);
        expect(statuses.filter((status) => status === "failed" || status === undefined)).toHaveLength(2);
      }),
    ));

  test("of one machine, which each graph has under its own id, in the same moment: one of them goes on", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        const machines = ["one", "two"].map((id) => ({ id, nodes: [host(`${id}-host`, "10.9.0.1")], edges: [] }));
        yield* assemble(leaf, { hosts: new Map(machines.map(({ id }) => [`${id}-host`, "/nix/store/old"])) });
        for (const graph of machines) yield* leaf.give("ada", "graph", graph.id, "import", graph);
        const both = machines.map(({ id }) => request(leaf, { graph: id, target: "nixos" }, id));
        const answers = yield* Effect.all(both, { concurrency: "unbounded" });
        yield* leaf.settle;
        for (const one of answers) if (Result.isFailure(one)) expect(reasonOf(one)).toBe("deployment-in-progress");
        const statuses = yield* Effect.all(machines.map(({ id }) => statusOf(leaf, id)));
        expect(statuses.filter((status) => status === "succeeded")).toHaveLength(1);
        expect(statuses.filter((status) => status === "failed" || status === undefined)).toHaveLength(1);
      }),
    ));
});

describe("a request is refused", () => {
  const cases: ReadonlyArray<readonly [reason: string, Payload]> = [
    ["graph-not-found", { graph: "other" }],
    ["version-not-found", { version: 999 }],
    ["timeout-too-short", { monitorSeconds: 100, timeoutSeconds: 100 }],
  ];
  test.each(cases)("%s", (reason, payload) =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* assemble(leaf);
        expect(reasonOf(yield* request(leaf, payload))).toBe(reason);
      }),
    ),
  );

  test("no-reviewers, where nobody is there", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* assemble(leaf, { reviewers: [] });
        expect(reasonOf(yield* request(leaf))).toBe("no-reviewers");
      }),
    ));

  test("invalid-graph", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* assemble(leaf);
        yield* leaf.give("ada", "graph", "shop", "add-node", { node: { id: "lost", type: "service", command: "/x" } });
        const refused = yield* request(leaf);
        expect(reasonOf(refused)).toBe("invalid-graph");
        expect(Result.isFailure(refused) && refused.failure.message).toContain("`lost`");
      }),
    ));
});
