import { Effect } from "effect";
import type { Role } from "../domain/kernel/mod.ts";
import { principal } from "../domain/principal/decider.ts";
import { untilDone } from "./action.ts";
import { isTransient } from "./command-error.ts";
import { CommandHandling } from "./command-handling.ts";

/** The installation: it makes the first admin, and owns the agents that come with it. */
const installation = "cim";

/** A principal that an installation has from its first start on. */
export interface FirstPrincipal {
  readonly id: string;
  readonly kind: "person" | "agent";
  readonly roles: ReadonlyArray<Role>;
}

/** The first admin, who gives all others their roles. */
const admin: FirstPrincipal = { id: "admin", kind: "person", roles: ["viewer", "participant", "admin"] };

/**
 * Makes the principal `admin`, and admits the agents that come with the installation and the users of a closed one. It is
 * done once in the life of a log, because each admission has a command id of its own: what was taken from one of them later
 * stays taken.
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
