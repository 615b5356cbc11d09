import { expect, test } from "@jest/globals";
import { Effect } from "effect";
import { deployer, monitor, reviewer } from "./cast.ts";
import { inLeaf, type Leaf, type Payload } from "./leaf.ts";

const machine = (id: string, address: string) => ({ id, type: "host", system: "x86_64-linux", address });
const shop = {
  id: "shop",
  nodes: [
    machine("front", "10.0.0.1"),
    machine("back", "10.0.0.2"),
    { id: "web", type: "service", command: "/bin/web", port: 8080, healthCheck: { kind: "http" } },
  ],
  edges: [{ from: "web", to: "front", type: "runs-on" }],
};

const assemble = Effect.fnUntraced(function* (leaf: Leaf, trouble: Parameters<typeof deployer>[1] = {}) {
  const hosts = new Map<string, string>();
  yield* leaf.join("security", { capabilities: ["review"] }, reviewer());
  yield* leaf.join("deployer", { capabilities: ["deploy"] }, deployer(hosts, trouble));
  yield* leaf.join("monitor", { capabilities: ["monitor"], maxConcurrentTasks: 16 }, monitor(hosts));
  for (const id of ["ann", "bob"])
    yield* leaf.give("cim", "principal", id, "admit", { kind: "person", roles: ["voter"] });
  yield* leaf.give("ada", "graph", "shop", "import", shop);
  yield* leaf.settle;
  return hosts;
});

const request = Effect.fnUntraced(function* (leaf: Leaf, more: Payload = {}) {
  const payload = { graph: "shop", target: "simulated", monitorSeconds: 1, ...more };
  const requested = yield* leaf.give("ada", "deployment", "d1", "request", payload);
  expect(requested._tag).toBe("Success");
  yield* leaf.settle;
});

const setPolicy = (leaf: Leaf, document: Payload) =>
  leaf.give("rule-votes", "policy", "deployment", "set", { awaitConditions: true, ...document });
const deployment = (leaf: Leaf) => leaf.document("deployments", "d1");
const freeze = (leaf: Leaf, id: string, underWay = "finish-host") =>
  leaf.give("olga", "freeze", id, "freeze", { reason: "an incident", underWay });
const lift = Effect.fnUntraced(function* (leaf: Leaf, id: string) {
  const proposed = yield* leaf.give("olga", "freeze", id, "unfreeze", { reason: "it is over" });
  expect(proposed).toMatchObject({ _tag: "Success" });
  yield* leaf.settle;
  for (const voter of ["ann", "bob"])
    yield* leaf.give(voter, "proposal", `unfreeze=${id}-1`, "vote", { choice: "approve" });
  yield* leaf.settle;
});

test.each(["everything", "graph-shop", "host-back"])(
  "nothing begins to activate while %s is frozen, and it goes on once the vote has lifted the freeze",
  (id) =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        const hosts = yield* assemble(leaf);
        yield* freeze(leaf, id);
        yield* request(leaf);
        expect(yield* deployment(leaf)).toMatchObject({
          status: "waiting",
          waiting: { for: [{ is: "freeze", freeze: id, reason: "an incident", by: "olga" }] },
        });
        yield* leaf.pass(400);
        expect(yield* deployment(leaf)).toMatchObject({ status: "waiting" });
        expect([...hosts]).toEqual([]);
        yield* lift(leaf, id);
        yield* leaf.pass(2);
        const ended = yield* deployment(leaf);
        expect(ended).toMatchObject({ status: "succeeded" });
        expect(ended).not.toHaveProperty("waiting");
      }),
    ),
);

test("a freeze of another graph and of another host holds nothing back", () =>
  inLeaf((leaf) =>
    Effect.gen(function* () {
      yield* assemble(leaf);
      yield* freeze(leaf, "graph-other");
      yield* freeze(leaf, "host-elsewhere");
      yield* request(leaf);
      yield* leaf.pass(2);
      expect(yield* deployment(leaf)).toMatchObject({ status: "succeeded" });
    }),
  ));

test("what is under way goes back, if the freeze says so", () =>
  inLeaf((leaf) =>
    Effect.gen(function* () {
      yield* assemble(leaf, { hangsAfter: { host: "front", step: "confirmed" } });
      yield* request(leaf);
      expect(yield* deployment(leaf)).toMatchObject({ status: "deploying" });
      yield* freeze(leaf, "everything", "go-back");
      yield* leaf.settle;
      expect(yield* deployment(leaf)).toMatchObject({
        status: "rolled-back",
        reason: "frozen",
        detail: "everything was frozen by olga: an incident",
      });
    }),
  ));

test("what is under way is held, if the freeze says so: its time limit stands still, and begins again afterwards", () =>
  inLeaf((leaf) =>
    Effect.gen(function* () {
      yield* assemble(leaf, { hangsAfter: { host: "front", step: "confirmed" } });
      yield* request(leaf, { timeoutSeconds: 130, votingSeconds: 20 });
      yield* freeze(leaf, "graph-shop");
      yield* leaf.pass(200);
      expect(yield* deployment(leaf)).toMatchObject({ status: "deploying" });
      yield* lift(leaf, "graph-shop");
      yield* leaf.pass(129);
      expect(yield* deployment(leaf)).toMatchObject({ status: "deploying" });
      yield* leaf.pass(2);
      expect(yield* deployment(leaf)).toMatchObject({ status: "rolled-back", reason: "timeout" });
    }),
  ));

test("an approved deployment waits for its change window, and has all of its time then", () =>
  inLeaf((leaf) =>
    Effect.gen(function* () {
      yield* assemble(leaf);
      // The test's clock begins on Thursday, 1 January 1970.
      const window = { days: ["thu"], from: "00:10", to: "01:00", timeZone: "UTC" };
      yield* setPolicy(leaf, { changeWindows: [window] });
      yield* request(leaf);
      expect(yield* deployment(leaf)).toMatchObject({
        status: "waiting",
        waiting: { for: [{ is: "window", opensAt: "1970-01-01T00:10:00.000Z" }] },
      });
      yield* leaf.pass(599);
      expect(yield* deployment(leaf)).toMatchObject({ status: "waiting" });
      yield* leaf.pass(3);
      expect(yield* deployment(leaf)).toMatchObject({ status: "succeeded" });
    }),
  ));

test("a policy without windows lets begin what has waited for one", () =>
  inLeaf((leaf) =>
    Effect.gen(function* () {
      yield* assemble(leaf);
      const window = { days: ["fri"], from: "00:10", to: "01:00", timeZone: "UTC" };
      yield* setPolicy(leaf, { changeWindows: [window] });
      yield* request(leaf);
      expect(yield* deployment(leaf)).toMatchObject({ status: "waiting" });
      yield* setPolicy(leaf, {});
      yield* leaf.pass(2);
      expect(yield* deployment(leaf)).toMatchObject({ status: "succeeded" });
    }),
  ));

test("an approval that is too old is void: the deployment fails before a host is touched", () =>
  inLeaf((leaf) =>
    Effect.gen(function* () {
      const hosts = yield* assemble(leaf);
      yield* setPolicy(leaf, { approvalExpiresSeconds: 100 });
      yield* freeze(leaf, "everything");
      yield* request(leaf);
      expect(yield* deployment(leaf)).toMatchObject({ status: "waiting", waiting: { expiresAt: expect.any(String) } });
      yield* leaf.pass(99);
      expect(yield* deployment(leaf)).toMatchObject({ status: "waiting" });
      yield* leaf.pass(2);
      expect(yield* deployment(leaf)).toMatchObject({ status: "failed", reason: "approval-expired" });
      expect([...hosts]).toEqual([]);
    }),
  ));
