import { describe, expect, test } from "@jest/globals";
import { Result } from "effect";
import type { Wish } from "../../../../src/domain/host/operation.ts";
import { defined } from "../../../../src/domain/kernel/mod.ts";
import { deployed, type Event, given, known, report, seen, stateAfter, well } from "./fixtures.ts";

const operate = (payload: Wish) => ({ type: "operate", payload }) as const;
const propose = (payload: Wish) => ({ type: "propose-change", payload }) as const;
const restart: Wish = { action: "restart", node: "web" };
const stop: Wish = { action: "stop", node: "web" };
const change = { ...restart, change: 1, units: ["web.service"], by: "ops" };
const requested = (wish: Wish): Event => ({
  type: "operation-requested",
  data: { ...wish, change: 1, units: ["web.service"], by: "ops" },
});
const finished = (failure?: string): Event => ({
  type: "operation-finished",
  data: { change: 1, ...defined({ failure }) },
});
const changing: Event = { type: "host-change-begun", data: { deployment: "d2" } };

describe("operate", () => {
  test("is refused while it is frozen, although an edge permits it", () => {
    const frozen = { ...known, frozen: "everything is frozen by olga: an incident" };
    const refused = given([deployed]).when(operate(restart), { principal: "ops", known: frozen });
    expect(refused).toMatchObject({ failure: { reason: "frozen", message: expect.stringContaining("by olga") } });
  });
  test("is done for who has the permission, on the units of the node", () => {
    expect(given([deployed]).when(operate(restart), { principal: "ops" })).toEqual(
      Result.succeed([{ type: "operation-requested", data: change }]),
    );
  });
  test("takes permissions for the host as such for all of its nodes", () => {
    const scale: Wish = { action: "scale", node: "db", hosts: ["leaf-2"] };
    expect(Result.isSuccess(given([deployed]).when(operate(scale), { principal: "ops" }))).toBe(true);
  });
  test("names the missing permission and the remedy to everyone else", () => {
    for (const principal of ["ann", "onlooker"]) {
      const refusal = given([deployed]).when(operate(restart), { principal });
      expect(Result.isFailure(refusal) ? refusal.failure : undefined).toMatchObject({
        reason: "not-permitted",
        details: { permission: "restart", node: "web", remedy: "propose-change" },
      });
    }
    expect(given([deployed]).refuses(operate({ action: "stop", node: "db" }), { principal: "ops" })).toBe(
      "not-permitted",
    );
  });
  test.each<[string, ReadonlyArray<Event>, Wish]>([
    ["unknown-node", [deployed], { action: "restart", node: "nothing" }],
    ["unknown-node", [], restart],
    ["deployment-in-progress", [deployed, changing], restart],
    ["hosts-missing", [deployed], { action: "scale", node: "web" }],
    ["hosts-missing", [deployed], { action: "scale", node: "web", hosts: [] }],
    ["unknown-host", [deployed], { action: "scale", node: "web", hosts: ["leaf-9"] }],
    ["hosts-not-taken", [deployed], { ...restart, hosts: ["leaf-1"] }],
  ])("%s", (reason, history, wish) => {
    expect(given(history).refuses(operate(wish), { principal: "ops" })).toBe(reason);
    expect(given(history).refuses(propose(wish), { principal: "ops" })).toBe(reason);
  });
});

describe("propose-change", () => {
  test.each(["ops", "onlooker", "ann"])("is open to %s: by any permission, or as a reviewer or person", (by) => {
    expect(given([deployed]).when(propose(restart), { principal: by })).toEqual(
      Result.succeed([{ type: "change-proposed", data: { ...change, by } }]),
    );
  });
  test("is not open to strangers", () => {
    expect(given([deployed]).refuses(propose(restart), { principal: "stranger" })).toBe("not-permitted");
  });
  const proposed: Event = { type: "change-proposed", data: change };
  test("of the same, while it is open, names the proposal", () => {
    expect(given([deployed, proposed]).refuses(propose(restart), { principal: "ann" })).toBe("already-proposed");
    expect(given([deployed, proposed]).refuses(propose(stop), { principal: "ann" })).toBeUndefined();
    expect(
      given([deployed, proposed, finished("rejected")]).refuses(propose(restart), { principal: "ann" }),
    ).toBeUndefined();
  });
  const approve = { type: "approve-change", payload: { change: 1 } } as const;
  test("that is approved is done, once", () => {
    const done: Event = { type: "operation-requested", data: { ...change, proposal: "leaf-1=change-1" } };
    expect(given([deployed, proposed]).when(approve)).toEqual(Result.succeed([done]));
    expect(given([deployed, proposed, done]).when(approve)).toEqual(Result.succeed([]));
    expect(given([deployed, proposed, done, finished()]).when(approve)).toEqual(Result.succeed([]));
  });
  test("is void where a deployment changes the host meanwhile", () => {
    const result = Result.getOrThrow(given([deployed, proposed, changing]).when(approve));
    expect(result.map(({ type }) => type)).toEqual(["operation-finished"]);
  });
});

describe("a node that was stopped on purpose", () => {
  const stopped = [deployed, requested(stop)];
  const ill = { ...well, health: "unhealthy", failing: ["web"], observed: { ...seen, failedUnits: ["web.service"] } };
  test("is neither ill nor drift, whatever systemd says of its end, from the moment it is asked for", () => {
    const events = Result.getOrThrow(given(stopped).when(report(ill)));
    expect(events).toHaveLength(1);
    expect(events[0]?.data).toMatchObject({ health: "healthy", failing: [] });
  });
  test("does not hide that another one fails", () => {
    const both = { ...ill, failing: ["db", "web"], observed: { ...seen, failedUnits: ["postgresql.service"] } };
    const events = Result.getOrThrow(given(stopped).when(report(both)));
    expect(events.map(({ type }) => type)).toEqual(["host-state-reported", "host-drift-detected"]);
    expect(events[0]?.data).toMatchObject({ health: "unhealthy", failing: ["db"] });
  });
  test("runs again when it was started, deployed, or could not be stopped", () => {
    expect(stateAfter([...stopped, finished()]).stopped).toEqual(["web"]);
    expect(stateAfter([...stopped, finished("unreachable")]).stopped).toEqual([]);
    const start: Event = { type: "operation-requested", data: { ...change, action: "start", change: 2 } };
    const started: Event = { type: "operation-finished", data: { change: 2 } };
    expect(stateAfter([...stopped, finished(), start]).stopped).toEqual(["web"]);
    expect(stateAfter([...stopped, finished(), start, started]).stopped).toEqual([]);
    const again: Event = { type: "host-deployed", data: { deployment: "d2", closure: "/c", previous: "/p" } };
    expect(stateAfter([...stopped, finished(), again]).stopped).toEqual([]);
  });
});

test("numbers of drifts and changes are used once", () => {
  const drift: Event = {
    type: "host-drift-detected",
    data: { drift: 1, kind: "boot", expected: "x", observed: "y", detail: "z" },
  };
  const proposed = Result.getOrThrow(given([deployed, drift]).when(propose(restart), { principal: "ann" }));
  expect(proposed[0]?.data).toMatchObject({ change: 2 });
});

test("the outcome of what nobody asked for changes nothing", () => {
  expect(given([deployed]).when({ type: "record-operated", payload: { change: 4 } })).toEqual(Result.succeed([]));
});
