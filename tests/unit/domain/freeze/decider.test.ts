import { describe, expect, test } from "@jest/globals";
import { Result } from "effect";
import { shippedPolicies } from "../../../../src/domain/consensus/policy-document.ts";
import { type FreezeState, freeze } from "../../../../src/domain/freeze/decider.ts";
import { freezesOn, scopeOf } from "../../../../src/domain/freeze/scope.ts";
import type { CommandOf, Role } from "../../../../src/domain/kernel/mod.ts";
import { specification } from "../../../support/specification.ts";

type Command = CommandOf<typeof freeze.commands>;

const ruling = { id: "unfreeze", version: 0, digest: "sha256-1", document: shippedPolicies.unfreeze };
const operator: ReadonlySet<Role> = new Set(["operator"]);
const known = { ruling, people: ["ann", "bob"], owners: new Map<string, string>(), roles: operator };
const { given } = specification(freeze, { aggregateId: "everything", principal: "ann", known });
const freezing = (reason: string, underWay: "finish-host" | "go-back" = "finish-host"): Command => ({
  type: "freeze",
  payload: { reason, underWay },
});
const unfreeze: Command = { type: "unfreeze", payload: { reason: "all is well" } };
const frozen = Result.getOrThrow(given([]).when(freezing("an incident")));

describe("a freeze", () => {
  test("has a reason and says what becomes of what is under way", () => {
    expect(frozen).toEqual([{ type: "frozen", data: { freeze: 1, reason: "an incident", underWay: "finish-host" } }]);
  });
  test("that is there already changes nothing, and another one takes its place", () => {
    expect(given(frozen).when(freezing("an incident"))).toEqual(Result.succeed([]));
    expect(Result.getOrThrow(given(frozen).when(freezing("an incident", "go-back")))).toMatchObject([
      { data: { freeze: 2, underWay: "go-back" } },
    ]);
  });
  test("is lifted by a vote of the people alone", () => {
    const proposed = Result.getOrThrow(given(frozen).when(unfreeze));
    expect(proposed).toMatchObject([
      {
        type: "unfreeze-proposed",
        data: {
          freeze: 1,
          proposal: "unfreeze=everything-1",
          electorate: [
            { id: "ann", weight: 1 },
            { id: "bob", weight: 1 },
          ],
        },
      },
    ]);
    const lift: Command = { type: "lift", payload: { freeze: 1, proposal: "unfreeze=everything-1" } };
    const lifted = Result.getOrThrow(given([...frozen, ...proposed]).when(lift));
    expect(lifted.map(({ type }) => type)).toEqual(["unfrozen"]);
    const again = Result.getOrThrow(given([...frozen, ...proposed, ...lifted]).when(freezing("another one")));
    expect(given([...frozen, ...proposed, ...lifted, ...again]).when(lift)).toEqual(Result.succeed([]));
  });
  const admin = { principal: "ann", known: { ...known, roles: new Set<Role>(["admin"]) } };
  test("of one's own is lifted without a vote by those whom the policy names, which are admins", () => {
    expect(given(frozen).when(unfreeze, admin)).toEqual(
      Result.succeed([{ type: "unfrozen", data: { freeze: 1, by: "ann", reason: "all is well" } }]),
    );
    const { liftsOwnFreeze: _, ...document } = ruling.document;
    const without = { ...admin, known: { ...admin.known, ruling: { ...ruling, document } } };
    expect(Result.getOrThrow(given(frozen).when(unfreeze, without))).toMatchObject([{ type: "unfreeze-proposed" }]);
  });
  test("that another has set is not one's own, also after one has set it again", () => {
    const setBy = (...names: ReadonlyArray<string>) =>
      names.reduce<FreezeState>(
        (state, actor, index) =>
          freeze.evolve(
            state,
            { type: "frozen", data: { freeze: index + 1, reason: "an incident", underWay: "finish-host" } },
            { aggregateId: "everything", version: index + 1, actor, time: "2026-01-01T00:00:00.000Z" },
          ),
        freeze.initial,
      );
    const context = { aggregateId: "everything", commandId: "c1", time: "2026-01-01T00:00:01.000Z", ...admin };
    const typesFor = (state: FreezeState) =>
      Result.getOrThrow(freeze.decide(unfreeze, state, context)).map(({ type }) => type);
    expect(typesFor(setBy("ann"))).toEqual(["unfrozen"]);
    expect(typesFor(setBy("bob"))).toEqual(["unfreeze-proposed"]);
    expect(typesFor(setBy("bob", "ann"))).toEqual(["unfreeze-proposed"]);
  });
  test("that is not there cannot be lifted, and nobody is asked in vain", () => {
    expect(given([]).refuses(unfreeze)).toBe("not-frozen");
    expect(given(frozen).refuses(unfreeze, { known: { ...known, people: [] } })).toBe("nobody-may-vote");
  });
});

test("a freeze is of everything, of a graph or of a host", () => {
  expect(scopeOf("graph-shop")).toEqual({ is: "graph", name: "shop" });
  expect(scopeOf("all")).toBeUndefined();
  expect(scopeOf("host-Leaf")).toBeUndefined();
  expect(freezesOn({ graph: "shop", hosts: ["front"] })).toEqual(["everything", "graph-shop", "host-front"]);
});
