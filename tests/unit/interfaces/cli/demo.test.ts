import { describe, expect, test } from "@jest/globals";
import { type DemoOutcome, wentWell } from "../../../../src/interfaces/cli/demo.ts";
import { deploymentDocument } from "../../../../src/interfaces/cli/deploy/document.ts";

const deployment = (status: string, closure: string) =>
  deploymentDocument({
    id: status,
    graph: "shop",
    graphVersion: 1,
    flakeDigest: "sha256-f",
    status,
    phases: {},
    findings: [],
    ballots: [],
    hosts: [{ id: "leaf-1", wave: 1, status: "confirmed", closure }],
  });

const good: DemoOutcome = {
  first: deployment("succeeded", "/first"),
  before: new Map([["leaf-1", "/first"]]),
  second: deployment("rolled-back", "/second"),
  after: new Map([["leaf-1", "/first"]]),
};

describe("the demonstration went as it should", () => {
  test("where the second deployment went back to exactly what the first had put there", () => {
    expect(wentWell(good)).toBe(true);
  });

  test.each<readonly [string, Partial<DemoOutcome>]>([
    ["the first deployment failed", { first: deployment("failed", "/first") }],
    ["the second deployment succeeded", { second: deployment("succeeded", "/second") }],
    ["the rollback is incomplete", { second: deployment("rollback-incomplete", "/second") }],
    ["a host runs something else now", { after: new Map([["leaf-1", "/second"]]) }],
    ["a host does not answer now", { after: new Map() }],
    ["a host never ran what was recorded", { before: new Map([["leaf-1", "/other"]]) }],
    ["there was no host", { first: { ...good.first, hosts: [] } }],
  ])("not where %s", (_, difference) => {
    expect(wentWell({ ...good, ...difference })).toBe(false);
  });
});
