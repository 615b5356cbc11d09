import { describe, expect, test } from "@jest/globals";
import { noRuleFor, voteOnChange, voteOnRepair } from "../../../../src/agents/reviewers/host-matters.ts";
import type { GraphDocument } from "../../../../src/domain/graph/document.ts";

describe("the vote on a repair", () => {
  const subject = { host: "leaf-1", kind: "unit", unit: "web.service", closure: "/new" } as const;
  const drift = { kind: "unit", unit: "web.service" } as const;
  test.each([
    ["approves what brings back what was deployed", { desired: { closure: "/new" }, drifts: [drift] }, "approve"],
    ["abstains where it is not needed any more", { desired: { closure: "/new" }, drifts: [] }, "abstain"],
    [
      "abstains where another unit has failed",
      { desired: { closure: "/new" }, drifts: [{ ...drift, unit: "x" }] },
      "abstain",
    ],
    ["rejects what would bring back something else", { desired: { closure: "/newer" }, drifts: [drift] }, "reject"],
    ["rejects where nobody knows what should run", { drifts: [drift] }, "reject"],
  ] as const)("%s", (_, document, choice) => {
    expect(voteOnRepair(subject, document).choice).toBe(choice);
  });
});

describe("the vote on a change", () => {
  const graph: GraphDocument = {
    id: "g",
    nodes: [
      { id: "a", type: "host", system: "x86_64-linux", address: "a" },
      { id: "web", type: "service", command: "/web" },
      { id: "db", type: "service", command: "/db" },
    ],
    edges: [{ from: "web", to: "db", type: "depends-on" }],
  };
  const vote = (action: "start" | "stop" | "restart" | "scale", node: string) =>
    voteOnChange({ host: "a", action, node, graph: "g", graphVersion: 1 }, graph);
  test.each([
    ["start", "db", "approve"],
    ["restart", "db", "approve"],
    ["scale", "db", "approve"],
    ["stop", "web", "approve"],
    ["stop", "db", "reject"],
  ] as const)("%s %s: %s", (action, node, choice) => {
    expect(vote(action, node).choice).toBe(choice);
  });
  test("names who uses what would be stopped", () => {
    expect(vote("stop", "db").reason).toContain("`web` use db");
  });
});

test("what a reviewer has no rule for is answered, with the reason", () => {
  expect(noRuleFor("lunch")).toEqual({
    choice: "abstain",
    reason: "this reviewer has no rule for proposals of kind `lunch`",
  });
});
