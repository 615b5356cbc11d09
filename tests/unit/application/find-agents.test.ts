import { expect, test } from "@jest/globals";
import { Effect } from "effect";
import { agentAnswers } from "../../../src/application/operations/agents.ts";
import type { AgentDocument } from "../../../src/contract/views/agents.ts";
import type { FullInputOf } from "../../../src/contract/views/mod.ts";
import { defined } from "../../../src/domain/kernel/mod.ts";

const agent = (
  id: string,
  status: AgentDocument["status"],
  activeTasks: ReadonlyArray<string>,
  version?: string,
  registered = true,
): AgentDocument => ({
  id,
  version: 1,
  position: 1,
  registered,
  registeredAt: "2026-01-01T00:00:00.000Z",
  status,
  capabilities: ["plan"],
  ...defined({ capabilityDetails: version === undefined ? undefined : { plan: { version } } }),
  maxConcurrentTasks: 2,
  activeTasks,
});
const agents = [
  agent("old", "online", [], "1.4"),
  agent("busy", "online", ["t"], "2.1"),
  agent("idle", "online", [], "2.0"),
  agent("away", "away", [], "2.3"),
  agent("gone", "offline", [], "2.3"),
  agent("left", "online", [], "2.3", false),
  agent("plain", "online", []),
];
const documents = new Map(agents.map((one) => [one.id, one]));

const found = (input: FullInputOf<"agents", "find">) => {
  const { items } = Effect.runSync(agentAnswers.find(input, documents));
  return items.map(({ id }) => id);
};

test.each([
  [{ capability: "plan" }, ["idle", "old", "plain", "busy", "away"]],
  [{ capability: "plan", version: "2.0" }, ["idle", "busy", "away"]],
  [{ capability: "plan", version: "2.1" }, ["busy", "away"]],
  [{ capability: "plan", version: "2", presence: "online" }, ["idle", "busy"]],
  [{ capability: "plan", version: "2", presence: "offline" }, ["gone"]],
  [{ capability: "dig" }, []],
] as const)("%j finds %j", (input, ids) => {
  expect(found(input)).toEqual(ids);
});
