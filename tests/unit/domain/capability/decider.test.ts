import { describe, expect, test } from "@jest/globals";
import { Result } from "effect";
import { capability } from "../../../../src/domain/capability/decider.ts";
import { specification } from "../../../support/specification.ts";

const steel = specification(capability, { aggregateId: "steel", principal: "admin", known: undefined });
const payload = { reason: "it costs money" };
const guard = { type: "guard", payload } as const;
const unguard = { type: "unguard", payload } as const;
const guarded = { type: "capability-guarded", data: payload } as const;
const unguarded = { type: "capability-unguarded", data: payload } as const;
const nothing = Result.succeed([]);

describe("a capability", () => {
  test("is guarded and unguarded, with who says so and why", () => {
    expect(steel.given([]).when(guard)).toEqual(Result.succeed([guarded]));
    expect(steel.stateAfter([guarded])).toMatchObject({ guarded: true, by: "admin", ...payload });
    expect(steel.given([guarded]).when(unguard)).toEqual(Result.succeed([unguarded]));
    expect(steel.stateAfter([guarded, unguarded])).toMatchObject({ guarded: false });
  });
  test("that is so already changes nothing", () => {
    expect(steel.given([guarded]).when(guard)).toEqual(nothing);
    expect(steel.given([]).when(unguard)).toEqual(nothing);
    expect(steel.given([guarded, unguarded]).when(unguard)).toEqual(nothing);
  });
  test.each([guard, unguard])("that needs a role in every installation cannot be changed: $type", (command) => {
    const review = specification(capability, { aggregateId: "review", principal: "admin", known: undefined });
    expect(review.given([]).refuses(command)).toBe("guarded-by-role");
  });
});
