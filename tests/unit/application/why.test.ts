import { describe, expect, test } from "@jest/globals";
import { Effect, Result } from "effect";
import type { HostReasons } from "../../../src/contract/views/hosts.ts";
import { deployer, type Hosts, monitor, reviewer, type Trouble } from "./cast.ts";
import { inLeaf, type Leaf, type Payload } from "./leaf.ts";

const host = (id: string, address: string) => ({ id, type: "host", system: "x86_64-linux", address });
const shop = {
  id: "shop",
  nodes: [
    host("front", "10.0.0.1"),
    host("back", "10.0.0.2"),
    { id: "web", type: "service", command: "/bin/web", port: 8080 },
    { id: "db", type: "database", engine: "postgresql" },
  ],
  edges: [
    { from: "web", to: "front", type: "runs-on" },
    { from: "db", to: "back", type: "runs-on" },
    { from: "web", to: "db", type: "depends-on" },
  ],
};

const condition = {
  text: "keep the data safe",
  changes: [{ type: "update-node", id: "db", changes: { backupSchedule: "0 2 * * *" } }],
};
const finding = { rule: "continuity/no-backup", severity: "warning", nodes: ["db"], edges: [], message: "no backup" };

/** Changes a node of the graph of `ada`, as the backend does in the name of a voter. */
const change = (leaf: Leaf, principal: string, payload: Payload) =>
  leaf.handle({ aggregate: "graph", id: "shop", command: "update-node", payload, principal, audience: "internal" });

/** A deployment `d1` that security approved, and cat on a condition. */
const deployed = Effect.fnUntraced(function* (leaf: Leaf, trouble: Trouble = {}) {
  const hosts: Hosts = new Map();
  yield* leaf.join("security", { capabilities: ["review"] }, reviewer({ vote: { choice: "approve", reason: "fine" } }));
  const vote = { choice: "approve", conditions: [condition] };
  const first: Payload = { ...finding, changes: condition.changes };
  yield* leaf.join("cat", { capabilities: ["review"] }, reviewer({ findings: [first], vote }));
  yield* leaf.join("deployer", { capabilities: ["deploy"] }, deployer(hosts, trouble));
  yield* leaf.join("monitor", { capabilities: ["monitor"] }, monitor(hosts));
  yield* leaf.give("ada", "graph", "shop", "import", shop);
  yield* change(leaf, "bob", { id: "web", changes: { args: ["--fast"] } });
  yield* leaf.give("ada", "deployment", "d1", "request", { graph: "shop", target: "simulated" });
  yield* leaf.settle;
});

const ask = (leaf: Leaf, input: Payload) =>
  Effect.map(leaf.ask("hosts", "why", input), (answer) => answer as unknown as HostReasons);

const refusalOf = (leaf: Leaf, input: Payload) =>
  Effect.map(Effect.result(leaf.ask("hosts", "why", input)), (result) =>
    Result.isFailure(result) ? result.failure : undefined,
  );

const textsOf = ({ commits }: HostReasons) => commits.map(({ changes }) => changes.map(({ text }) => text));

describe("why a host runs what it runs", () => {
  test("goes back over deployment, decision, ballots and dialog to the commits of the graph", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* deployed(leaf);
        const told = yield* ask(leaf, { host: "back" });
        const closure = "/nix/store/d1=deploy-back";
        expect(told).toMatchObject({
          host: "back",
          running: { closure },
          deployed: { closure },
          deployment: {
            id: "d1",
            status: "succeeded",
            target: "simulated",
            graph: "shop",
            graphVersion: 10,
            flakeDigest: expect.stringMatching(/^sha256-/),
            requested: { actor: "ada", event: "deployment.d1.1" },
            arrival: {
              closure,
              previous: "/nix/store/first",
              confirmed: { event: expect.stringMatching(/^host\.back\./) },
            },
            amendment: { from: 9, to: 10 },
            nodes: ["db"],
          },
          decision: {
            proposal: "d1",
            outcome: "approved",
            tally: { approve: 2, reject: 0 },
            ballots: expect.arrayContaining([
              expect.objectContaining({ voter: "security", choice: "approve", reason: "fine", replaced: false }),
              expect.objectContaining({ voter: "cat", conditions: [condition] }),
            ]),
          },
          discussion: {
            dialog: "d1",
            turns: expect.arrayContaining([
              expect.objectContaining({ speaker: "cat", text: "my review", findings: [finding] }),
            ]),
          },
          amendments: [{ voter: "cat", condition: condition.text, changes: ['`db`: `backupSchedule` is "0 2 * * *"'] }],
          rolledBack: [],
          commits: [
            { version: 10, actor: "cat", command: "import", amends: "d1" },
            { version: 8, actor: "ada", command: "import", event: "graph.shop.8" },
          ],
        });
        expect(told).not.toHaveProperty("difference");
        expect(textsOf(told)[0]).toEqual(['`db`: `backupSchedule` is "0 2 * * *"']);
        for (const { position, cid, event, time, actor } of told.commits)
          expect(yield* leaf.ask("audit", "event", { id: event })).toMatchObject({ position, cid, time, actor });
      }),
    ));

  test("is told of a node alone, and never of what came after what is deployed", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* deployed(leaf);
        yield* change(leaf, "eve", { id: "web", changes: { port: 9090 } });
        const told = yield* ask(leaf, { host: "front", node: "web" });
        expect(told).toMatchObject({ host: "front", node: "web", commits: [{ actor: "bob" }, { actor: "ada" }] });
        expect(textsOf(told)).toEqual([
          ['`web`: `args` is ["--fast"]'],
          ["adds service `web`", "adds the edge `web` depends-on `db`", "places `web` on `front`"],
        ]);
        expect(yield* ask(leaf, { host: "front", node: "web", limit: 1 })).toMatchObject({
          commits: [{ actor: "bob" }],
          earlierCommits: 1,
        });
      }),
    ));

  test("is not amended by a condition that holds already", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* deployed(leaf);
        yield* change(leaf, "bob", { id: "db", changes: { version: "16" } });
        const payload = { graph: "shop", target: "simulated", acceptDataLoss: ["db"] };
        yield* leaf.give("ada", "deployment", "d2", "request", payload);
        yield* leaf.settle;
        const told = yield* ask(leaf, { host: "back" });
        expect(told).toMatchObject({ deployment: { id: "d2", graphVersion: 11 }, rolledBack: [] });
        expect(told.commits.map(({ version, actor, amends }) => [version, actor, amends])).toEqual([
          [11, "bob", undefined],
          [10, "cat", "d1"],
          [8, "ada", undefined],
        ]);
      }),
    ));

  test("after a rollback is the deployment before, and what became of the other one", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        const trouble: { failsAt?: { host: string; step: string } } = {};
        yield* deployed(leaf, trouble);
        trouble.failsAt = { host: "front", step: "healthy" };
        yield* change(leaf, "bob", { id: "web", changes: { port: 9090 } });
        yield* leaf.give("eve", "deployment", "d2", "request", { graph: "shop", target: "simulated" });
        yield* leaf.settle;
        const told = yield* ask(leaf, { host: "back", node: "db" });
        expect(told.commits.map(({ version, amends }) => [version, amends])).toEqual([
          [10, "d1"],
          [8, undefined],
        ]);
        expect(told).toMatchObject({
          running: { closure: "/nix/store/d1=deploy-back" },
          deployment: { id: "d1", status: "succeeded" },
          decision: { proposal: "d1" },
          rolledBack: [
            {
              id: "d2",
              status: "rolled-back",
              restored: "/nix/store/d1=deploy-back",
              requested: { actor: "eve" },
              stop: { reason: "check-failed", phase: "deploying" },
            },
          ],
        });
        yield* leaf.give("eve", "deployment", "d1", "roll-back", { reason: "go home" });
        yield* leaf.settle;
        const before = yield* ask(leaf, { host: "back" });
        expect(before).toMatchObject({
          deployed: { closure: "/nix/store/first" },
          rolledBack: [
            { id: "d1", stop: { reason: "rollback-requested", detail: "go home", by: "eve" } },
            { id: "d2" },
          ],
          commits: [],
        });
        expect(before).not.toHaveProperty("deployment");
        expect(yield* refusalOf(leaf, { host: "back", node: "db" })).toMatchObject({
          details: { reason: "node-not-on-host" },
          message: expect.stringContaining("rolled back"),
        });
      }),
    ));

  test("says that nobody deployed what runs, since when and who saw it", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* deployed(leaf);
        const report = { closure: "/nix/store/by-hand", health: "healthy", drift: true };
        yield* leaf.grant("watch", "monitor");
        yield* leaf.give("watch", "host", "front", "report-state", report);
        expect(yield* ask(leaf, { host: "front" })).toMatchObject({
          running: { closure: "/nix/store/by-hand" },
          deployed: { closure: "/nix/store/d1=deploy-front" },
          difference: { text: "nobody deployed what runs there", since: { actor: "watch" } },
          deployment: { id: "d1" },
        });
      }),
    ));

  test("cannot be told of a host that is not there or was never deployed to, nor of a node elsewhere", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* deployed(leaf);
        yield* leaf.grant("watch", "monitor");
        yield* leaf.give("watch", "host", "new", "report-state", { closure: "/nix/store/x", health: "healthy" });
        expect(yield* refusalOf(leaf, { host: "gone" })).toMatchObject({
          code: "rejected",
          details: { reason: "not-found" },
          message: expect.stringContaining("there is no host `gone`"),
        });
        expect(yield* refusalOf(leaf, { host: "new" })).toMatchObject({
          details: { reason: "not-deployed" },
          message: expect.stringContaining("deploy a graph that has it"),
        });
        expect(yield* refusalOf(leaf, { host: "front", node: "db" })).toMatchObject({
          details: { reason: "node-not-on-host" },
          message: expect.stringContaining("it is on `back`: ask there"),
        });
        expect(yield* refusalOf(leaf, { host: "front", node: "nothing" })).toMatchObject({
          message: expect.stringContaining("ask for one of `web`"),
        });
        expect(yield* refusalOf(leaf, { host: "Front" })).toMatchObject({ code: "invalid-command" });
      }),
    ));
});
