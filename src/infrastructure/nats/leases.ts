import { Worker } from "node:worker_threads";
import { Deferred, Effect, Layer } from "effect";
import { Leases, StoreUnavailable } from "../../application/ports/mod.ts";
import { repeatTerms } from "../leased-work.ts";
import { messageOf } from "../message-of.ts";
import { bucketSettings } from "./buckets.ts";
import { NatsConnection } from "./connection.ts";
import type { LeaseRequest, LeaseThreadData, LeaseWord } from "./lease-thread.ts";
import { ensureStream } from "./streams.ts";

/** A lease that is not renewed is free after this time. */
const leaseSeconds = 3;
/** How often this thread beats, and checks whether it still has its leases. */
const beatEveryMs = 200;
/** After this time without a connection, work under a lease ends, so that another backend can have it. */
const cutOffNanos = 2_500_000_000n;
const givenBackWithin = "1 second";
/** The most leases that one backend has at a time. */
const slots = 256;
/** How long leases are kept, by default, while the main thread stands still. */
const usualPatienceSeconds = 30;

const now = process.hrtime.bigint;

/** A lease that is requested or held, and the events that its term waits for. */
interface Held {
  readonly acquired: Deferred.Deferred<void, StoreUnavailable>;
  /** Done with the reason. */
  readonly lost: Deferred.Deferred<string>;
  readonly givenBack: Deferred.Deferred<void>;
}

/**
 * The main thread's side of {@link LeaseThreadData}. It starts the renewing thread and beats for it. It trusts a lease
 * only until the time in shared memory.
 */
class LeaseKeeper {
  readonly #thread: Omit<LeaseThreadData, "times">;
  readonly #isConnected: () => boolean;
  readonly #held = new Map<number, Held>();
  readonly #beating: NodeJS.Timeout;
  #times = new BigInt64Array(new SharedArrayBuffer(8 * (slots + 1)));
  #worker: Worker | undefined;
  #connectedAt = now();

  constructor(thread: Omit<LeaseThreadData, "times">, isConnected: () => boolean) {
    this.#thread = thread;
    this.#isConnected = isConnected;
    this.#beating = setInterval(() => this.#beat(), beatEveryMs);
  }

  /** Asks for the lease `role`. Fails if there are too many. */
  hold(role: string): Effect.Effect<{ readonly slot: number; readonly held: Held }, StoreUnavailable> {
    return Effect.suspend(() => {
      let slot = 1;
      while (this.#held.has(slot)) slot += 1;
      if (slot > slots) return Effect.fail(new StoreUnavailable({ message: `more than ${slots} leases` }));
      const held: Held = {
        acquired: Deferred.makeUnsafe(),
        lost: Deferred.makeUnsafe(),
        givenBack: Deferred.makeUnsafe(),
      };
      this.#held.set(slot, held);
      this.#ask({ want: "hold", slot, role, holder: crypto.randomUUID() });
      return Effect.succeed({ slot, held });
    });
  }

  /** Gives a lease back, or withdraws the request for it. If that takes too long, the lease expires. */
  giveBack(slot: number, { givenBack }: Held): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.#ask({ want: "give-back", slot });
      return Effect.ignore(Effect.timeout(Deferred.await(givenBack), givenBackWithin));
    });
  }

  /** Ends the thread. Leases that are still held expire. */
  readonly close: Effect.Effect<void> = Effect.promise(async () => {
    clearInterval(this.#beating);
    const worker = this.#worker;
    this.#worker = undefined;
    worker?.removeAllListeners();
    await worker?.terminate();
  });

  #ask(request: LeaseRequest): void {
    this.#worker ??= this.#start();
    this.#worker.postMessage(request);
  }

  #start(): Worker {
    // The times of a thread that has ended must not count for its successor.
    this.#times = new BigInt64Array(new SharedArrayBuffer(8 * (slots + 1)));
    this.#beat();
    const workerData: LeaseThreadData = { ...this.#thread, times: this.#times };
    const worker = new Worker(new URL("./lease-thread.ts", import.meta.url), { workerData });
    let why = "its thread has ended";
    worker.on("message", (word: LeaseWord) => this.#hear(word));
    worker.on("error", (error) => {
      why = messageOf(error);
    });
    worker.on("exit", () => {
      if (this.#worker === worker) this.#worker = undefined;
      for (const [slot, held] of this.#held) this.#end(slot, held, why);
    });
    return worker;
  }

  #hear(word: LeaseWord): void {
    const held = this.#held.get(word.slot);
    if (held === undefined) return;
    if (word.is === "held") Deferred.doneUnsafe(held.acquired, Effect.void);
    else if (word.is === "failed")
      Deferred.doneUnsafe(held.acquired, Effect.fail(new StoreUnavailable({ message: `no lease: ${word.why}` })));
    else if (word.is === "lost") Deferred.doneUnsafe(held.lost, Effect.succeed(word.why));
    else this.#end(word.slot, held, "it was given back");
  }

  #end(slot: number, { acquired, lost, givenBack }: Held, why: string): void {
    this.#held.delete(slot);
    Deferred.doneUnsafe(acquired, Effect.fail(new StoreUnavailable({ message: `no lease: ${why}` })));
    Deferred.doneUnsafe(lost, Effect.succeed(why));
    Deferred.doneUnsafe(givenBack, Effect.void);
  }

  /** Beats, and ends the work of each lease that can no longer be trusted. */
  #beat(): void {
    const moment = now();
    Atomics.store(this.#times, 0, moment);
    if (this.#isConnected()) this.#connectedAt = moment;
    const isCutOff = moment - this.#connectedAt > cutOffNanos;
    for (const [slot, { acquired, lost }] of this.#held) {
      if (!Deferred.isDoneUnsafe(acquired)) continue;
      if (isCutOff) Deferred.doneUnsafe(lost, Effect.succeed("the connection to the nats-server is gone"));
      else if (Atomics.load(this.#times, slot) < moment)
        Deferred.doneUnsafe(lost, Effect.succeed("it was not renewed"));
    }
  }
}

/**
 * Leases as keys of the bucket `cim_leases`, which expire. A claim creates the key, a renewal updates it under its
 * revision, and giving back deletes it. The bucket is on disk, so a restart of the server frees no lease too early.
 *
 * A separate thread claims and renews them (`lease-thread.ts`). The main thread may work for seconds, for example to
 * render a large graph, and loses no lease by that. Four failures are prevented:
 * - A holder that lost its lease works on beside its successor. So it trusts the lease for 2.5 s, by the monotonic
 *   clock, from before it sent the claim. Then its work is interrupted. The server frees the key 3 s after it took the
 *   claim.
 * - A claim whose answer was lost locks its own holder out. So a refused claim reads the key, and takes the lease if it
 *   finds its own id there.
 * - A thread that stands still for ever keeps its leases. So the other thread renews them only while the main thread
 *   beats. After 30 s without a beat they expire. If the main thread continues later, it finds them lost.
 * - A backend that is cut off keeps its leases. So it ends its work after 2.5 s without its own connection.
 *
 * The stores fence the last writes of a holder: they take conditional writes only.
 */
export const leasesLayer = ({ patienceSeconds = usualPatienceSeconds }: { readonly patienceSeconds?: number } = {}) =>
  Layer.effect(
    Leases,
    Effect.gen(function* () {
      const { names, settings, isConnected } = yield* NatsConnection;
      const bucket = names.buckets.leases;
      yield* ensureStream({
        ...bucketSettings(bucket, "Which backend does what. Expires."),
        max_age: leaseSeconds * 1_000_000_000,
      });
      const patienceNanos = BigInt(patienceSeconds) * 1_000_000_000n;
      const own = { ...settings, name: `${settings.name ?? "cim-leaf"} (leases)` };
      const keeper = yield* Effect.acquireRelease(
        Effect.sync(() => new LeaseKeeper({ settings: own, bucket, patienceNanos }, isConnected)),
        ({ close }) => close,
      );

      const lost = (role: string, held: Held) =>
        Effect.flatMap(Deferred.await(held.lost), (why) =>
          Effect.logWarning(`lost the lease ${role}: ${why}; its work is interrupted`),
        );

      const term = <E, R>(role: string, work: Effect.Effect<void, E, R>) =>
        Effect.acquireUseRelease(
          keeper.hold(role),
          ({ held }) => Effect.andThen(Deferred.await(held.acquired), Effect.raceFirst(work, lost(role, held))),
          ({ slot, held }) => keeper.giveBack(slot, held),
        );

      return Leases.of({ whileHeld: (role, work) => repeatTerms(role, term(role, work)) });
    }),
  );
