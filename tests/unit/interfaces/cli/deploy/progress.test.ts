import { describe, expect, test } from "@jest/globals";
import type { HostProgress } from "../../../../../src/contract/views/deployments.ts";
import type { DeploymentStatus } from "../../../../../src/domain/deployment/contract.ts";
import { isOver } from "../../../../../src/domain/deployment/lifecycle.ts";
import { progressBetween, progressLines } from "../../../../../src/interfaces/cli/deploy/progress.ts";
import { deploymentSummary, exitCodeOf, summaryLine } from "../../../../../src/interfaces/cli/deploy/summary.ts";
import { deployment } from "./fixtures.ts";

const requested = deployment({
  hosts: [
    { id: "leaf-1", wave: 1, address: "10.0.0.1", status: "pending" },
    { id: "leaf-2", wave: 2, address: "10.0.0.2", status: "pending" },
  ],
});
const finding = {
  reviewer: "security",
  rule: "open",
  severity: "warning",
  nodes: ["web"],
  edges: [],
  message: "open",
} as const;

describe("progress", () => {
  test("a first document tells where the deployment stands", () => {
    expect(progressBetween(undefined, requested)).toEqual([
      { type: "progress", deployment: "shop-1", kind: "phase", status: "requested" },
    ]);
  });

  test("findings, ballots, hosts and the phase they lead to, each once", () => {
    const voting = { ...requested, status: "voting", findings: [finding] } as const;
    expect(progressBetween(requested, voting).map(({ kind }) => kind)).toEqual(["finding", "phase"]);
    const ballot = { ...voting, ballots: [{ voter: "security", choice: "approve" }] } as const;
    expect(progressBetween(voting, ballot)).toMatchObject([{ kind: "ballot", voter: "security", choice: "approve" }]);
    expect(progressBetween(ballot, ballot)).toEqual([]);
  });

  test("what is seen at once is told in the order in which it must have happened", () => {
    const atOnce = {
      ...requested,
      findings: [finding],
      ballots: [{ voter: "security", choice: "approve" }],
    } as const;
    const kinds = (status: DeploymentStatus) =>
      progressBetween(requested, { ...atOnce, status }).map(({ kind }) => kind);
    expect(kinds("discussing")).toEqual(["ballot", "phase", "finding"]);
    expect(kinds("voting")).toEqual(["finding", "phase", "ballot"]);
    expect(kinds("generating")).toEqual(["finding", "ballot", "phase"]);
  });

  test("what programs print stands under their host", () => {
    const output = { host: "leaf-1", step: "built", lines: ["compiling", "a\u001b[2Jb"] } as const;
    expect(progressLines({ type: "progress", deployment: "shop-1", kind: "output", ...output })).toEqual([
      "    leaf-1 | compiling",
      "    leaf-1 | a\u001b[2Jb",
    ]);
  });

  test("a host's step carries its closures", () => {
    const before = { id: "leaf-1", wave: 1, address: "10.0.0.1" };
    const hosts = [{ ...before, status: "reverted", closure: "/new", previous: "/old" } as const];
    const [step] = progressBetween(requested, { ...requested, hosts });
    expect(step).toMatchObject({ kind: "host", host: "leaf-1", status: "reverted", closure: "/new", previous: "/old" });
    expect(step && progressLines(step)).toEqual(["  wave 1 leaf-1 reverted /old"]);
  });

  test.each<DeploymentStatus>([
    "requested",
    "discussing",
    "voting",
    "generating",
    "deploying",
    "monitoring",
    "rolling-back",
  ])("%s is under way", (status) => expect(isOver(status)).toBe(false));
});

describe("the summary", () => {
  test.each<[DeploymentStatus, number]>([
    ["succeeded", 0],
    ["rejected", 3],
    ["rolled-back", 4],
    ["rollback-incomplete", 1],
    ["failed", 1],
    ["cancelled", 1],
  ])("%s has ended, with exit code %d", (status, code) => {
    expect(isOver(status)).toBe(true);
    expect(exitCodeOf(status)).toBe(code);
  });

  test("a host's closure is the one that it runs in the end", () => {
    const host = { id: "h", wave: 1, address: "10.0.0.1", closure: "/new", previous: "/old" };
    const runs = (status: HostProgress["status"], running = new Map<string, string>()) =>
      deploymentSummary({ ...requested, hosts: [{ ...host, status }] }, running).hosts[0]?.closure;
    expect(runs("confirmed")).toBe("/new");
    expect(runs("activated")).toBe("/new");
    expect(runs("reverted")).toBe("/old");
    expect(runs("built")).toBe("/old");
    expect(runs("unreachable")).toBeUndefined();
    expect(runs("pending", new Map([["h", "/found"]]))).toBe("/found");
  });

  test("is the line that the contract names", () => {
    const line = summaryLine(false, [deploymentSummary({ ...requested, status: "rejected", phases: { voting: 12 } })]);
    expect(JSON.parse(JSON.stringify(line))).toEqual({
      type: "summary",
      ok: false,
      deployments: [
        {
          id: "shop-1",
          graph: "shop",
          version: 3,
          status: "rejected",
          phases: { voting: 12 },
          findings: [],
          ballots: [],
          hosts: [
            { id: "leaf-1", status: "pending" },
            { id: "leaf-2", status: "pending" },
          ],
        },
      ],
    });
  });
});
