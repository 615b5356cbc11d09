import { describe, expect, test } from "@jest/globals";
import { agent } from "../../../src/domain/agent/decider.ts";
import { task } from "../../../src/domain/task/decider.ts";
import { agents } from "../../../src/projections/agents.ts";
import { makeLog, timeAt } from "./log.ts";

const profile = { name: "Alice", capabilities: ["review"], maxConcurrentTasks: 2 };

const logWithAlice = () => {
  const log = makeLog();
  log.commit(agent, "alice", [{ type: "agent-registered", data: profile }]);
  return log;
};
const assignment = { strategy: "least-loaded", reasons: [], attempt: 1, acknowledgeBy: timeAt(60) };

test("an agent is what it said of itself, offline until its first heartbeat", () => {
  expect(logWithAlice().documents(agents).get("alice")).toEqual({
    id: "alice",
    ...profile,
    status: "offline",
    registered: true,
    activeTasks: [],
    registeredAt: timeAt(1),
    version: 1,
    position: 1,
  });
});

test("it follows presence, capabilities and registration", () => {
  const log = logWithAlice();
  log.commit(agent, "alice", [{ type: "presence-changed", data: { status: "online", previous: "offline" } }]);
  log.commit(agent, "alice", [{ type: "capabilities-updated", data: { capabilities: [], maxConcurrentTasks: 1 } }]);
  log.commit(agent, "alice", [{ type: "agent-deregistered", data: {} }]);
  expect(log.documents(agents).get("alice")).toEqual({
    id: "alice",
    name: "Alice",
    capabilities: [],
    maxConcurrentTasks: 1,
    status: "offline",
    registered: false,
    activeTasks: [],
    registeredAt: timeAt(1),
    lastSeen: timeAt(4),
    version: 4,
    position: 4,
  });
});

test("a new registration leaves nothing of the old profile, but presence", () => {
  const log = logWithAlice();
  log.commit(agent, "alice", [{ type: "presence-changed", data: { status: "online", previous: "offline" } }]);
  log.commit(agent, "alice", [{ type: "agent-registered", data: { capabilities: [], maxConcurrentTasks: 1 } }]);
  expect(log.documents(agents).get("alice")).toEqual({
    id: "alice",
    capabilities: [],
    maxConcurrentTasks: 1,
    status: "online",
    registered: true,
    activeTasks: [],
    registeredAt: timeAt(1),
    lastSeen: timeAt(2),
    version: 3,
    position: 3,
  });
});

describe("active tasks", () => {
  test("are those assigned; the position moves, the version does not", () => {
    const log = logWithAlice();
    log.commit(task, "t1", [{ type: "task-assigned", data: { agent: "alice", ...assignment } }]);
    log.commit(task, "t2", [{ type: "task-assigned", data: { agent: "alice", ...assignment } }]);
    log.commit(task, "t2", [{ type: "task-acknowledged", data: { agent: "alice" } }]);
    expect(log.documents(agents).get("alice")).toMatchObject({ activeTasks: ["t1", "t2"], version: 1, position: 3 });
  });

  test.each([
    ["completed", [{ type: "task-completed", data: { agent: "alice" } }]],
    ["failed", [{ type: "task-failed", data: { agent: "alice", reason: "broken" } }]],
    ["cancelled", [{ type: "task-cancelled", data: { by: "bob", agent: "alice" } }]],
    ["taken back", [{ type: "assignment-expired", data: { agent: "alice", attempt: 1, reason: "unacknowledged" } }]],
    [
      "taken back for the last time",
      [
        { type: "assignment-expired", data: { agent: "alice", attempt: 1, reason: "unacknowledged" } },
        { type: "task-failed", data: { agent: "alice", reason: "attempts-exhausted" } },
      ],
    ],
  ] as const)("end when they are %s", (_, events) => {
    const log = logWithAlice();
    log.commit(task, "t1", [{ type: "task-assigned", data: { agent: "alice", ...assignment } }]);
    log.commit(task, "t1", events);
    expect(log.documents(agents).get("alice")).toMatchObject({ activeTasks: [], version: 1, position: 3 });
  });

  test("of someone who never registered make no agent", () => {
    const log = makeLog();
    log.commit(task, "t1", [{ type: "task-assigned", data: { agent: "nobody", ...assignment } }]);
    expect(log.documents(agents).size).toBe(0);
  });
});
