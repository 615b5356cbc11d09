import { Effect } from "effect";
import type { Role } from "../domain/kernel/mod.ts";
import { principal } from "../domain/principal/decider.ts";
import { untilDone } from "./action.ts";
import { isTransient } from "./command-error.ts";
import { CommandHandling } from "./command-handling.ts";

/** The installation. It creates the first admin, and owns the agents that come with it. */
const installation = "cim";

/** A principal that exists from the installation's first start on. */
export interface FirstPrincipal {
  readonly id: string;
  readonly kind: "person" | "agent";
  readonly roles: ReadonlyArray<Role>;
}

/** The first admin, who grants roles to all others. */
const admin: FirstPrincipal = { id: "admin", kind: "person", roles: ["viewer", "participant", "admin"] };

/**
 * Creates the principal `admin`, and admits the installation's own agents and the users of a closed installation. Each
 * admission has a fixed command id, so it happens only once per log. A right that was revoked later stays revoked.
 */
export const firstStart = Effect.fnUntraced(function* (others: ReadonlyArray<FirstPrincipal>) {
  const { handle } = yield* CommandHandling;
  yield* Effect.forEach(
    new Map([admin, ...others].map((first) => [first.id, first] as const)).values(),
    ({ id, kind, roles }) =>
      handle({
        aggregate: principal.name,
        id,
        command: "admit",
        payload: { kind, roles, reason: "the first start of the installation" },
        principal: installation,
        audience: "internal",
        commandId: "first-start",
      }).pipe(
        Effect.retry({ while: isTransient, schedule: untilDone }),
        Effect.catch(({ message }) => Effect.logWarning(`\`${id}\` is not admitted: ${message}`)),
      ),
    { concurrency: "unbounded", discard: true },
  );
});
