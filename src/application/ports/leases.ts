import { Context, type Effect } from "effect";

/**
 * Runs work in one backend at a time.
 *
 * A lease is not a lock: after a long pause two backends may both believe to hold it for a moment. What runs under it
 * must therefore be fenced itself, by deterministic command ids or conditional writes.
 */
export class Leases extends Context.Service<
  Leases,
  {
    /**
     * Waits for the lease `role`, runs `work` while it is held, interrupts it when it is lost, and starts over.
     * Never returns; when interrupted it gives the lease back at once. A dead holder's lease is free after 3 s.
     */
    readonly whileHeld: <E, R>(role: string, work: Effect.Effect<void, E, R>) => Effect.Effect<never, never, R>;
  }
>()("cim/application/Leases") {}
