import { Deferred, Effect, Latch, Layer } from "effect";
import { Leases } from "../application/ports/mod.ts";
import { repeatTerms } from "./leased-work.ts";

/** The lease of what one backend at a time does, except the roles below. */
const workRole = "work";
/**
 * Roles with a lease of their own. A backend gives that of the views to one with a newer version of them, and goes on
 * with the rest.
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
 * One lease for nearly all roles of a backend: the backend that has it does the work. A lease for each of the fourteen roles
 * would be fourteen durable writes a second on an idle machine, because each is renewed once a second. These are two.
 *
 * The lease is given back only when all work under it has ended. So no role is ever at work in two backends, as with
 * leases of their own. What is given up: a role that fails in one backend does not go on to another one.
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
