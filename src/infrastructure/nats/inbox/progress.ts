import { readFile } from "node:fs/promises";
import { AckPolicy } from "@nats-io/jetstream";
import { Clock, Deferred, Effect, Result, Schema, type Scope } from "effect";
import { type InboxProgress, StoreUnavailable } from "../../../application/ports/mod.ts";
import { headerNames } from "../../../contract/names.ts";
import { defined } from "../../../domain/kernel/mod.ts";
import { isConflict } from "../api-errors.ts";
import { NatsConnection } from "../connection.ts";
import { lossOf, unavailable } from "../streams.ts";

/** The newest message on the progress subject. */
const Mark = Schema.fromJsonString(
  Schema.Struct({
    position: Schema.Int,
    /** A position reached so long ago that the disk has everything up to it. */
    settled: Schema.Int,
    /** The run of the machine in which it was written; absent if its writer ended in order. */
    boot: Schema.optionalKey(Schema.String),
  }),
);
type Mark = typeof Mark.Type;
const decodeMark = Schema.decodeUnknownResult(Mark);

/** Returns the id of this run of the machine; undefined if the kernel does not show it. */
const bootId = Effect.promise(() =>
  readFile("/proc/sys/kernel/random/boot_id", "utf8").then(
    (text) => text.trim(),
    () => undefined,
  ),
);

const closeWithin = "1 second";

/**
 * The progress of deliveries, kept as a message in the stream of the deliveries themselves.
 *
 * The failure that this prevents: the stream is written lazily, so a server that is killed loses the end of it. A
 * checkpoint elsewhere would then claim deliveries that are gone, and agents would never receive them. A mark in the
 * same stream is lost together with the deliveries that it claims. A killed server loses only the end of a stream, so a
 * mark that is left has all deliveries before it. A power failure is different, because a disk may write out of order.
 * The mark therefore names a second position, `settled`. It was reached so long ago that the disk has everything up to
 * it. It counts if the machine has started again since the mark was written.
 *
 * If only the server restarts, its id changes. Then `lost` fails, and deliveries start again from the mark.
 *
 * `volatile` says whether the server can lose messages at all.
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
  const gone = new StoreUnavailable({ message: "the nats-server has started again: deliveries are checked" });
  const connection = yield* Effect.context<NatsConnection>();
  const ensureConsumer = Effect.tryPromise({
    // Nothing reads from this consumer. The stream keeps a message only while a consumer waits for it.
    try: () =>
      jsm.consumers.add(stream, { durable_name: "progress", filter_subject: subject, ack_policy: AckPolicy.Explicit }),
    catch: failed,
  });

  /**
   * What this backend knows of the mark since `resume`. `server` is the process that has taken the deliveries since.
   */
  interface Term {
    readonly server: string | undefined;
    readonly lost: Deferred.Deferred<never, StoreUnavailable>;
    settled: (position: number, now: number) => number;
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
    yield* ensureConsumer;
    const server = nc.info?.server_id;
    const message = yield* Effect.tryPromise({
      try: () => jsm.streams.getMessage(stream, { last_by_subj: subject }),
      catch: failed,
    });
    const mark = message === null ? undefined : Result.getOrUndefined(decodeMark(message.string()));
    // Another program may have written there. Without a mark, the checkpoint counts. It is some time behind.
    if (message !== null && mark === undefined)
      yield* Effect.logWarning(
        `the message on ${subject} is not a progress mark: some deliveries are made again; find the program that writes to it`,
      );
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

  const resumed = Effect.suspend(() => (term === undefined ? Effect.fail(gone) : Effect.succeed(term)));

  return {
    isLost,
    resume: Effect.map(
      Effect.acquireRelease(read, ({ own }) => end(own)),
      ({ position }) => position,
    ),
    startOver: Effect.gen(function* () {
      const own = yield* resumed;
      own.settled = settledBy(0);
      yield* write(own, { position: 0, settled: 0 });
    }),
    save: Effect.fnUntraced(function* (position) {
      const own = yield* resumed;
      const settled = own.settled(position, yield* Clock.currentTimeMillis);
      yield* write(own, { position, settled, ...defined({ boot }) });
      return settled;
    }),
    lost: Effect.raceFirst(
      Effect.suspend(() => (term === undefined ? Effect.never : Deferred.await(term.lost))),
      Effect.provide(lossOf(stream), connection),
    ),
    forget: Effect.gen(function* () {
      yield* Effect.tryPromise({ try: () => jsm.streams.purge(stream, { filter: subject }), catch: failed });
      // The mark that is written at the end of a term must not claim the deliveries that are gone.
      term = undefined;
    }),
  };
});

/**
 * The milliseconds after which the kernel has written a page to disk. Linux writes pages that are dirty for 30 s
 * (`vm.dirty_expire_centisecs`), and looks for them every 5 s.
 */
const writtenWithin = 60_000;
/** The milliseconds between two remembered positions. */
const apart = 1_000;

/**
 * Returns a function that takes the position reached now, and returns the newest position that is on disk by now.
 * `first` is known to be on disk.
 */
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
