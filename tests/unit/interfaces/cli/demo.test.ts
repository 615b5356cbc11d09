import { describe, expect, test } from "@jest/globals";
import type { DeploymentDocument } from "../../../../src/contract/views/deployments.ts";
import { type DemoOutcome, wentWell } from "../../../../src/interfaces/cli/demo.ts";
import { deployment } from "./deploy/fixtures.ts";

const ended = (status: DeploymentDocument["status"], closure: string) =>
  deployment({ status, hosts: [{ id: "leaf-1", wave: 1, address: "10.0.0.1", status: "confirmed", closure }] });

const good: DemoOutcome = {
  first: ended("succeeded", "/first"),
  before: new Map([["leaf-1", "/first"]]),
  second: ended("rolled-back", "/second"),
  after: new Map([["leaf-1", "/first"]]),
};

describe("the demonstration went as it should", () => {
  test("where the second deployment went back to exactly what the first had put there", () => {
    expect(wentWell(good)).toBe(true);
  });

  test.each<readonly [string, Partial<DemoOutcome>]>([
    ["the first deployment failed", { first: ended("failed", "/first") }],
    ["the second deployment succeeded", { second: ended("succeeded", "/second") }],
    ["the rollback is incomplete", { second: ended("rollback-incomplete", "/second") }],
    ["a host runs something else now", { after: new Map([["leaf-1", "/second"]]) }],
    ["a host does not answer now", { after: new Map() }],
    ["a host never ran what was recorded", { before: new Map([["leaf-1", "/other"]]) }],
    ["there was no host", { first: { ...good.first, hosts: [] } }],
  ])("not where %s", (_, difference) => {
    expect(wentWell({ ...good, ...difference })).toBe(false);
  });
});
