import { describe, expect, test } from "@jest/globals";
import type { EventOf } from "../../../src/domain/kernel/mod.ts";
import { task } from "../../../src/domain/task/decider.ts";
import { tasks } from "../../../src/projections/tasks.ts";
import { makeLog, timeAt } from "./log.ts";

type Event = EventOf<typeof task.events>;

const request = {
  type: "deploy",
  requiredCapabilities: ["deploy"],
  preferredCapabilities: [],
  priority: "high",
  payload: { deployment: "d1" },
  acknowledgeWithinSeconds: 30,
  maxAttempts: 3,
} as const;
const submitted: Event = { type: "task-submitted", data: request };
const assigned: Extract<Event, { type: "task-assigned" }> = {
  type: "task-assigned",
  data: { agent: "alice", strategy: "round-robin", reasons: ["next"], attempt: 1, acknowledgeBy: timeAt(60) },
};
const acknowledged: Event = { type: "task-acknowledged", data: { agent: "alice" } };
const started: Event = { type: "task-started", data: { agent: "alice" } };

const documentAfter = (...events: ReadonlyArray<Event>) => {
  const log = makeLog();
  for (const event of events) log.commit(task, "t1", [event], "operator");
  return log.documents(tasks).get("t1");
};

test("a submitted task waits for an agent", () => {
  expect(documentAfter(submitted)).toEqual({
    id: "t1",
    type: "deploy",
    status: "submitted",
    since: timeAt(1),
    priority: "high",
    strategy: "capability-match",
    requiredCapabilities: ["deploy"],
    preferredCapabilities: [],
    payload: { deployment: "d1" },
    attempt: 0,
    maxAttempts: 3,
    attempts: [],
    openChildren: [],
    submitted: 1,
    submittedBy: "operator",
    submittedAt: timeAt(1),
    updatedAt: timeAt(1),
    version: 1,
    position: 1,
  });
});

test("it has an agent, and why, until the assignment expires", () => {
  expect(documentAfter(submitted, assigned)).toMatchObject({
    status: "assigned",
    agent: "alice",
    attempt: 1,
    reasons: ["next"],
  });
  const expired = documentAfter(submitted, assigned, {
    type: "assignment-expired",
    data: { agent: "alice", attempt: 1, reason: "agent-offline" },
  });
  expect(expired).toMatchObject({ status: "submitted", attempt: 1, version: 3, updatedAt: timeAt(3) });
  expect(expired).not.toHaveProperty("agent");
});

test("it shows the newest progress", () => {
  const progress = (percent: number): Event => ({ type: "progress-reported", data: { agent: "alice", percent } });
  expect(documentAfter(submitted, assigned, acknowledged, started, progress(10), progress(20))).toMatchObject({
    status: "in-progress",
    progress: { percent: 20, at: timeAt(6) },
  });
});

describe("the end", () => {
  test("has the result", () => {
    expect(
      documentAfter(submitted, assigned, acknowledged, started, {
        type: "task-completed",
        data: { agent: "alice", result: [1] },
      }),
    ).toMatchObject({ status: "completed", agent: "alice", result: [1] });
  });
  test("or the failure", () => {
    expect(
      documentAfter(submitted, assigned, { type: "task-failed", data: { agent: "alice", reason: "broken", data: 7 } }),
    ).toMatchObject({ status: "failed", agent: "alice", failure: { reason: "broken", data: 7 } });
  });
  test("or nothing", () => {
    expect(documentAfter(submitted, { type: "task-cancelled", data: { by: "bob" } })).toMatchObject({
      status: "cancelled",
    });
  });
});

test("it tells of every attempt, why it went to whom and how it ended", () => {
  const document = documentAfter(
    submitted,
    assigned,
    { type: "attempt-failed", data: { agent: "alice", attempt: 1, reason: "no disk" } },
    { type: "task-assigned", data: { ...assigned.data, agent: "bob", attempt: 2 } },
  );
  const attempt = { strategy: "round-robin", reasons: ["next"] };
  expect(document).toMatchObject({
    status: "assigned",
    since: timeAt(4),
    agent: "bob",
    attempts: [
      { ...attempt, attempt: 1, agent: "alice", assignedAt: timeAt(2), ended: { at: timeAt(3), why: "no disk" } },
      { ...attempt, attempt: 2, agent: "bob", assignedAt: timeAt(4) },
    ],
  });
});

describe("a task that was delegated", () => {
  const child = { ...request, type: "part" };
  const delegated: Event = {
    type: "task-delegated",
    data: { agent: "alice", chain: ["alice"], tasks: [{ ...child, id: "t1-1" }] },
  };
  const story = () => {
    const log = makeLog();
    for (const event of [submitted, assigned, acknowledged, started, delegated]) log.commit(task, "t1", [event], "op");
    log.commit(task, "t1-1", [{ type: "task-submitted", data: { ...child, parent: "t1", chain: ["alice"] } }], "x");
    return log;
  };

  test("shows how far its children are, and which it waits for", () => {
    const log = story();
    log.commit(task, "t1-1", [{ type: "task-assigned", data: { ...assigned.data, agent: "bob" } }], "x");
    expect(log.documents(tasks).get("t1")).toMatchObject({
      version: 5,
      position: 7,
      children: [{ id: "t1-1", type: "part", status: "assigned" }],
      openChildren: ["t1-1"],
    });
    expect(log.documents(tasks).get("t1-1")).toMatchObject({ parent: "t1", chain: ["alice"], submittedBy: "alice" });
  });
  test("waits for a child until it was told of its end", () => {
    const log = story();
    log.commit(task, "t1-1", [{ type: "task-failed", data: { reason: "no" } }], "x");
    expect(log.documents(tasks).get("t1")).toMatchObject({
      children: [{ id: "t1-1", status: "failed" }],
      openChildren: ["t1-1"],
    });
    log.commit(task, "t1", [{ type: "child-ended", data: { child: "t1-1", status: "failed" } }], "x");
    expect(log.documents(tasks).get("t1")).toMatchObject({ openChildren: [] });
  });
  test("waits for none after it was taken from its agent", () => {
    const log = story();
    const expired: Event = {
      type: "assignment-expired",
      data: { agent: "alice", attempt: 1, reason: "agent-offline" },
    };
    log.commit(task, "t1", [expired], "x");
    expect(log.documents(tasks).get("t1")).toMatchObject({ status: "submitted", openChildren: [] });
  });
});
