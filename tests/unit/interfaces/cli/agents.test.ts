import { expect, test } from "@jest/globals";
import type { AgentEntry } from "../../../../src/contract/views/agents.ts";
import { agentListing, principalListing } from "../../../../src/interfaces/cli/agents.ts";

const agent: AgentEntry = {
  id: "bob",
  roles: ["participant", "voter"],
  version: 1,
  position: 1,
  name: "Bob",
  status: "online",
  registered: true,
  capabilities: ["review", "plan"],
  capabilityDetails: { plan: { version: "2.1", maxConcurrent: 3 } },
  maxConcurrentTasks: 4,
  activeTasks: ["t1"],
  registeredAt: "2026-01-01T00:00:00.000Z",
  lastSeen: "2026-01-02T00:00:00.000Z",
};

test("a principal's row says who answers for it, whether it may do anything, and its roles", () => {
  const rose = { id: "rose", version: 1, position: 1, admitted: true, kind: "agent", owner: "ann" } as const;
  const roles = ["participant", "voter"] as const;
  expect(principalListing.row({ ...rose, roles, revokedKeys: [] })).toEqual([
    "rose",
    "agent",
    "ann",
    "admitted",
    "participant, voter",
  ]);
});

test("an agent's row says whether it is there, since when, how busy it is and what it can do", () => {
  expect(agentListing.row(agent)).toEqual([
    "bob",
    "online",
    "2026-01-02T00:00:00.000Z",
    "1 of 4",
    "participant, voter",
    "review, plan 2.1 (3 at once)",
    "Bob",
  ]);
});

test("people are people, and who left has left", () => {
  const { lastSeen: _, ...newcomer } = agent;
  expect(agentListing.row({ ...newcomer, status: "offline", metadata: { kind: "person" } }).slice(1, 3)).toEqual([
    "person",
    agent.registeredAt,
  ]);
  expect(agentListing.row({ ...agent, registered: false })[1]).toBe("deregistered");
});

test("what was asked for and not granted is beside what an agent can do, and a suspension in place of its roles", () => {
  expect(agentListing.row({ ...agent, askedFor: ["deploy"] })[5]).toBe(
    "review, plan 2.1 (3 at once); asked for: deploy",
  );
  expect(agentListing.row({ ...agent, roles: [], stopped: "suspended by `op`: odd" })[4]).toBe(
    "suspended by `op`: odd",
  );
});
