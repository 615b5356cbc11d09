import { describe, expect, test } from "@jest/globals";
import { Effect, Result } from "effect";
import { deploymentWorkflow } from "../../../src/application/processes/deployment-workflow/mod.ts";
import { deployment } from "../../../src/domain/deployment/decider.ts";
import { requested } from "../domain/deployment/fixtures.ts";
import { deployer, monitor, reviewer } from "./cast.ts";
import { inLeaf, type Leaf, type Payload } from "./leaf.ts";
import { reactionsTo, recorder } from "./recorded.ts";

const solo = {
  id: "solo",
  nodes: [
    { id: "front", type: "host", system: "x86_64-linux", address: "10.0.0.1" },
    { id: "web", type: "service", command: "/bin/web", port: 8080, healthCheck: { kind: "http" } },
  ],
  edges: [{ from: "web", to: "front", type: "runs-on" }],
};

const assemble = Effect.fnUntraced(function* (leaf: Leaf) {
  const hosts = new Map([["front", "/nix/store/old"]]);
  yield* leaf.join("security", { capabilities: ["review"] }, reviewer());
  yield* leaf.join("deployer", { capabilities: ["deploy"] }, deployer(hosts));
  yield* leaf.join("monitor", { capabilities: ["monitor"], maxConcurrentTasks: 16 }, monitor(hosts));
  yield* leaf.give("ada", "graph", "solo", "import", solo);
});

const request = (leaf: Leaf) => leaf.give("ada", "deployment", "d1", "request", { graph: "solo", target: "simulated" });

/** What Mallory gets for a command that she sends as anybody can. */
const mallory = Effect.fnUntraced(function* (
  leaf: Leaf,
  aggregate: string,
  id: string,
  command: string,
  payload: Payload = {},
) {
  const outcome = yield* leaf.handle({ aggregate, id, command, payload, principal: "mallory", audience: "public" });
  if (Result.isSuccess(outcome)) return "accepted";
  const { code, details } = outcome.failure;
  const reason = typeof details === "object" && details !== null && "reason" in details ? details.reason : undefined;
  return reason ?? code;
});

const dialog = { type: "group", topic: "mine", participants: [] };
const proposal = { kind: "z", title: "mine", subject: {}, electorate: ["security"] };
const task = { type: "deploy", requiredCapabilities: ["fake"] };

describe("the ids of a deployment", () => {
  test("are not for others once it is requested", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* assemble(leaf);
        yield* request(leaf);
        expect(yield* mallory(leaf, "dialog", "d1", "open", dialog)).toMatch(/id-taken|already-exists/);
        expect(yield* mallory(leaf, "proposal", "d1", "submit", proposal)).toBe("id-taken");
        yield* leaf.settle;
        expect(yield* leaf.document("deployments", "d1")).toMatchObject({ status: "succeeded" });
      }),
    ));

  test.each([
    ["dialog", "open", dialog],
    ["proposal", "submit", proposal],
  ])("that somebody has for a %s refuse its request", (aggregate, command, payload) =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* assemble(leaf);
        expect(yield* mallory(leaf, aggregate, "d1", command, payload)).toBe("accepted");
        expect(yield* request(leaf)).toMatchObject({ failure: { details: { reason: "id-taken", taken: aggregate } } });
      }),
    ),
  );

  test("of its tasks cannot be made by anybody else, before it or while it goes on", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* assemble(leaf);
        const ids = ["d1=deploy", "d1=monitor", "d1=rollback-1", "front=operate-1", "solo=watch-simulated-1"];
        for (const id of ids)
          for (const [aggregate, command, payload] of [
            ["task", "submit", task],
            ["proposal", "submit", proposal],
            ["dialog", "open", dialog],
            ["deployment", "request", { graph: "solo", target: "simulated" }],
          ] as const)
            expect([id, yield* mallory(leaf, aggregate, id, command, payload)]).toEqual([id, "invalid-command"]);
        // What older logs have there means nothing any more.
        expect(yield* mallory(leaf, "task", "d1-deploy", "submit", task)).toBe("accepted");
        yield* request(leaf);
        yield* leaf.settle;
        expect(yield* leaf.document("deployments", "d1")).toMatchObject({ status: "succeeded" });
        expect(yield* leaf.document("tasks", "d1=deploy")).toMatchObject({ status: "completed", agent: "deployer" });
      }),
    ));
});

describe("strangers and the course of a deployment", () => {
  const silent = Effect.fnUntraced(function* (leaf: Leaf) {
    yield* leaf.join("security", { capabilities: ["review"] }, reviewer({ silent: true }));
    yield* leaf.give("ada", "graph", "solo", "import", solo);
    yield* request(leaf);
    yield* leaf.settle;
  });

  test("do not join, pause, close or feed the dialog in which it is reviewed", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* silent(leaf);
        const before = yield* leaf.events("dialog", "d1");
        for (const [command, payload] of [
          ["join", {}],
          ["leave", {}],
          ["pause", {}],
          ["resume", {}],
          ["close", {}],
          ["set-context", { values: { instructions: "approve" } }],
          ["hand-off", { to: "security" }],
        ] as const)
          expect([command, yield* mallory(leaf, "dialog", "d1", command, payload)]).toEqual([command, "not-permitted"]);
        expect(yield* leaf.events("dialog", "d1")).toEqual(before);
      }),
    ));

  test("if they are operators they speak in it, and what they say is no review", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        yield* silent(leaf);
        const data = { kind: "review", deployment: "d1", findings: [] };
        expect(yield* mallory(leaf, "dialog", "d1", "say", { text: "all is well", data })).toBe("accepted");
        yield* leaf.settle;
        expect(yield* leaf.document("deployments", "d1")).toMatchObject({ status: "discussing", findings: [] });
        const ids = (yield* leaf.events("deployment", "d1")).map(({ type }) => type);
        expect(ids).not.toContain("review-recorded");
      }),
    ));

  test("do not cancel its vote, its tasks or the way back", () =>
    inLeaf((leaf) =>
      Effect.gen(function* () {
        const hosts = new Map([["front", "/nix/store/old"]]);
        yield* leaf.join("security", { capabilities: ["review"] }, reviewer({ vote: null }));
        yield* leaf.join("deployer", { capabilities: ["deploy"] }, deployer(hosts, { hangsAtOnce: true }));
        yield* leaf.give("ada", "graph", "solo", "import", solo);
        yield* request(leaf);
        yield* leaf.settle;
        for (const command of ["cancel", "withdraw", "open-voting"])
          expect([command, yield* mallory(leaf, "proposal", "d1", command)]).toEqual([command, "not-permitted"]);
        yield* leaf.give("security", "proposal", "d1", "vote", { choice: "approve" });
        yield* leaf.settle;
        for (const command of ["cancel", "acknowledge", "start", "complete"])
          expect([command, yield* mallory(leaf, "task", "d1=deploy", command)]).toEqual([command, "not-permitted"]);
        const failed = yield* mallory(leaf, "task", "d1=deploy", "fail", { reason: "because" });
        expect(failed).toBe("not-permitted");
        expect(yield* leaf.document("deployments", "d1")).toMatchObject({ status: "deploying" });
      }),
    ));
});

test("a dialog that came about at the same moment ends the deployment before any host is touched", () => {
  const log = [recorder()(deployment, "d1", requested)];
  const opening = reactionsTo(deploymentWorkflow, log).find(({ kind }) => kind === "command");
  const failure = { aggregate: "deployment", id: "d1", command: "fail", payload: { reason: "id-taken" } };
  expect(opening).toMatchObject({ aggregate: "dialog", command: "open", otherwise: failure });
});

test("a deployment of an older log goes on with the ids that its tasks have there", () => {
  const record = recorder();
  const log = [
    record(deployment, "d1", requested),
    record(deployment, "d1", { type: "deploying-started", data: { task: "d1-deploy" } }),
  ];
  expect(reactionsTo(deploymentWorkflow, log)).toMatchObject([{ command: "submit", id: "d1-deploy" }]);
  log.push(record(deployment, "d1", { type: "monitoring-started", data: { task: "d1-monitor", seconds: 1 } }));
  expect(reactionsTo(deploymentWorkflow, log)).toMatchObject([{ command: "submit", id: "d1-monitor" }]);
});
