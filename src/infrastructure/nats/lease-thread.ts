import { setTimeout as sleep } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { jetstream } from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import { connect } from "@nats-io/transport-node";
import { isConflict } from "./api-errors.ts";
import { type ConnectionSettings, connectionOptions } from "./connection-options.ts";

/*
 * The thread that claims and renews the leases of a backend, on a connection of its own, so that no work of the
 * backend's main thread makes a renewal late. It shows in shared memory until when each lease can be trusted. It imports
 * neither the domain nor `effect`, so that it starts fast.
 *
 * It speaks for the main thread only as long as that one lives: if the main thread has not beaten for `patienceNanos`,
 * the thread stops renewing, and the leases expire like those of a backend that died.
 */

/** What the thread is started with. */
export interface LeaseThreadData {
  readonly settings: ConnectionSettings;
  readonly bucket: string;
  /**
   * Nanoseconds of the monotonic clock, which all threads of a process share. At index 0, when the main thread was last
   * known to go on; then, for each slot, until when its lease can be trusted, 0 without a lease.
   */
  readonly times: BigInt64Array;
  /** For how long leases are renewed for a main thread that does not beat. */
  readonly patienceNanos: bigint;
}

/** What the main thread asks: to claim and keep a lease, or to give it back. */
export type LeaseRequest =
  | { readonly want: "hold"; readonly slot: number; readonly role: string; readonly holder: string }
  | { readonly want: "give-back"; readonly slot: number };

/** What the thread says. `failed`, for a claim that could not be made, and `lost` say why. */
export type LeaseWord =
  | { readonly is: "held"; readonly slot: number }
  | { readonly is: "failed" | "lost"; readonly slot: number; readonly why: string }
  | { readonly is: "given-back"; readonly slot: number };

/** A holder trusts its lease for this time from before it sent the claim: half a second less than the lease has. */
const trustedNanos = 2_500_000_000n;
const renewEveryMs = 1_000;
const askEveryMs = 400;
const renewAgainAfterMs = 200;
const answerWithinMs = 1_000;

/** What the thread knows of a claim: its revision, and until when no other backend can have the lease. */
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

/** Writes a claim if the newest one has this revision (0: there is none); otherwise returns nothing. */
const claim = async (role: string, holder: string, revision: number): Promise<Lease | undefined> => {
  // The server counts the lease from a later moment.
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

/** Takes the lease if it is free, renews it if it is ours; returns nothing if it is another's. */
const obtain = async (role: string, holder: string, revision: number): Promise<Lease | undefined> => {
  const claimed = await claim(role, holder, revision);
  if (claimed !== undefined) return claimed;
  // A claim of ours may have been written although its answer was lost.
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

  /** Sleeps, or less if the term ends. */
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

  /** Waits until the lease is free. If the server does not answer, or has no leases, the other thread says so. */
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

  /** The renewed lease; nothing if it is another's, or was not confirmed in time. */
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
