import { Kvm } from "@nats-io/kv";
import { Clock, Effect, Layer, Option, Schedule } from "effect";
import { Leases, type StoreUnavailable } from "../../application/ports/mod.ts";
import { repeatTerms } from "../leased-work.ts";
import { bucketSettings } from "./buckets.ts";
import { NatsConnection } from "./connection.ts";
import { ensureStream, isConflict, unavailable } from "./streams.ts";

/** A lease that is not renewed is free after this time. */
const leaseSeconds = 3;
const renewEvery = "1 second";
/** The work of a holder that could not renew for this time is interrupted: half a second before the lease is free. */
const trustedNanos = 2_500_000_000n;
const askEvery = "400 millis";
const renewAgainAfter = "200 millis";
const answerWithinMs = 1_000;

/** What a holder knows: the revision of its claim, and until when (monotonic clock) no other backend can have one. */
interface Lease {
  readonly revision: number;
  readonly trustedUntil: bigint;
}

/**
 * Leases as keys of the bucket `cim_leases`, which expire. A key is created if there is none, updated under its
 * revision to renew the lease, and deleted to give it back. The bucket is on disk, so a restart of the server frees
 * none too early.
 *
 * Two failures are prevented. A holder that stops (a long pause, a lost connection) must not go on beside its
 * successor: it trusts its lease for 2.5 s from before it sent the claim, by its own monotonic clock, and then
 * interrupts its work; the server frees the key 3 s after it took the claim. And a claim whose answer was lost must not
 * lock its own holder out: a refused claim looks at the key, and takes the lease if it finds its own id there. What a
 * holder writes in its last moments is fenced by the stores themselves, which take conditional writes only.
 */
export const leasesLayer: Layer.Layer<Leases, StoreUnavailable, NatsConnection> = Layer.effect(
  Leases,
  Effect.gen(function* () {
    const { js, names } = yield* NatsConnection;
    const bucket = names.buckets.leases;
    yield* ensureStream({
      ...bucketSettings(bucket, "Which backend does what. Expires."),
      max_age: leaseSeconds * 1_000_000_000,
    });
    // Opened without direct gets: these may come from a replica that lags.
    const leases = yield* Effect.tryPromise({
      try: () => new Kvm(js).open(bucket, { allow_direct: false }),
      catch: unavailable(`the bucket ${bucket}`),
    });

    const newest = (role: string) =>
      Effect.tryPromise({ try: () => leases.get(role), catch: unavailable(`lease ${role}`) }).pipe(
        Effect.timeout(answerWithinMs),
      );

    /** Writes a claim if the newest one has this revision (0: there is none); none otherwise. */
    const claim = Effect.fnUntraced(function* (role: string, holder: string, revision: number) {
      // The server counts the lease from a later moment.
      const sentAt = yield* Clock.currentTimeNanos;
      return yield* Effect.tryPromise({
        try: async () => {
          const writing =
            revision === 0 ? leases.create(role, holder) : leases.update(role, holder, revision, answerWithinMs);
          const written = await writing.catch((error) => {
            if (isConflict(error)) return undefined;
            throw error;
          });
          return Option.map(
            Option.fromUndefinedOr(written),
            (claimed): Lease => ({ revision: claimed, trustedUntil: sentAt + trustedNanos }),
          );
        },
        catch: unavailable(`lease ${role}`),
      }).pipe(Effect.timeout(answerWithinMs));
    });

    /** Takes the lease if it is free, renews it if it is ours; none if it is another's. */
    const obtain = Effect.fnUntraced(function* (role: string, holder: string, revision: number) {
      const claimed = yield* claim(role, holder, revision);
      if (Option.isSome(claimed)) return claimed;
      // A claim of ours may have been written although its answer was lost.
      const current = yield* newest(role);
      return current?.string() === holder ? yield* claim(role, holder, current.revision) : Option.none();
    });

    /** Waits until the lease is free. A server that does not answer is asked again, like one that refuses. */
    const acquire = (role: string, holder: string) =>
      Effect.flatMap(obtain(role, holder, 0), Effect.fromOption).pipe(Effect.retry(Schedule.spaced(askEvery)));

    /** The renewed lease; none if it is another's, or was not confirmed in time. */
    const renew = Effect.fnUntraced(function* (role: string, holder: string, lease: Lease) {
      const left = lease.trustedUntil - (yield* Clock.currentTimeNanos);
      return yield* obtain(role, holder, lease.revision).pipe(
        Effect.retry(Schedule.spaced(renewAgainAfter)),
        Effect.timeoutOption(Math.max(0, Number(left / 1_000_000n))),
        Effect.map(Option.flatten),
      );
    });

    /** Ends when the lease is lost. */
    const keep = Effect.fnUntraced(function* (role: string, holder: string, acquired: Lease) {
      let held = Option.some(acquired);
      while (Option.isSome(held)) {
        yield* Effect.sleep(renewEvery);
        held = yield* renew(role, holder, held.value);
      }
      yield* Effect.logWarning(`lost the lease ${role}: its work is interrupted`);
    });

    const release = Effect.fnUntraced(
      function* (role: string, holder: string) {
        const current = yield* newest(role);
        if (current?.string() !== holder) return;
        yield* Effect.tryPromise(() => leases.delete(role, { previousSeq: current.revision }));
      },
      // If this fails, the lease expires.
      (effect) => Effect.ignore(Effect.timeout(effect, answerWithinMs)),
    );

    const term = <E, R>(role: string, work: Effect.Effect<void, E, R>) =>
      Effect.suspend(() => {
        const holder = crypto.randomUUID();
        return acquire(role, holder).pipe(
          Effect.flatMap((lease) => Effect.raceFirst(work, keep(role, holder, lease))),
          Effect.ensuring(release(role, holder)),
        );
      });

    return Leases.of({ whileHeld: (role, work) => repeatTerms(role, term(role, work)) });
  }),
);
