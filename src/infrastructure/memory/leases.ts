import { Effect, Layer, Semaphore } from "effect";
import { Leases } from "../../application/ports/mod.ts";
import { repeatTerms } from "../leased-work.ts";

/** Leases in memory, for tests: between the fibers of one process. */
export const memoryLeasesLayer = Layer.sync(Leases, () => {
  const holders = new Map<string, Semaphore.Semaphore>();
  const leaseOf = (role: string) => {
    const lease = holders.get(role) ?? Semaphore.makeUnsafe(1);
    holders.set(role, lease);
    return lease;
  };
  return Leases.of({
    whileHeld: (role, work) =>
      repeatTerms(
        role,
        Effect.suspend(() => leaseOf(role).withPermits(1)(work)),
      ),
  });
});
