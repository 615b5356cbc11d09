import { Deferred, Effect, Latch, Layer } from "effect";
import { Leases } from "../application/ports/mod.ts";
import { repeatTerms } from "./leased-work.ts";

/** The lease of all work that one backend at a time does, except the roles in `apart`. */
const workRole = "work";
/**
 * Roles that have their own lease. A backend gives the lease of the views to a backend with a newer version of them,
 * and keeps the other work.
 */
const apart: ReadonlyArray<string> = ["views"];

/** The leases of an installation. */
export const allLeases: ReadonlyArray<string> = [workRole, ...apart];

/** A term of the one lease. */
interface Term {
  readonly over: Deferred.Deferred<void>;
  readonly idle: Deferred.Deferred<void>;
  running: number;
}

/**
 * Provides one lease for nearly all roles of a backend. The backend that holds it does the work. Each lease is renewed
 * once a second by a durable write. Fourteen leases, one a role, would cost fourteen writes a second on an idle
 * machine. Two leases cost two.
 *
 * The lease is given back only when all work under it has ended. Without that, the next holder could start a role that
 * this backend has not stopped yet. The price: a role that fails in one backend does not move to another one.
 */
export const oneLease = Layer.effect(
  Leases,
  Effect.gen(function* () {
    const leases = yield* Leases;
    const held = Latch.makeUnsafe(false);
    let term: Term | undefined;

    const begin = Effect.sync(() => {
      const begun: Term = { over: Deferred.makeUnsafe(), idle: Deferred.makeUnsafe(), running: 0 };
      term = begun;
      held.openUnsafe();
      return begun;
    });
    const end = ({ over, idle, running }: Term) =>
      Effect.suspend(() => {
        term = undefined;
        held.closeUnsafe();
        Deferred.doneUnsafe(over, Effect.void);
        return running === 0 ? Effect.void : Deferred.await(idle);
      });
    yield* Effect.forkScoped(
      leases.whileHeld(
        workRole,
        Effect.acquireUseRelease(begin, () => Effect.never, end),
      ),
    );

    const enter = Effect.sync(() => {
      if (term !== undefined) term.running += 1;
      return term;
    });
    const leave = (entered: Term | undefined) =>
      Effect.sync(() => {
        if (entered === undefined) return;
        entered.running -= 1;
        if (entered.running === 0 && term !== entered) Deferred.doneUnsafe(entered.idle, Effect.void);
      });
    const part = <E, R>(work: Effect.Effect<void, E, R>) =>
      Effect.acquireUseRelease(
        enter,
        (entered) => (entered === undefined ? Effect.void : Effect.raceFirst(work, Deferred.await(entered.over))),
        leave,
      );
    return Leases.of({
      whileHeld: (role, work) =>
        apart.includes(role) ? leases.whileHeld(role, work) : repeatTerms(role, Effect.andThen(held.await, part(work))),
    });
  }),
);
