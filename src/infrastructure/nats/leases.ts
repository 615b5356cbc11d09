import { Clock, Effect, Layer, Option, Schedule } from "effect";
import { Leases, type StoreUnavailable } from "../../application/ports/mod.ts";
import { repeatTerms } from "../leased-work.ts";
import { bucketSettings, bucketStream, bucketSubject, ensureStream, isConflict, unavailable } from "./buckets.ts";
import { NatsConnection } from "./connection.ts";

/** A lease that is not renewed is free after so many seconds. */
const leaseSeconds = 3;
const renewEvery = "1 second";
/** Not renewed for so long, its work is interrupted: half a second before another backend can have the lease. */
const trustedNanos = 2_500_000_000n;
const askEvery = "400 millis";
const answerWithinMs = 1_000;

/** What a holder knows: where its claim is in the bucket, and until when (monotonic clock) nobody else can have one. */
interface Lease {
  readonly sequence: number;
  readonly trustedUntil: bigint;
}

/**
 * Leases as keys of the bucket `cim_leases` that expire: made where there is none, renewed under their sequence,
 * removed when given back. The bucket is on disk, so a restart of the server frees none of them too early.
 */
export const leasesLayer: Layer.Layer<Leases, StoreUnavailable, NatsConnection> = Layer.effect(
  Leases,
  Effect.gen(function* () {
    const { js, jsm, names } = yield* NatsConnection;
    const bucket = names.buckets.leases;
    const stream = bucketStream(bucket);
    yield* ensureStream({
      ...bucketSettings(bucket, "Which backend does what. Expires."),
      max_age: leaseSeconds * 1_000_000_000,
    });

    const newest = (role: string) =>
      Effect.tryPromise({
        try: () => jsm.streams.getMessage(stream, { last_by_subj: bucketSubject(bucket, role) }),
        catch: unavailable(`lease ${role}`),
      }).pipe(Effect.timeout(answerWithinMs));

    /** Writes a claim where the newest one is at `sequence` (0: none); none where it is not. */
    const claim = Effect.fnUntraced(function* (role: string, holder: string, sequence: number) {
      // The server counts the lease from later than this.
      const sentAt = yield* Clock.currentTimeNanos;
      return yield* Effect.tryPromise({
        try: async () => {
          const expect = { lastSubjectSequence: sequence };
          const publishing = js.publish(bucketSubject(bucket, role), holder, { expect, timeout: answerWithinMs });
          const ack = await publishing.catch((error) => {
            if (isConflict(error)) return undefined;
            throw error;
          });
          return Option.map(
            Option.fromUndefinedOr(ack),
            ({ seq }): Lease => ({ sequence: seq, trustedUntil: sentAt + trustedNanos }),
          );
        },
        catch: unavailable(`lease ${role}`),
      });
    });

    /** Takes the lease where it is free, renews it where it is ours; none where it is another's. */
    const obtain = Effect.fnUntraced(function* (role: string, holder: string, sequence: number) {
      const claimed = yield* claim(role, holder, sequence);
      if (Option.isSome(claimed)) return claimed;
      // A claim of ours may have been written although its answer was lost.
      const current = yield* newest(role);
      return current?.string() === holder ? yield* claim(role, holder, current.seq) : Option.none();
    });

    const acquire = Effect.fnUntraced(function* (role: string, holder: string) {
      for (;;) {
        const lease = yield* obtain(role, holder, 0).pipe(Effect.catch(() => Effect.succeedNone));
        if (Option.isSome(lease)) return lease.value;
        yield* Effect.sleep(askEvery);
      }
    });

    /** The renewed lease; none where it is another's, or was not confirmed in time. */
    const renew = Effect.fnUntraced(function* (role: string, holder: string, lease: Lease) {
      const left = lease.trustedUntil - (yield* Clock.currentTimeNanos);
      return yield* obtain(role, holder, lease.sequence).pipe(
        Effect.retry(Schedule.spaced("200 millis")),
        Effect.timeoutOption(Math.max(0, Number(left / 1_000_000n))),
        Effect.map(Option.flatten),
      );
    });

    /** Ends when the lease is lost. */
    const keep = Effect.fnUntraced(function* (role: string, holder: string, acquired: Lease) {
      let lease = acquired;
      for (;;) {
        yield* Effect.sleep(renewEvery);
        const renewed = yield* renew(role, holder, lease);
        if (Option.isNone(renewed)) return yield* Effect.logWarning(`lost the lease ${role}: its work is interrupted`);
        lease = renewed.value;
      }
    });

    const release = Effect.fnUntraced(
      function* (role: string, holder: string) {
        const current = yield* newest(role);
        if (current?.string() !== holder) return;
        yield* Effect.tryPromise(() => jsm.streams.deleteMessage(stream, current.seq, false));
      },
      // Where this fails it expires by itself.
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
