import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { lanesOf } from "../../../../src/console/page/pages/fleet/lanes.ts";
import { rings } from "../../../../src/console/page/pages/knowledge/layout.ts";
import { defined } from "../../../../src/domain/kernel/mod.ts";

const minute = 60_000;
const at = (time: number) => new Date(time).toISOString();
const attempt = (begin: number, end?: number, why = "completed") => ({
  attempt: 1,
  agent: "deployer-1",
  strategy: "least-loaded",
  reasons: [],
  assignedAt: at(begin),
  ...defined({ ended: end === undefined ? undefined : { at: at(end), why } }),
});
const task = (id: string, ...attempts: ReadonlyArray<ReturnType<typeof attempt>>) => ({
  id,
  leftOut: [],
  type: "deploy",
  status: "in-progress" as const,
  attempts,
});

describe("lanes of tasks", () => {
  test("an attempt is cut at the edges of what is shown; one that goes on lasts until the end", () => {
    const lanes = lanesOf(
      [task("a", attempt(-10 * minute, 30 * minute)), task("b", attempt(45 * minute))],
      0,
      60 * minute,
    );
    expect(lanes.get("deployer-1")).toEqual([
      expect.objectContaining({ task: "a", tone: "ok", from: 0, share: 0.5 }),
      expect.objectContaining({ task: "b", tone: "moving", from: 0.75, share: 0.25 }),
    ]);
  });

  test("what was over before is left out; a failure is one", () => {
    const lanes = lanesOf(
      [task("a", attempt(-9, -5)), task("b", attempt(minute, 2 * minute, "failed"))],
      0,
      60 * minute,
    );
    expect(lanes.get("deployer-1")).toEqual([expect.objectContaining({ task: "b", tone: "bad" })]);
  });
});

describe("the picture of a neighbourhood", () => {
  const graph = (pairs: ReadonlyArray<readonly [string, string]>) => ({
    nodes: [...new Set(pairs.flat())].map((key) => ({ key })),
    edges: pairs.map(([source, target]) => ({ source, target })) as never,
  });

  test("rings by distance, in either direction of facts", () => {
    const places = rings(
      "web",
      graph([
        ["web", "leaf-1"],
        ["gateway", "leaf-1"],
        ["far", "away"],
      ]),
    );
    expect(Object.fromEntries([...places].map(([key, { distance }]) => [key, distance]))).toEqual({
      web: 0,
      "leaf-1": 1,
      gateway: 2,
      far: 3,
      away: 3,
    });
    expect(places.get("web")).toMatchObject({ x: 0, y: 0 });
  });

  test("the same for everyone, in whatever order facts come; no two at one place", () =>
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(fc.nat(20), fc.nat(20)), { minLength: 1, maxLength: 40 }), (pairs) => {
        const facts = pairs.map(([one, other]) => [`n${one}`, `n${other}`] as const);
        const centre = facts[0]?.[0] ?? "";
        const places = rings(centre, graph(facts));
        const again = rings(centre, graph(facts.toReversed()));
        for (const [key, place] of places) expect(again.get(key)).toEqual(place);
        const spots = new Set([...places.values()].map(({ x, y }) => `${x.toFixed(6)} ${y.toFixed(6)}`));
        expect(spots.size).toBe(places.size);
      }),
    ));
});
