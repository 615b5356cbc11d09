import { describe, expect, test } from "@jest/globals";
import { Result } from "effect";
import { principal } from "../../../../src/domain/principal/decider.ts";
import { openRoles, standingOf } from "../../../../src/domain/principal/standing.ts";
import { specification } from "../../../support/specification.ts";

const { given, stateAfter } = specification(principal, { aggregateId: "bob", principal: "admin", known: undefined });

const admitted = {
  type: "principal-admitted",
  data: { kind: "agent", owner: "ann", roles: ["participant", "voter"] },
} as const;
const suspended = { type: "principal-suspended", data: { reason: "odd" } } as const;
const signedOff = { type: "principal-signed-off", data: { by: "admin", reason: "gone" } } as const;

const rolesAfter = (...history: Parameters<typeof stateAfter>[0]) => [
  ...standingOf(stateAfter(history) ?? undefined, openRoles).roles,
];

describe("a principal", () => {
  test("that nobody admitted has the roles of the installation, and those that were granted to it", () => {
    expect(rolesAfter()).toEqual(openRoles);
    expect(rolesAfter({ type: "roles-granted", data: { roles: ["voter"] } })).toEqual([...openRoles, "voter"]);
  });

  test("that was admitted has exactly its own roles", () => {
    expect(rolesAfter(admitted)).toEqual(["participant", "voter"]);
    expect(rolesAfter(admitted, { type: "roles-revoked", data: { roles: ["voter"], reason: "r" } })).toEqual([
      "participant",
    ]);
  });

  test("is answered for by itself if it is a person, by who admits it otherwise, or by who is named", () => {
    const admit = (payload: { kind: "person" | "agent"; owner?: string }) =>
      Result.map(given([]).when({ type: "admit", payload: { roles: [], ...payload } }), ([event]) =>
        event?.type === "principal-admitted" ? event.data.owner : undefined,
      );
    expect(admit({ kind: "person" })).toEqual(Result.succeed("bob"));
    expect(admit({ kind: "agent" })).toEqual(Result.succeed("admin"));
    expect(admit({ kind: "agent", owner: "ann" })).toEqual(Result.succeed("ann"));
  });

  test("has no role while it is suspended, and its own again afterwards", () => {
    expect(rolesAfter(admitted, suspended)).toEqual([]);
    expect(rolesAfter(admitted, suspended, { type: "principal-reinstated", data: {} })).toEqual([
      "participant",
      "voter",
    ]);
  });

  test("that an admin signed off has no role until it is admitted again", () => {
    expect(rolesAfter(admitted, signedOff)).toEqual([]);
    expect(given([admitted, signedOff]).refuses({ type: "grant", payload: { roles: ["voter"] } })).toBe("signed-off");
    expect(rolesAfter(admitted, signedOff, admitted)).toEqual(["participant", "voter"]);
  });

  test("is granted and loses capabilities besides roles, each once", () => {
    const roles = ["voter"] as const;
    const capabilities = ["steel"];
    const granted = { type: "capabilities-granted", data: { capabilities } } as const;
    expect(given([]).when({ type: "grant", payload: { roles, capabilities } })).toEqual(
      Result.succeed([{ type: "roles-granted", data: { roles } }, granted]),
    );
    expect(given([granted]).when({ type: "grant", payload: { roles: [], capabilities } })).toEqual(Result.succeed([]));
    const taken = { roles: [], capabilities: ["steel", "paint"], reason: "r" };
    expect(given([granted]).when({ type: "revoke", payload: taken })).toEqual(
      Result.succeed([{ type: "capabilities-revoked", data: { capabilities, reason: "r" } }]),
    );
    expect(stateAfter([granted, signedOff])).not.toHaveProperty("capabilities");
  });

  test("is not granted by name what comes with a role", () => {
    expect(given([]).refuses({ type: "grant", payload: { roles: [], capabilities: ["review"] } })).toBe(
      "guarded-by-role",
    );
  });

  test.each([
    { type: "grant", payload: { roles: ["voter"] } },
    { type: "suspend", payload: { reason: "r" } },
    { type: "revoke", payload: { roles: ["admin"], reason: "r" } },
  ] as const)("does not $type itself: so no admin makes voters of themself, nor leaves nobody behind", (command) => {
    expect(given([admitted]).refuses(command, { principal: "bob" })).toBe("own-authority");
  });

  test("is not a part of the backend", () => {
    expect(given([]).refuses({ type: "grant", payload: { roles: ["admin"] } }, { aggregateId: "timers" })).toBe(
      "part-of-the-backend",
    );
  });

  test("is not admitted twice, and what it has already changes nothing", () => {
    const { roles, owner, kind } = admitted.data;
    expect(given([admitted]).refuses({ type: "admit", payload: { roles, owner, kind } })).toBe("already-admitted");
    expect(given([admitted]).when({ type: "grant", payload: { roles: ["voter"] } })).toEqual(Result.succeed([]));
    expect(given([admitted, suspended]).when({ type: "suspend", payload: { reason: "again" } })).toEqual(
      Result.succeed([]),
    );
  });
});

describe("keys that a principal had", () => {
  const key = (letter: string) => `U${letter.repeat(55)}`;
  const rotated = (publicKey: string) => ({ type: "key-rotated", data: { publicKey } }) as const;
  const revoked = (publicKey: string) =>
    ({ type: "key-revoked", data: { publicKey, since: "2026-01-01T00:00:00.000Z", reason: "r" } }) as const;

  test("are kept until they are revoked, and a key that is taken again is not a former one", () => {
    const after = (...events: Parameters<typeof stateAfter>[0]) => stateAfter([admitted, ...events]);
    expect(after(rotated(key("A")), rotated(key("B")), rotated(key("C")))).toMatchObject({
      publicKey: key("C"),
      formerKeys: [key("A"), key("B")],
    });
    expect(after(rotated(key("A")), rotated(key("B")), rotated(key("A")))?.formerKeys).toEqual([key("B")]);
    const rest = after(rotated(key("A")), rotated(key("B")), revoked(key("A")));
    expect(rest).toMatchObject({ publicKey: key("B"), revokedKeys: [key("A")] });
    expect(rest).not.toHaveProperty("formerKeys");
    const other = { type: "principal-admitted", data: { ...admitted.data, publicKey: key("B") } } as const;
    expect(after(rotated(key("A")), signedOff, other)).toMatchObject({ publicKey: key("B"), formerKeys: [key("A")] });
  });

  test("can be revoked; a key of nobody cannot, and none twice", () => {
    const history = [admitted, rotated(key("A")), rotated(key("B"))];
    const revoke = (publicKey: string) =>
      given(history).when({ type: "revoke-key", payload: { publicKey, reason: "r" } });
    for (const letter of ["A", "B"])
      expect(revoke(key(letter))).toMatchObject({
        success: [{ type: "key-revoked", data: { publicKey: key(letter) } }],
      });
    expect(revoke(key("C"))).toMatchObject({ failure: { reason: "unknown-key" } });
    expect(
      given([...history, revoked(key("A"))]).when({
        type: "revoke-key",
        payload: { publicKey: key("A"), reason: "r" },
      }),
    ).toMatchObject({ success: [] });
  });
});
