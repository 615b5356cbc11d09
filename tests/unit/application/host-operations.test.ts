import { describe, expect, test } from "@jest/globals";
import type { Action } from "../../../src/application/action.ts";
import { hostOperations } from "../../../src/application/processes/host-operations/mod.ts";
import { placementChanges } from "../../../src/application/processes/host-operations/scale.ts";
import { agent } from "../../../src/domain/agent/decider.ts";
import { proposal } from "../../../src/domain/consensus/decider.ts";
import { freeze } from "../../../src/domain/freeze/decider.ts";
import { host } from "../../../src/domain/host/decider.ts";
import type { EventOf, RecordedEvent } from "../../../src/domain/kernel/mod.ts";
import { task } from "../../../src/domain/task/decider.ts";
import { reactionsTo, recorder } from "./recorded.ts";

type HostEvent = EventOf<typeof host.events>;
type ProposalEvent = EventOf<typeof proposal.events>;
type TaskEvent = EventOf<typeof task.events>;

const placement = {
  graph: "shop",
  graphVersion: 7,
  nodes: [{ node: "web", units: ["web.service"] }],
  checks: [],
};
const drifted = (drift: number, unit?: string): HostEvent => ({
  type: "host-drift-detected",
  data: {
    drift,
    ...(unit === undefined ? { kind: "closure" } : { kind: "unit", unit }),
    expected: "/new",
    observed: "/by-hand",
    detail: "it runs /by-hand, not /new",
  },
});
const resolved = (drift: number): HostEvent => ({
  type: "host-drift-resolved",
  data: { drift, kind: "closure", by: "observed" },
});
const away = (drift: number): HostEvent => ({
  type: "host-drift-detected",
  data: { drift, kind: "unreachable", expected: "an answer", observed: "none", detail: "it does not answer" },
});
const back = (drift: number): HostEvent => ({
  type: "host-drift-resolved",
  data: { drift, kind: "unreachable", by: "observed" },
});
const change = { change: 1, action: "restart", node: "web", units: ["web.service"], by: "ops" } as const;
const tally = { approve: 1, reject: 0, abstain: 0, total: 1, quorumRequired: 1, quorumReached: true };
const submittedProposal: ProposalEvent = {
  type: "proposal-submitted",
  data: {
    kind: "repair",
    title: "t",
    subject: {},
    protocol: "simple-majority",
    quorum: "1/2",
    votingSeconds: 60,
    discussionSeconds: 0,
    ballotsMayChange: true,
    proposer: "x",
  },
};
const approved: ProposalEvent = { type: "proposal-enacted", data: { outcome: "approved", tally, conditions: [] } };
const submittedTask: TaskEvent = {
  type: "task-submitted",
  data: {
    type: "operate",
    requiredCapabilities: ["deploy"],
    preferredCapabilities: [],
    priority: "high",
    acknowledgeWithinSeconds: 5,
    maxAttempts: 5,
  },
};

const told = (action: Action): string => {
  if (action.kind === "command") return `${action.command} ${action.id}`;
  return action.kind === "operation" ? `${action.operation} ${JSON.stringify(action.input)}` : action.kind;
};

/** A log with a deployed host `leaf-1` and, unless it is said otherwise, a reviewer. */
const story = (withReviewer = true) => {
  const record = recorder();
  const events: Array<RecordedEvent> = [];
  const log = {
    agent: (id: string, event: EventOf<typeof agent.events>) => events.push(record(agent, id, event)),
    host: (event: HostEvent) => events.push(record(host, "leaf-1", event)),
    freeze: (id: string, event: EventOf<typeof freeze.events>) => events.push(record(freeze, id, event)),
    proposal: (id: string, event: ProposalEvent, actor = "host-operations") =>
      events.push(record(proposal, id, event, actor)),
    task: (id: string, event: TaskEvent, actor = "host-operations") => events.push(record(task, id, event, actor)),
    follows: (): ReadonlyArray<string> => reactionsTo(hostOperations, events).map(told),
    actions: () => reactionsTo(hostOperations, events),
    joined: (id: string, capabilities: ReadonlyArray<string>) => {
      log.agent(id, { type: "agent-registered", data: { capabilities, maxConcurrentTasks: 1 } });
      log.agent(id, { type: "presence-changed", data: { status: "online", previous: "offline" } });
    },
  };
  if (withReviewer) log.joined("ann", ["review"]);
  log.joined("deployer", ["deploy"]);
  log.host({
    type: "host-enrolled",
    data: { address: "10.0.0.1", system: "x86_64-linux", target: "nixos", ssh: { port: 22 }, graph: "shop" },
  });
  log.host({ type: "host-deployed", data: { deployment: "d1", closure: "/new", previous: "/old", placement } });
  return log;
};

describe("a drift", () => {
  test("is put to the vote of the reviewers", () => {
    const log = story();
    log.host(drifted(1));
    expect(log.follows()).toEqual(["submit leaf-1=repair-1"]);
    expect(log.actions()[0]).toMatchObject({
      payload: {
        kind: "repair",
        electorate: ["ann"],
        subject: { host: "leaf-1", kind: "closure", closure: "/new", expected: "/new", observed: "/by-hand" },
      },
    });
  });

  test("that is approved is repaired by an agent that can deploy, once", () => {
    const log = story();
    log.host(drifted(1));
    log.proposal("leaf-1=repair-1", submittedProposal);
    log.proposal("leaf-1=repair-1", approved);
    expect(log.follows()).toEqual(["submit leaf-1=repair-1"]);
    expect(log.actions()[0]).toMatchObject({
      aggregate: "task",
      payload: {
        type: "repair",
        requiredCapabilities: ["deploy"],
        payload: {
          host: "leaf-1",
          address: "10.0.0.1",
          target: "nixos",
          ssh: { port: 22 },
          kind: "closure",
          closure: "/new",
        },
      },
    });
    log.proposal("leaf-1=repair-1", approved);
    expect(log.follows()).toEqual([]);
  });

  test.each<[string, ReadonlyArray<HostEvent>]>([
    ["is over", [resolved(1)]],
    ["is in a host that a deployment is changing", [{ type: "host-change-begun", data: { deployment: "d2" } }]],
  ])("that %s when it is approved is left alone", (_, meanwhile) => {
    const log = story();
    log.host(drifted(1));
    log.proposal("leaf-1=repair-1", submittedProposal);
    for (const event of meanwhile) log.host(event);
    log.proposal("leaf-1=repair-1", approved);
    expect(log.follows()).toEqual([]);
  });

  test.each(["everything", "graph-shop", "host-leaf-1"])(
    "that is approved is repaired once %s is not frozen any more, and nothing else is",
    (id) => {
      const log = story();
      log.host(drifted(1));
      log.proposal("leaf-1=repair-1", submittedProposal);
      for (const frozen of [id, "host-leaf-2"])
        log.freeze(frozen, { type: "frozen", data: { freeze: 1, reason: "an incident", underWay: "finish-host" } });
      log.proposal("leaf-1=repair-1", approved);
      expect(log.follows()).toEqual([]);
      log.freeze(id, { type: "unfrozen", data: { freeze: 1, proposal: "p" } });
      expect(log.follows()).toEqual(["submit leaf-1=repair-1"]);
      expect(log.actions()[0]).toMatchObject({ aggregate: "task", payload: { type: "repair" } });
    },
  );

  test("that comes back while its proposal is open opens no second one, and the first one counts for it", () => {
    const log = story();
    log.host(drifted(1));
    log.proposal("leaf-1=repair-1", submittedProposal);
    log.host(resolved(1));
    log.host(drifted(2));
    expect(log.follows()).toEqual([]);
    log.host(drifted(3, "web.service"));
    expect(log.follows()).toEqual(["submit leaf-1=repair-3"]);
    log.proposal("leaf-1=repair-1", approved);
    expect(log.follows()).toEqual(["submit leaf-1=repair-1"]);
  });

  test.each<[string, HostEvent, HostEvent]>([
    ["where the host only reports", { type: "host-policy-set", data: { onDrift: "report" } }, drifted(1)],
    [
      "where the host does not answer",
      { type: "host-policy-set", data: { onDrift: "propose" } },
      {
        type: "host-drift-detected",
        data: { drift: 1, kind: "unreachable", expected: "a", observed: "b", detail: "c" },
      },
    ],
  ])("is not put to the vote %s", (_, policy, drift) => {
    const log = story();
    log.host(policy);
    log.host(drift);
    expect(log.follows()).toEqual([]);
  });

  test("waits for a reviewer where there is none", () => {
    const log = story(false);
    log.host(drifted(1));
    expect(log.follows()).toEqual([]);
    log.joined("ann", ["review"]);
    expect(log.follows()).toEqual(["submit leaf-1=repair-1"]);
  });

  test("whose repair fails is proposed again when the host, having been away, answers again", () => {
    const log = story();
    const failed: TaskEvent = { type: "task-failed", data: { agent: "deployer", reason: "unreachable" } };
    log.host(drifted(1));
    log.proposal("leaf-1=repair-1", submittedProposal);
    log.proposal("leaf-1=repair-1", approved);
    log.task("leaf-1=repair-1", submittedTask);
    log.host(away(2));
    log.task("leaf-1=repair-1", failed);
    expect(log.follows()).toEqual([]);
    log.host(back(2));
    expect(log.follows()).toEqual(["submit leaf-1=repair-1-after-2"]);
    log.host(away(3));
    log.host(back(3));
    expect(log.follows()).toEqual([]);
  });

  test("whose repair failed and which is over, or which nobody tried to repair, is not proposed again", () => {
    const log = story();
    log.host(drifted(1));
    log.proposal("leaf-1=repair-1", submittedProposal);
    log.host(away(2));
    log.host(back(2));
    expect(log.follows()).toEqual([]);
    log.proposal("leaf-1=repair-1", approved);
    log.task("leaf-1=repair-1", submittedTask);
    log.task("leaf-1=repair-1", { type: "task-failed", data: { agent: "deployer", reason: "repair-failed" } });
    log.host(away(3));
    log.host(resolved(1));
    log.host(back(3));
    expect(log.follows()).toEqual([]);
  });

  test("is not repaired by a proposal that somebody else made under its id, or that is not approved", () => {
    const log = story();
    log.host(drifted(1));
    log.proposal("leaf-1=repair-1", submittedProposal, "mallory");
    log.proposal("leaf-1=repair-1", approved);
    expect(log.follows()).toEqual([]);
    const other = story();
    other.host(drifted(1));
    other.proposal("leaf-1=repair-1", submittedProposal);
    other.proposal("leaf-1=repair-1", { type: "proposal-expired", data: { tally } });
    expect(other.follows()).toEqual([]);
  });
});

describe("what may be done", () => {
  const requested: HostEvent = { type: "operation-requested", data: change };
  const task1 = "leaf-1=operate-1";

  test("is a task, whose end is told to the host", () => {
    const log = story();
    log.host(requested);
    expect(log.follows()).toEqual([`submit ${task1}`]);
    expect(log.actions()[0]).toMatchObject({
      payload: { type: "operate", payload: { host: "leaf-1", action: "restart", units: ["web.service"] } },
    });
    log.task(task1, submittedTask);
    log.task(task1, { type: "task-completed", data: { agent: "deployer" } });
    expect(log.actions()).toMatchObject([{ id: "leaf-1", command: "record-operated", payload: { change: 1 } }]);
  });

  test("and fails is told with the reason", () => {
    const log = story();
    log.host(requested);
    log.task(task1, submittedTask);
    log.task(task1, {
      type: "task-failed",
      data: { agent: "deployer", reason: "unreachable", data: { detail: "no" } },
    });
    expect(log.actions()).toMatchObject([{ payload: { change: 1, failure: "unreachable: no" } }]);
  });

  test("ends where a deployment begins to change the host", () => {
    const log = story();
    log.host(requested);
    log.task(task1, submittedTask);
    log.host({ type: "host-change-begun", data: { deployment: "d2" } });
    expect(log.follows()).toEqual([`cancel ${task1}`]);
  });

  test("is a change of the graph and a deployment, where a node is to run elsewhere", () => {
    const log = story();
    log.host({ type: "operation-requested", data: { ...change, action: "scale", hosts: ["leaf-2"] } });
    expect(log.actions()).toMatchObject([
      {
        kind: "operation",
        operation: "scale",
        input: { operation: task1, graph: "shop", target: "nixos", node: "web", hosts: ["leaf-2"] },
      },
    ]);
  });
});

describe("a proposed change", () => {
  const proposed: HostEvent = { type: "change-proposed", data: change };
  test("is put to the vote, and approved on its host", () => {
    const log = story();
    log.host(proposed);
    expect(log.follows()).toEqual(["submit leaf-1=change-1"]);
    expect(log.actions()[0]).toMatchObject({
      payload: {
        kind: "change",
        subject: { host: "leaf-1", action: "restart", node: "web", by: "ops", graphVersion: 7 },
      },
    });
    log.proposal("leaf-1=change-1", submittedProposal);
    log.proposal("leaf-1=change-1", approved);
    expect(log.follows()).toEqual(["approve-change leaf-1"]);
  });
  test("ends where it is not approved", () => {
    const log = story();
    log.host(proposed);
    log.proposal("leaf-1=change-1", submittedProposal);
    log.proposal("leaf-1=change-1", { type: "proposal-rejected", data: { tally, reason: "majority" } });
    expect(log.actions()).toMatchObject([
      { command: "record-operated", payload: { change: 1, failure: "proposal leaf-1=change-1 is rejected" } },
    ]);
  });
});

test("placing a node elsewhere changes exactly its `runs-on` edges", () => {
  const edge = (to: string) => ({ from: "web", to, type: "runs-on" }) as const;
  const other = { from: "db", to: "a", type: "runs-on" } as const;
  const document = { id: "g", nodes: [], edges: [edge("a"), edge("b"), other] };
  expect(placementChanges(document, "web", ["b", "c"])).toEqual([
    { type: "disconnect", id: "web/runs-on/a" },
    { type: "connect", edge: edge("c") },
  ]);
});
