import { describe, expect, test } from "@jest/globals";
import { type HostPlan, isUntouched, summaryOf, summaryText } from "../../../src/console/page/pages/plan/summary.ts";
import { emptyForm, faultsOf, newDeploymentId, requestOf } from "../../../src/console/page/parts/request/request.ts";
import { runningVersions } from "../../../src/console/page/parts/running.ts";
import { comparedFiles } from "../../../src/console/page/parts/text/files.ts";

const host = (more: Partial<HostPlan> = {}): HostPlan => ({
  host: "a",
  address: "10.0.0.1",
  nodes: ["web"],
  change: "changed",
  build: true,
  units: { started: ["web.service"], stopped: [], restarted: ["old.service", "other.service"] },
  firewall: { opened: [{ to: "web", transport: "tcp", port: 80 }], closed: [] },
  settings: [],
  ...more,
});
const quiet = host({
  host: "b",
  change: "unchanged",
  build: false,
  units: { started: [], stopped: [], restarted: [] },
  firewall: { opened: [], closed: [] },
});
const plan = (...hosts: ReadonlyArray<HostPlan>) => ({
  graph: "shop",
  graphVersion: 3,
  graphDigest: "g",
  flakeDigest: "f",
  waves: [hosts],
  gone: [],
  data: [{ host: "a", node: "orders", fate: "empty", text: "it moves" }] as const,
});

describe("the plan of a deployment", () => {
  test("is one sentence of what changes", () => {
    expect(summaryText(summaryOf(plan(host(), quiet)))).toBe(
      "1 host changes, 1 unit starts, 2 units restart, 1 opening in a firewall.",
    );
    expect(summaryText(summaryOf(plan(quiet)))).toBe("Nothing changes on its host.");
  });

  test("an unchanged host is passed over, and nodes whose data are at risk are counted", () => {
    expect([isUntouched(quiet), isUntouched(host())]).toEqual([true, false]);
    expect(summaryOf(plan(quiet)).risks).toBe(1);
  });

  test("what runs is what most hosts should run; other graphs do not count", () => {
    const desired = (graph: string, graphVersion: number) => ({
      desired: { deployment: "d", closure: "c", placement: { graph, graphVersion, nodes: [], checks: [] } },
    });
    expect(
      runningVersions("shop", [desired("shop", 2), desired("shop", 5), desired("shop", 2), desired("other", 9), {}]),
    ).toEqual([2, 5]);
  });
});

describe("a request", () => {
  const hosts = ["a", "b"];
  const form = emptyForm("shop-1", hosts);
  const at = { graph: "shop", version: 3, hosts };

  test("says only what was chosen, so that the policy decides the rest", () => {
    expect(requestOf(form, at)).toEqual({ graph: "shop", version: 3, target: "simulated" });
    const chosen = { ...form, hosts: new Set(["b"]), maxParallel: " 2 ", protocol: "unanimous", insist: true } as const;
    expect(requestOf(chosen, at)).toEqual({
      graph: "shop",
      version: 3,
      target: "simulated",
      hosts: ["b"],
      maxParallel: 2,
      protocol: "unanimous",
      insist: true,
    });
  });

  test("names what hosts may lose, and reboots only what stays", () => {
    const taking = { ...form, acceptRemovals: "a:mount:/data\nb:user:eve", reboot: true };
    expect(requestOf(taking, at)).toMatchObject({ acceptRemovals: ["a:mount:/data", "b:user:eve"], reboot: true });
    expect(faultsOf(taking)).toEqual({});
    expect(Object.keys(faultsOf({ ...taking, acceptRemovals: "/data", activation: "test" }))).toEqual([
      "acceptRemovals",
      "reboot",
    ]);
  });

  test("is not sent with a number that is none, without hosts, or under a name that no id can be", () => {
    expect(faultsOf(form)).toEqual({});
    expect(
      Object.keys(faultsOf({ ...form, id: "a b", hosts: new Set(), votingSeconds: "0", maxParallel: "x" })),
    ).toEqual(["id", "hosts", "maxParallel", "votingSeconds"]);
  });

  test("the names of a graph's deployments sort by time", () => {
    const [first, second] = [
      newDeploymentId("shop", 1_764_494_000_000, 0.9),
      newDeploymentId("shop", 1_764_494_001_000, 0),
    ];
    expect(first < second).toBe(true);
    expect(newDeploymentId("g".repeat(200), 1_764_494_000_000, 0.999_999).length).toBeLessThanOrEqual(100);
  });
});

test("files that differ come first; without anything to compare with none differs", () => {
  const after = { "a.nix": "1", "b.nix": "2", "d.nix": "4" };
  expect(
    comparedFiles({ "a.nix": "1", "b.nix": "0", "c.nix": "3" }, after).map(({ path, change }) => [path, change]),
  ).toEqual([
    ["b.nix", "changed"],
    ["c.nix", "removed"],
    ["d.nix", "added"],
    ["a.nix", "same"],
  ]);
  expect(comparedFiles(undefined, after).every(({ change }) => change === "same")).toBe(true);
});
