import { Effect, Layer } from "effect";
import { type ClientOptions, connect } from "../../src/agents/kit/mod.ts";
import { Authority } from "../../src/application/authority.ts";
import { type Role, roles } from "../../src/domain/kernel/mod.ts";

const everything = { roles: new Set(roles), capabilities: new Set<string>() };

/** An authority under which everybody has every role: for tests that are not about it. */
export const everybodyMay = Layer.succeed(Authority, {
  standingOf: () => Effect.succeed(everything),
  standings: Effect.succeed(() => everything),
  guarded: Effect.succeed(new Set<string>()),
  upTo: () => Effect.void,
});

/** Gives principals of a running installation roles, in the name of its admin. */
export const grantRoles = async (
  connection: Omit<ClientOptions, "principal">,
  ids: ReadonlyArray<string>,
  ...given: ReadonlyArray<Role>
): Promise<void> => {
  const admin = await connect({ ...connection, principal: "admin" });
  try {
    for (const id of ids) await admin.command("principal", id, "grant", { roles: given });
  } finally {
    await admin.close();
  }
};
