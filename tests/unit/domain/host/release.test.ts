import { describe, expect, test } from "@jest/globals";
import { Result } from "effect";
import { graphOf } from "../../../../src/domain/host/state.ts";
import { deployed, drifted, type Event, given, known, report, stateAfter, well } from "./fixtures.ts";

describe("the policy of a host", () => {
  const set = { type: "set-policy", payload: { onDrift: "report" } } as const;
  const event: Event = { type: "host-policy-set", data: { onDrift: "report" } };
  const by = (principal: string) => ({ principal, known: { ...known, owners: ["ann"] } });

  test("is for the owner of the graph that has it, and for admins", () => {
    expect(given([deployed]).when(set, by("ann"))).toEqual(Result.succeed([event]));
    expect(given([deployed]).refuses(set, by("mallory"))).toBe("not-the-owner");
  });
  test("is for operators while no graph has it", () => {
    const released: Event = { type: "host-released", data: { graph: "shop", reason: "it moves" } };
    expect(given([deployed, released]).when(set, by("otto"))).toEqual(Result.succeed([event]));
  });
});

describe("releasing a host", () => {
  const release = { type: "release", payload: { reason: "it moves" } } as const;
  const released: Event = { type: "host-released", data: { graph: "shop", reason: "it moves" } };
  const knowing = (owners: ReadonlyArray<string>) => ({ principal: "ann", known: { ...known, owners } });

  test("is for the owner of the graph that has it, and for admins", () => {
    expect(given([deployed]).when(release, knowing(["ann", "root"]))).toEqual(Result.succeed([released]));
    expect(given([deployed]).refuses(release, knowing(["root"]))).toBe("not-the-owner");
  });
  test("leaves it without a graph, so that nothing there is drift", () => {
    const after = stateAfter([deployed, drifted(1, "closure"), released]);
    expect(graphOf(after)).toBeUndefined();
    expect(after.drifts).toEqual([]);
    expect(after.closure).toBe("/nix/store/new");
    expect(given([deployed, released]).when(report({ ...well, closure: "/nix/store/other" }))).toMatchObject({
      success: [{ type: "host-state-reported" }],
    });
  });
  test("needs a graph that has it, and no deployment that changes it", () => {
    expect(given([]).refuses(release, knowing(["ann"]))).toBe("no-graph");
    const reverted: Event = { type: "host-reverted", data: { deployment: "d1", closure: "/nix/store/old" } };
    expect(given([deployed, reverted]).refuses(release, knowing(["ann"]))).toBe("no-graph");
    const changing: Event = { type: "host-change-begun", data: { deployment: "d2" } };
    expect(given([deployed, changing]).refuses(release, knowing(["ann"]))).toBe("deployment-in-progress");
  });
});
