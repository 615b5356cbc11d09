import { expect, test } from "@jest/globals";
import { agent } from "../../../src/domain/agent/decider.ts";
import { dialog } from "../../../src/domain/dialog/decider.ts";
import { audit } from "../../../src/projections/audit.ts";
import { makeLog, timeAt } from "./log.ts";

test("every aggregate has a line: how many events, the newest, and its place in the chain", () => {
  const log = makeLog();
  log.commit(
    agent,
    "alice",
    [{ type: "agent-registered", data: { capabilities: [], maxConcurrentTasks: 1 } }],
    "alice",
  );
  log.commit(
    agent,
    "alice",
    [
      { type: "presence-changed", data: { status: "online", previous: "offline" } },
      { type: "agent-deregistered", data: {} },
    ],
    "operator",
  );
  log.commit(dialog, "alice", [{ type: "participant-joined", data: { participant: "bob" } }], "bob");
  const documents = log.documents(audit);
  expect([...documents.keys()]).toEqual(["agent.alice", "dialog.alice"]);
  expect(documents.get("agent.alice")).toEqual({
    id: "agent.alice",
    aggregate: "agent",
    aggregateId: "alice",
    version: 3,
    position: 2,
    events: 3,
    lastEvent: "agent-deregistered",
    lastActor: "operator",
    createdAt: timeAt(1),
    updatedAt: timeAt(2),
    cid: "cid-agent.alice.3",
  });
});
