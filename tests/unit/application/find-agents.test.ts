import { expect, test } from "@jest/globals";
import { Effect } from "effect";
import { agentOperations } from "../../../src/application/operations/agents.ts";
import { defined } from "../../../src/domain/kernel/mod.ts";

const agent = (status: string, activeTasks: ReadonlyArray<string>, version?: string, registered = true) => ({
  registered,
  status,
  capabilities: ["plan"],
  ...defined({ capabilityDetails: version === undefined ? undefined : { plan: { version } } }),
  maxConcurrentTasks: 2,
  activeTasks,
});
const documents = new Map([
  ["old", { id: "old", ...agent("online", [], "1.4") }],
  ["busy", { id: "busy", ...agent("online", ["t"], "2.1") }],
  ["idle", { id: "idle", ...agent("online", [], "2.0") }],
  ["away", { id: "away", ...agent("away", [], "2.3") }],
  ["gone", { id: "gone", ...agent("offline", [], "2.3") }],
  ["left", { id: "left", ...agent("online", [], "2.3", false) }],
  ["plain", { id: "plain", ...agent("online", []) }],
]);

const found = (input: Parameters<typeof agentOperations.find.answer>[0]) => {
  const { items } = Effect.runSync(agentOperations.find.answer(input, documents)) as {
    readonly items: ReadonlyArray<{ readonly id: string }>;
  };
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
