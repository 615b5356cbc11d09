import { readFile } from "node:fs/promises";
import { AckPolicy } from "@nats-io/jetstream";
import { Clock, Deferred, Effect, Result, Schema, type Scope } from "effect";
import { type InboxProgress, StoreUnavailable } from "../../../application/ports/mod.ts";
import { headerNames } from "../../../contract/names.ts";
import { NatsConnection } from "../connection.ts";
import { isConflict, unavailable } from "../streams.ts";

/** The newest message on the progress subject. */
const Mark = Schema.fromJsonString(
  Schema.Struct({
    position: Schema.Int,
    /** A position that was reached so long ago that the disk has everything up to it. */
    settled: Schema.Int,
    /** The run of the machine in which it was written; absent where its writer ended in order. */
    boot: Schema.optionalKey(Schema.String),
  }),
);
type Mark = typeof Mark.Type;
const decodeMark = Schema.decodeUnknownResult(Mark);

/** Which run of this machine it is, where the kernel tells. */
const bootId = Effect.promise(() =>
  readFile("/proc/sys/kernel/random/boot_id", "utf8").then(
    (text) => text.trim(),
    () => undefined,
  ),
);

const closeWithin = "1 second";

/**
 * The progress of deliveries as the newest message among them. A server that is killed loses an end of a stream that it
 * writes lazily, and what is left is what came before: so where the mark is left, all is that it speaks of. Of a power
 * failure that is not so sure, for the disk need not write in order: after one, the mark's `settled` counts.
 *
 * `volatile`: whether the server may lose anything at all.
 */
export const inboxProgress = Effect.fnUntraced(function* (
  volatile: boolean,
): Effect.fn.Return<
  InboxProgress & { readonly isLost: () => boolean },
  StoreUnavailable,
  NatsConnection | Scope.Scope
> {
  const { nc, jsm, names, onReconnect, publish } = yield* NatsConnection;
  const stream = names.streams.inbox;
  const subject = names.subjects.inboxProgress;
  const failed = unavailable("the progress of deliveries");
  const boot = yield* bootId;
  const gone = new StoreUnavailable({ message: "the nats-server has started anew: deliveries are looked through" });
  yield* Effect.tryPromise({
    // Nobody reads here: a message that no consumer waits for would not be kept.
    try: () =>
      jsm.consumers.add(stream, { durable_name: "progress", filter_subject: subject, ack_policy: AckPolicy.Explicit }),
    catch: failed,
  });

  /** What this backend knows of the mark, from `resume` on; `server` is the process that has the deliveries since. */
  interface Term {
    readonly server: string | undefined;
    readonly lost: Deferred.Deferred<never, StoreUnavailable>;
    readonly settled: (position: number, now: number) => number;
    sequence: number;
    position: number | undefined;
  }
  let term: Term | undefined;
  const isLost = () => volatile && term !== undefined && nc.info !== undefined && nc.info.server_id !== term.server;
  yield* Effect.acquireRelease(
    Effect.sync(() =>
      onReconnect(() => {
        if (term !== undefined && isLost()) Deferred.doneUnsafe(term.lost, Effect.fail(gone));
      }),
    ),
    (stop) => Effect.sync(stop),
  );

  const write = (own: Term, mark: Mark) =>
    Effect.tryPromise({
      try: () => {
        const headers = { [headerNames.rollup]: "sub" };
        const expect = { lastSubjectSequence: own.sequence };
        return publish(subject, JSON.stringify(mark), { headers, expect });
      },
      catch: (error) =>
        isConflict(error) ? new StoreUnavailable({ message: "another backend makes the deliveries" }) : failed(error),
    }).pipe(
      Effect.flatMap(({ seq }) =>
        Effect.sync(() => {
          own.sequence = seq;
          own.position = mark.position;
        }),
      ),
    );

  const end = (own: Term) =>
    Effect.gen(function* () {
      const position = isLost() ? undefined : own.position;
      if (term === own) term = undefined;
      if (position === undefined) return;
      yield* write(own, { position, settled: position }).pipe(Effect.timeoutOption(closeWithin), Effect.ignore);
    });

  const read = Effect.gen(function* () {
    const server = nc.info?.server_id;
    const message = yield* Effect.tryPromise({
      try: () => jsm.streams.getMessage(stream, { last_by_subj: subject }),
      catch: failed,
    });
    const mark = message === null ? undefined : Result.getOrUndefined(decodeMark(message.string()));
    if (message !== null && mark === undefined)
      return yield* new StoreUnavailable({
        message: `\`${message.string()}\` on ${subject} tells no progress of deliveries: purge that subject of ${stream}, and all is delivered again`,
      });
    const survived = mark?.boot === undefined || boot === undefined || mark.boot === boot;
    const position = survived ? mark?.position : mark?.settled;
    const own: Term = {
      server,
      lost: Deferred.makeUnsafe(),
      settled: settledBy(mark?.settled ?? 0),
      sequence: message?.seq ?? 0,
      position: undefined,
    };
    term = own;
    return { own, position };
  });

  return {
    isLost,
    resume: Effect.map(
      Effect.acquireRelease(read, ({ own }) => end(own)),
      ({ position }) => position,
    ),
    save: Effect.fnUntraced(function* (position) {
      const own = term;
      if (own === undefined) return yield* Effect.die(new Error("progress is saved by who has resumed"));
      const settled = own.settled(position, yield* Clock.currentTimeMillis);
      yield* write(own, { position, settled, ...(boot === undefined ? {} : { boot }) });
      return settled;
    }),
    lost: Effect.suspend(() => (term === undefined ? Effect.never : Deferred.await(term.lost))),
  };
});

/**
 * After so many milliseconds the kernel has written what was handed to it: Linux writes pages that are dirty for 30 s
 * (`vm.dirty_expire_centisecs`), and looks every 5 s.
 */
const writtenWithin = 60_000;
/** Positions are remembered so many milliseconds apart. */
const apart = 1_000;

/** Tells, of positions that grow with the time at which they were reached, the newest that is on disk by now. */
export const settledBy = (first: number): ((position: number, now: number) => number) => {
  let settled = first;
  let waiting: ReadonlyArray<{ readonly position: number; readonly at: number }> = [];
  return (position, now) => {
    const isWritten = ({ at }: { readonly at: number }) => now - at >= writtenWithin;
    settled = waiting.findLast(isWritten)?.position ?? settled;
    waiting = waiting.filter((one) => !isWritten(one));
    if (now - (waiting.at(-1)?.at ?? Number.NEGATIVE_INFINITY) >= apart) waiting = [...waiting, { position, at: now }];
    return settled;
  };
};
