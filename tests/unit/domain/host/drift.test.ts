import { describe, expect, test } from "@jest/globals";
import { Result } from "effect";
import fc from "fast-check";
import { deployed, drifted, type Event, given, known, report, seen, stateAfter, well } from "./fixtures.ts";

/** The kinds and units of what begins, and the numbers of what ends. */
const driftsOf = (history: ReadonlyArray<Event>, payload: unknown) => {
  const events = Result.getOrThrow(given(history).when(report(payload)));
  return events.flatMap((event) => {
    if (event.type === "host-drift-resolved") return [`-${event.data.drift} ${event.data.by}`];
    if (event.type !== "host-drift-detected") return [];
    const { drift, kind, unit } = event.data;
    return [`+${drift} ${kind}${unit === undefined ? "" : ` ${unit}`}`];
  });
};
const otherClosure = { ...well, closure: "/nix/store/by-hand", drift: true };
const failed = (...failedUnits: ReadonlyArray<string>) => ({ ...well, observed: { ...seen, failedUnits } });
const away = { health: "unreachable", expected: "/nix/store/new" };

describe("a report is drift", () => {
  test.each([
    ["where another closure runs", otherClosure, ["+1 closure"]],
    [
      "where a reboot would bring another closure",
      { ...well, observed: { ...seen, boot: "/nix/store/b" } },
      ["+1 boot"],
    ],
    [
      "for each unit that has failed",
      failed("web.service", "db.service"),
      ["+1 unit db.service", "+2 unit web.service"],
    ],
    ["where the host does not answer", away, ["+1 unreachable"]],
    [
      "once where the host was started into another generation",
      { ...otherClosure, observed: { ...seen, boot: "/nix/store/by-hand" } },
      ["+1 closure"],
    ],
  ])("%s", (_, payload, expected) => {
    expect(driftsOf([deployed], payload)).toEqual(expected);
  });

  test.each([
    ["where the host is as it should be", [deployed], well],
    ["where nobody knows what should run", [], otherClosure],
    [
      "where the reporter was not told what should run",
      [deployed],
      { closure: "/nix/store/by-hand", health: "healthy", drift: true },
    ],
    [
      "where the reporter was told what should have run before",
      [deployed],
      { ...otherClosure, expected: "/nix/store/old" },
    ],
    [
      "while a deployment changes the host",
      [deployed, { type: "host-change-begun", data: { deployment: "d2" } } satisfies Event],
      otherClosure,
    ],
  ] satisfies ReadonlyArray<[string, ReadonlyArray<Event>, object]>)("not %s", (_, history, payload) => {
    expect(driftsOf(history, payload)).toEqual([]);
  });
});

describe("a drift", () => {
  test("is said once, however often and with whatever details it is seen", () => {
    const known = [deployed, drifted(1, "closure")];
    expect(driftsOf(known, otherClosure)).toEqual([]);
    expect(driftsOf(known, { ...otherClosure, closure: "/nix/store/again" })).toEqual([]);
  });
  test("is resolved where a look does not show it any more, under its own number", () => {
    const known = [deployed, drifted(1, "closure"), drifted(2, "unit", "web.service")];
    expect(driftsOf(known, failed("web.service"))).toEqual(["-1 observed"]);
    expect(driftsOf(known, failed("db.service"))).toEqual(["-1 observed", "-2 observed", "+3 unit db.service"]);
  });
  test("is not resolved by a host that does not answer, nor forgotten when it does again", () => {
    const known = [deployed, drifted(1, "closure")];
    expect(driftsOf(known, away)).toEqual(["+2 unreachable"]);
    expect(driftsOf([...known, drifted(2, "unreachable")], away)).toEqual([]);
    expect(driftsOf([...known, drifted(2, "unreachable")], otherClosure)).toEqual(["-2 observed"]);
  });
  test("ends when a deployment begins to change the host", () => {
    const begun = { type: "begin-change", payload: { deployment: "d2" } } as const;
    expect(given([deployed, drifted(1, "closure")]).when(begun)).toEqual(
      Result.succeed([
        { type: "host-drift-resolved", data: { drift: 1, kind: "closure", by: "deployment" } },
        { type: "host-change-begun", data: { deployment: "d2" } },
      ]),
    );
  });
});

test("in any course of looks and deployments no two drifts are the same, and each ends at most once, by its number", () => {
  const failedUnits = fc.subarray(["db.service", "web.service"]);
  const look = fc
    .record({ closure: fc.constantFrom("/nix/store/new", "/nix/store/by-hand"), failedUnits })
    .map(({ closure, failedUnits: units }) => report({ ...well, closure, observed: { ...seen, failedUnits: units } }));
  const command = fc.oneof(
    look,
    fc.constant(report(away)),
    fc.constant({ type: "begin-change", payload: { deployment: "d2" } } as const),
    fc.constant({
      type: "record-deployed",
      payload: { deployment: "d2", closure: "/nix/store/new", previous: "/p" },
    } as const),
  );
  fc.assert(
    fc.property(fc.array(command, { maxLength: 20 }), (commands) => {
      const history: Array<Event> = [deployed];
      for (const one of commands) history.push(...Result.getOrThrow(given(history).when(one)));
      const { drifts } = stateAfter(history);
      const open = new Map<number, string>();
      for (const event of history) {
        if (event.type === "host-drift-detected") open.set(event.data.drift, `${event.data.kind} ${event.data.unit}`);
        if (event.type === "host-drift-resolved") expect(open.delete(event.data.drift)).toBe(true);
        expect(new Set(open.values()).size).toBe(open.size);
      }
      expect(drifts.map(({ drift }) => drift).sort()).toEqual([...open.keys()].sort());
    }),
  );
});

describe("what a host should run", () => {
  const d2 = { deployment: "d2", closure: "/nix/store/newer", previous: "/nix/store/new" };
  const reverted: Event = { type: "host-reverted", data: { deployment: "d2", closure: "/nix/store/new" } };
  test("is what it should have run before, where a deployment is undone", () => {
    const before = stateAfter([deployed]).desired;
    expect(stateAfter([deployed, { type: "host-deployed", data: d2 }, reverted]).desired).toEqual(before);
    const unrestored: Event = { ...reverted, type: "host-unrestored" };
    const lost = stateAfter([deployed, { type: "host-deployed", data: d2 }, unrestored]);
    expect(lost.desired).toEqual(before);
    expect(lost.closure).toBe("/nix/store/newer");
  });
  test("stays as it is, where the deployment was never confirmed there", () => {
    const begun: Event = { type: "host-change-begun", data: { deployment: "d2" } };
    const after = stateAfter([deployed, begun, reverted]);
    expect(after.desired).toEqual(stateAfter([deployed]).desired);
    expect(after).not.toHaveProperty("changing");
  });
});

test("a policy is an event where it is another one, and needs a host", () => {
  const set = { type: "set-policy", payload: { onDrift: "report" } } as const;
  const event: Event = { type: "host-policy-set", data: { onDrift: "report" } };
  const byOwner = { principal: "ann", known: { ...known, owners: ["ann"] } };
  expect(given([deployed]).when(set, byOwner)).toEqual(Result.succeed([event]));
  expect(given([deployed, event]).when(set, byOwner)).toEqual(Result.succeed([]));
});
