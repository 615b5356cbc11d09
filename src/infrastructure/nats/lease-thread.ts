import { setTimeout as sleep } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { jetstream } from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import { connect } from "@nats-io/transport-node";
import { isConflict } from "./api-errors.ts";
import { type ConnectionSettings, connectionOptions } from "./connection-options.ts";

/*
 * The thread that claims and renews the leases of a backend, on its own connection. The failure that it prevents: the
 * main thread works for seconds, renews too late, and loses a lease. Shared memory shows until when each lease can be
 * trusted. The thread imports neither the domain nor `effect`, so that it starts fast.
 *
 * It renews only while the main thread lives. If the main thread has not beaten for `patienceNanos`, the thread stops
 * renewing. The leases then expire, as those of a dead backend do.
 */

/** The data that the thread starts with. */
export interface LeaseThreadData {
  readonly settings: ConnectionSettings;
  readonly bucket: string;
  /**
   * Nanoseconds of the monotonic clock, which all threads of a process share. Index 0 has the last beat of the main
   * thread. Each further index is a slot, and has the time until which its lease can be trusted; 0 without a lease.
   */
  readonly times: BigInt64Array;
  /** How long leases are renewed while the main thread does not beat. */
  readonly patienceNanos: bigint;
}

/** A request of the main thread: to claim and keep a lease, or to give it back. */
export type LeaseRequest =
  | { readonly want: "hold"; readonly slot: number; readonly role: string; readonly holder: string }
  | { readonly want: "give-back"; readonly slot: number };

/** A message to the main thread. `failed` (the claim could not be made) and `lost` have a reason. */
export type LeaseWord =
  | { readonly is: "held"; readonly slot: number }
  | { readonly is: "failed" | "lost"; readonly slot: number; readonly why: string }
  | { readonly is: "given-back"; readonly slot: number };

/** A holder trusts its lease for this time, counted from before it sent the claim. The lease itself has 0.5 s more. */
const trustedNanos = 2_500_000_000n;
const renewEveryMs = 1_000;
const askEveryMs = 400;
const renewAgainAfterMs = 200;
const answerWithinMs = 1_000;

/** A claim: its revision, and the time until which no other backend can have the lease. */
interface Lease {
  readonly revision: number;
  readonly trustedUntil: bigint;
}

const { settings, bucket, times, patienceNanos }: LeaseThreadData = workerData;
const now = process.hrtime.bigint;
const say = (word: LeaseWord): void => parentPort?.postMessage(word);

const nc = await connect(connectionOptions(settings));
// Opened without direct gets: these may come from a replica that lags.
const leases = await new Kvm(jetstream(nc, { timeout: answerWithinMs })).open(bucket, { allow_direct: false });

/** Writes a claim if the newest claim has this revision (0: there is none). Returns undefined otherwise. */
const claim = async (role: string, holder: string, revision: number): Promise<Lease | undefined> => {
  // Taken before the request: the server counts the lease from a later moment.
  const sentAt = now();
  try {
    const claimed =
      revision === 0 ? await leases.create(role, holder) : await leases.update(role, holder, revision, answerWithinMs);
    return { revision: claimed, trustedUntil: sentAt + trustedNanos };
  } catch (error) {
    if (isConflict(error)) return undefined;
    throw error;
  }
};

/** Takes the lease if it is free, or renews it if it is ours. Returns undefined if another backend has it. */
const obtain = async (role: string, holder: string, revision: number): Promise<Lease | undefined> => {
  const claimed = await claim(role, holder, revision);
  if (claimed !== undefined) return claimed;
  // Our claim may have been written although its answer was lost.
  const current = await leases.get(role);
  return current?.string() === holder ? claim(role, holder, current.revision) : undefined;
};

const mainThreadLives = (): boolean => now() - Atomics.load(times, 0) < patienceNanos;

/** One term of a lease, from its first claim until it is lost or given back. */
class Term {
  readonly #slot: number;
  readonly #role: string;
  readonly #holder: string;
  readonly #over = new AbortController();
  readonly #ended: Promise<void>;

  constructor({ slot, role, holder }: LeaseRequest & { readonly want: "hold" }) {
    this.#slot = slot;
    this.#role = role;
    this.#holder = holder;
    this.#ended = this.#run();
  }

  /** Ends the term and frees the lease at once. If that fails, the lease expires. */
  async giveBack(): Promise<void> {
    this.#over.abort();
    await this.#ended;
    const current = await leases.get(this.#role);
    if (current?.string() === this.#holder) await leases.delete(this.#role, { previousSeq: current.revision });
  }

  /** Sleeps until the time is over or the term ends. */
  #pause(milliseconds: number): Promise<unknown> {
    return sleep(milliseconds, undefined, { signal: this.#over.signal }).catch(() => undefined);
  }

  async #run(): Promise<void> {
    let held = await this.#acquire();
    if (held !== undefined && !this.#over.signal.aborted) {
      Atomics.store(times, this.#slot, held.trustedUntil);
      say({ is: "held", slot: this.#slot });
    }
    while (held !== undefined && !this.#over.signal.aborted) {
      Atomics.store(times, this.#slot, held.trustedUntil);
      await this.#pause(renewEveryMs);
      if (this.#over.signal.aborted) break;
      if (!mainThreadLives()) return this.#lose("the main thread stands still");
      held = await this.#renew(held);
      if (held === undefined && !this.#over.signal.aborted) return this.#lose("it was not renewed in time");
    }
    Atomics.store(times, this.#slot, 0n);
  }

  #lose(why: string): void {
    Atomics.store(times, this.#slot, 0n);
    say({ is: "lost", slot: this.#slot, why });
  }

  /** Waits until the lease is free, and takes it. If the server does not answer, the main thread gets the reason. */
  async #acquire(): Promise<Lease | undefined> {
    while (!this.#over.signal.aborted) {
      try {
        const acquired = mainThreadLives() ? await obtain(this.#role, this.#holder, 0) : undefined;
        if (acquired !== undefined) return acquired;
      } catch (error) {
        say({ is: "failed", slot: this.#slot, why: error instanceof Error ? error.message : String(error) });
        return undefined;
      }
      await this.#pause(askEveryMs);
    }
    return undefined;
  }

  /** Returns the renewed lease; undefined if another backend has it, or if it was not confirmed in time. */
  async #renew({ revision, trustedUntil }: Lease): Promise<Lease | undefined> {
    while (now() < trustedUntil && !this.#over.signal.aborted) {
      try {
        return await obtain(this.#role, this.#holder, revision);
      } catch {
        await this.#pause(renewAgainAfterMs);
      }
    }
    return undefined;
  }
}

const terms = new Map<number, Term>();

parentPort?.on("message", (request: LeaseRequest) => {
  const { slot } = request;
  if (request.want === "hold") return void terms.set(slot, new Term(request));
  const term = terms.get(slot);
  terms.delete(slot);
  const givenBack = () => say({ is: "given-back", slot });
  (term?.giveBack() ?? Promise.resolve()).then(givenBack, givenBack);
});
