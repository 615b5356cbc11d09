import { Effect, Layer } from "effect";
import { Authority } from "../../src/application/authority.ts";
import { roles } from "../../src/domain/kernel/mod.ts";

/** An authority under which everybody has every role: for tests that are not about it. */
export const everybodyMay = Layer.succeed(Authority, {
  standingOf: () => Effect.succeed({ roles: new Set(roles) }),
  standings: Effect.succeed(() => ({ roles: new Set(roles) })),
  upTo: () => Effect.void,
});
