import { describe, expect, test } from "@jest/globals";
import { standingAnswer } from "../../../src/application/operations/principals.ts";
import { defined, type Role } from "../../../src/domain/kernel/mod.ts";
import { openRoles } from "../../../src/domain/principal/standing.ts";

const mayNotOf = (roles: ReadonlyArray<Role>, stopped?: string) =>
  standingAnswer("ann", {
    roles: new Set(roles),
    capabilities: new Set(),
    ...defined({ stopped }),
  }).mayNot;

describe("what somebody may not do", () => {
  test("is said with whom it is for, in the words of the refusal", () => {
    const mayNot = mayNotOf(openRoles);
    expect(mayNot["principal.grant"]).toEqual({ make: "the role `admin`", change: "the role `admin`" });
    expect(mayNot["deployment.request"]).toBeUndefined();
  });

  test("depends on whether a thing is made or changed", () => {
    // Somebody who has no role can still be an editor of one graph.
    expect(mayNotOf([])["graph.import"]).toEqual({ make: "the role `designer`" });
    expect(mayNotOf(["designer"])["graph.import"]).toBeUndefined();
  });

  test("is everything while one is stopped", () => {
    expect(Object.keys(mayNotOf([], "suspended")).length).toBeGreaterThan(Object.keys(mayNotOf([])).length);
    expect(mayNotOf([], "suspended")["graph.import"]).toHaveProperty("change");
  });

  test("has no command that only the backend gives", () => {
    expect(Object.keys(mayNotOf([]))).not.toContain("deployment.begin-discussion");
  });
});
