import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { proofOf, stepCell, wayBackOf } from "../../../../src/console/page/pages/deployment/course.ts";
import { openInputsOf, spansOf, tasksOf } from "../../../../src/console/page/pages/deployment/story.ts";
import { scaleOf } from "../../../../src/console/page/pages/deployment/timeline-scale.ts";
import type { DeploymentDocument } from "../../../../src/contract/views/deployments.ts";

type Host = DeploymentDocument["hosts"][number];

const at = "2026-11-30T12:00:00.000Z";
const [before, after] = ["/nix/store/aaaa-before", "/nix/store/bbbb-after"];
const host = (more: Partial<Host> = {}): Host => ({
  id: "leaf-1",
  wave: 1,
  address: "10.0.0.1",
  status: "pending",
  ...more,
});

test("while a wave is worked on, the first step that was not taken moves", () => {
  const moving = host({
    status: "built",
    steps: [
      { step: "recorded", at },
      { step: "built", at, milliseconds: 40 },
    ],
  });
  const status = { status: "deploying" } as const;
  expect(stepCell(moving, "built", status, 1)).toEqual({ state: "done", milliseconds: 40 });
  expect(stepCell(moving, "copied", status, 1).state).toBe("moving");
  expect(stepCell(moving, "activated", status, 1).state).toBe("open");
  expect(stepCell(moving, "copied", status, 2).state).toBe("none");
  expect(stepCell({ ...moving, failedAt: "copied" }, "copied", status, 1).state).toBe("failed");
});

test("a host that was not touched has nothing to undo, and one that was goes back", () => {
  const status = { status: "rolling-back" } as const;
  expect(wayBackOf(host(), status)).toBe("not-needed");
  expect(wayBackOf(host({ previous: before }), status)).toBe("moving");
  expect(wayBackOf(host({ previous: before, status: "reverted" }), status)).toBe("reverted");
  expect(wayBackOf(host({ previous: before }), { status: "rollback-incomplete" })).toBe("waits");
  expect(wayBackOf(host({ previous: before }), { status: "deploying" })).toBeUndefined();
});

test("a host that was put back is proved by its closure, not by what the deployment calls it", () => {
  const hosts: ReadonlyArray<Host> = [
    host({ id: "a", previous: before, closure: before, status: "reverted" }),
    host({ id: "b", previous: before, closure: after, status: "reverted" }),
    host({ id: "c" }),
    host({ id: "d", previous: before, closure: after, status: "confirmed" }),
    host({ id: "e", previous: before, closure: after, status: "unreachable" }),
  ];
  const deployment = { hosts, status: "rollback-incomplete" } as const;
  const proofs = proofOf(deployment, new Map([["c", before]]));
  expect(proofs.map(({ verdict }) => verdict)).toEqual(["same", "changed", "untouched", "changed", "unknown"]);
  expect(proofs[2]).toMatchObject({ before, now: before });
});

const event = (type: string, time: string, data: object = {}) => ({
  type,
  time: `2026-11-30T12:${time}.000Z`,
  data: { ...data },
});

test("phases come as they were, each round for itself, and the attempts at the way back in order", () => {
  const events = [
    event("deployment-requested", "00:00"),
    event("voting-started", "00:10"),
    event("revision-amended", "00:20"),
    event("deployment-approved", "00:30"),
    event("deploying-started", "00:31", { task: "d=deploy" }),
    event("rollback-started", "00:50", { task: "d=rollback-1", attempt: 1 }),
    event("rollback-incomplete", "00:55"),
    event("rollback-started", "10:00", { task: "d=rollback-2", attempt: 2 }),
  ];
  expect(
    spansOf(events, Date.parse("2026-11-30T12:11:00.000Z")).map(({ name, state, from, to }) => [
      name,
      (to - from) / 1000,
      state,
    ]),
  ).toEqual([
    ["design", 10, "fine"],
    ["agree 1", 10, "fine"],
    ["agree 2", 10, "fine"],
    ["generate", 1, "fine"],
    ["deploy", 19, "failed"],
    ["roll back", 5, "failed"],
    ["roll back", 60, "fine"],
  ]);
  expect(tasksOf(events).map(({ task, name }) => `${name}: ${task}`)).toEqual([
    "roll-out: d=deploy",
    "way back 1: d=rollback-1",
    "way back 2: d=rollback-2",
  ]);
});

test("a night of waiting is folded, and a minute among minutes is not", () => {
  const [second, hour] = [1_000, 3_600_000];
  const { folds, at: place } = scaleOf([0, 5 * second, 10 * second, 8 * hour, 8 * hour + 10 * second]);
  expect(folds).toEqual([{ from: 10 * second, to: 8 * hour }]);
  expect(place(10 * second)).toBeGreaterThan(0.4);
  expect(scaleOf([0, 60 * second, 120 * second, 180 * second]).folds).toEqual([]);
});

test("the axis never runs backwards, from 0 to 1", () => {
  const moments = fc.array(fc.integer({ min: 0, max: 10_000_000 }), { minLength: 2, maxLength: 40 });
  fc.assert(
    fc.property(moments, (all) => {
      const { at: place } = scaleOf(all);
      const sorted = all.toSorted((one, other) => one - other);
      const places = sorted.map(place);
      for (const [index, value] of places.entries()) {
        expect(value).toBeGreaterThanOrEqual(Math.max(0, (places[index - 1] ?? 0) - 1e-9));
        expect(value).toBeLessThanOrEqual(1 + 1e-9);
      }
      if (sorted.at(-1) !== sorted[0]) expect(places.at(-1)).toBeCloseTo(1, 6);
    }),
  );
});

test("inputs that were open are pinned before the review, left open as the request says, or not pinned at the end", () => {
  const events = [{ type: "requested", time: "", data: { toPin: { nixpkgs: "github:NixOS/nixpkgs/nixos-25.05" } } }];
  const states = (...given: Parameters<typeof openInputsOf>) =>
    openInputsOf(...given).map(({ name, state, reference }) => [name, state, reference]);
  expect(states({ status: "requested", unpinned: ["disko"] }, events)).toEqual([
    ["disko", "unpinned", undefined],
    ["nixpkgs", "being-pinned", "github:NixOS/nixpkgs/nixos-25.05"],
  ]);
  expect(states({ status: "voting", pins: { nixpkgs: "github:NixOS/nixpkgs/abc" } }, events)).toEqual([
    ["nixpkgs", "pinned", "github:NixOS/nixpkgs/abc"],
  ]);
  expect(states({ status: "failed" }, events).map(([, state]) => state)).toEqual(["not-pinned"]);
  expect(states({ status: "succeeded" }, [])).toEqual([]);
});
