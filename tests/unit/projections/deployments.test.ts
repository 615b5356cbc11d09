import { describe, expect, test } from "@jest/globals";
import { proposal } from "../../../src/domain/consensus/decider.ts";
import { deployment } from "../../../src/domain/deployment/decider.ts";
import type { EventOf } from "../../../src/domain/kernel/mod.ts";
import { task } from "../../../src/domain/task/decider.ts";
import { deployments } from "../../../src/projections/deployments.ts";
import { makeLog, timeAt } from "./log.ts";

type Event = EventOf<typeof deployment.events>;

const plan = (host: string) => ({ host, address: `${host}.example`, system: "x86_64-linux" as const, checks: [] });
const revision = {
  graphVersion: 3,
  graphDigest: "sha256-graph",
  flakeDigest: "sha256-flake",
  waves: [[plan("back")], [plan("front")]],
};
const settings = { discussionSeconds: 30, votingSeconds: 60, monitorSeconds: 30, timeoutSeconds: 300 };
const requested: Event = {
  type: "deployment-requested",
  data: {
    graph: "shop",
    ...revision,
    target: "simulated",
    protocol: "simple-majority",
    reviewers: ["ann", "bob"],
    settings,
    pinnedVersion: false,
    requestedBy: "ada",
  },
};
const discussing: Event = { type: "discussion-started", data: { dialog: "d1", deadline: timeAt(60) } };
const voting: Event = { type: "voting-started", data: { proposal: "d1" } };
const finding = { rule: "no-backup", severity: "warning", nodes: ["db"], edges: [], message: "no backup" } as const;
const toDeploying: ReadonlyArray<Event> = [
  requested,
  discussing,
  voting,
  { type: "deployment-approved", data: { conditions: [] } },
  { type: "deploying-started", data: { task: "d1=deploy" } },
];
const rollback = (attempt: number): Event => ({
  type: "rollback-started",
  data: { reason: "unhealthy", phase: "deploying", attempt, task: `d1=rollback-${attempt}`, hosts: ["back"] },
});

/** The document after one commit a second for each event. */
const documentAfter = (...events: ReadonlyArray<Event>) => {
  const log = makeLog();
  for (const event of events) log.commit(deployment, "d1", [event]);
  return log.documents(deployments).get("d1");
};

test("a request shows what is deployed, by whom, and on which hosts", () => {
  expect(documentAfter(requested)).toEqual({
    id: "d1",
    graph: "shop",
    graphVersion: 3,
    reviewed: [],
    graphDigest: "sha256-graph",
    flakeDigest: "sha256-flake",
    target: "simulated",
    status: "requested",
    statusSince: timeAt(1),
    phases: {},
    reviewers: ["ann", "bob"],
    findings: [],
    blocking: [],
    rounds: [],
    ballots: [],
    hosts: [
      { id: "back", wave: 1, address: "back.example", status: "pending" },
      { id: "front", wave: 2, address: "front.example", status: "pending" },
    ],
    requestedBy: "ada",
    requestedAt: timeAt(1),
    updatedAt: timeAt(1),
    version: 1,
    position: 1,
  });
});

test("findings name their reviewers", () => {
  const review: Event = {
    type: "review-recorded",
    data: { reviewer: "ann", findings: [finding], provenance: { tool: "rules" } },
  };
  expect(documentAfter(requested, discussing, review)?.findings).toEqual([
    { reviewer: "ann", round: 1, ...finding, provenance: { tool: "rules" } },
  ]);
});

test("phases count the milliseconds between events, those that come again together", () => {
  const document = documentAfter(
    ...toDeploying,
    rollback(1),
    { type: "rollback-incomplete", data: { hosts: ["back"] } },
    rollback(2),
    { type: "deployment-rolled-back", data: { hosts: ["back"] } },
  );
  expect(document?.phases).toEqual({
    requested: 1000,
    discussing: 1000,
    voting: 1000,
    generating: 1000,
    deploying: 1000,
    "rolling-back": 2000,
  });
  expect(document).toMatchObject({ status: "rolled-back", reason: "unhealthy", endedAt: timeAt(9) });
});

test("a deployment that is rolled back again has not ended", () => {
  const document = documentAfter(
    ...toDeploying,
    rollback(1),
    { type: "rollback-incomplete", data: { hosts: ["back"] } },
    rollback(2),
  );
  expect(document?.status).toBe("rolling-back");
  expect(document).not.toHaveProperty("endedAt");
});

test("a host's status is its last step", () => {
  const document = documentAfter(
    ...toDeploying,
    { type: "host-step-recorded", data: { host: "back", step: "recorded", previous: "/old" } },
    { type: "host-step-recorded", data: { host: "back", step: "built", closure: "/new" } },
  );
  expect(document?.hosts[0]).toMatchObject({ status: "built", previous: "/old", closure: "/new" });
});

test("an amendment replaces what is deployed", () => {
  const amended: Event = {
    type: "revision-amended",
    data: { ...revision, graphVersion: 4, graphDigest: "sha256-amended", waves: [[plan("only")]], changes: [] },
  };
  expect(documentAfter(...toDeploying.slice(0, 4), amended)).toMatchObject({
    graphVersion: 4,
    graphDigest: "sha256-amended",
    hosts: [{ id: "only", wave: 1 }],
  });
});

test("the agent is the one that has the newest task, and nobody while nobody has it", () => {
  const log = makeLog();
  for (const event of toDeploying) log.commit(deployment, "d1", [event]);
  const assigned = (id: string, agent: string, attempt = 1) =>
    log.commit(task, id, [
      {
        type: "task-assigned",
        data: { agent, attempt, strategy: "least-loaded", reasons: [], acknowledgeBy: "2026-01-01T00:00:00.000Z" },
      },
    ]);
  const agent = () => log.documents(deployments).get("d1")?.agent;
  expect(log.documents(deployments).get("d1")?.task).toBe("d1=deploy");
  expect(agent()).toBeUndefined();
  assigned("d1=monitor", "eve");
  assigned("d1", "eve");
  expect(agent()).toBeUndefined();
  assigned("d1=deploy", "deployer");
  expect(agent()).toBe("deployer");
  assigned("d1=deploy", "deputy", 2);
  expect(agent()).toBe("deputy");
  log.commit(deployment, "d1", [rollback(1)]);
  expect(agent()).toBeUndefined();
});

describe("ballots", () => {
  const ballot = (voter: string, choice: "approve" | "reject"): EventOf<typeof proposal.events> => ({
    type: "ballot-cast",
    data: { voter, weight: 1, choice, replaces: false },
  });

  test("are the newest of each reviewer, from the proposal with the deployment's id", () => {
    const log = makeLog();
    for (const event of [requested, discussing, voting]) log.commit(deployment, "d1", [event]);
    log.commit(proposal, "d1", [ballot("ann", "reject")]);
    log.commit(proposal, "d1", [ballot("bob", "approve")]);
    log.commit(proposal, "d1", [ballot("ann", "approve")]);
    log.commit(proposal, "d1", [ballot("eve", "approve")]);
    log.commit(proposal, "d2", [ballot("ann", "reject")]);
    const document = log.documents(deployments).get("d1");
    expect(document?.ballots).toEqual([
      { voter: "bob", choice: "approve" },
      { voter: "ann", choice: "approve" },
    ]);
    expect(document).toMatchObject({ version: 3, position: 6 });
    expect(log.documents(deployments).has("d2")).toBe(false);
  });

  test("do not count outside the vote", () => {
    const log = makeLog();
    for (const event of [requested, discussing]) log.commit(deployment, "d1", [event]);
    log.commit(proposal, "d1", [ballot("ann", "reject")]);
    expect(log.documents(deployments).get("d1")?.ballots).toEqual([]);
  });
});
