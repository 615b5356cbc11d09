import { JetStreamError, type JetStreamManager, type StoredMsg } from "@nats-io/jetstream";
import { Effect, Layer, Option, Result, Stream } from "effect";
import {
  AppendConflict,
  type Commit,
  CommitRefused,
  EventStore,
  type NewCommit,
  type ReadFailure,
  StoreUnavailable,
} from "../../../application/ports/mod.ts";
import { headerNames } from "../../../contract/names.ts";
import { defined } from "../../../domain/kernel/mod.ts";
import { isApiError, isConflict } from "../api-errors.ts";
import { NatsConnection } from "../connection.ts";
import { payloadRoom, unavailable } from "../streams.ts";
import { decodeCommit, encodeCommit } from "./commits.ts";
import { readLog } from "./log-reader.ts";
import { shareLog } from "./shared-log.ts";
import { ensureEventStream } from "./stream.ts";

/** "message size exceeds maximum allowed" by the stream. */
const tooLarge = 10054;
/** The most commits asked for in one batch. */
const batchSize = 1024;
const answerWithin = "10 seconds";

/**
 * The log in JetStream: stream `CIM_EVENTS`, one message for each commit, on the literal subject of its aggregate. A
 * commit is appended under the sequence of the last message on that subject. If another backend has written since, the
 * server refuses it, so no commit is decided on a state that is out of date.
 */
export const eventStoreLayer = (options: { readonly replicas?: number } = {}) =>
  Layer.effect(EventStore, Effect.andThen(ensureEventStream(options.replicas), makeEventStore));

const makeEventStore = Effect.gen(function* () {
  const connection = yield* NatsConnection;
  const { nc, jsm, names, ask, connected, publish } = connection;
  const stream = names.streams.events;

  const append = (commit: NewCommit, expectedPosition: number) =>
    Effect.suspend(() => {
      const data = encodeCommit(commit);
      const room = payloadRoom(nc);
      if (data.length > room) {
        return Effect.fail(
          new CommitRefused({ message: `the commit has ${data.length} bytes, the server takes ${room} at most` }),
        );
      }
      const { aggregate, commandId, id, traceparent } = commit;
      const headers = { [headerNames.commandId]: commandId, ...defined({ traceparent }) };
      const publishing = Effect.tryPromise({
        try: () =>
          publish(names.subjects.event(aggregate, id), data, {
            headers,
            expect: { lastSubjectSequence: expectedPosition },
          }),
        catch: (error) => error,
      });
      return Effect.mapError(Effect.andThen(connected, publishing), (error) => {
        if (isConflict(error)) return new AppendConflict({ aggregate, id, expectedPosition });
        if (isApiError(error, tooLarge))
          return new CommitRefused({ message: `the commit has ${data.length} bytes, the stream takes less` });
        return unavailable("the log did not take the commit")(error);
      });
    }).pipe(Effect.map((ack) => ack.seq));

  /** A message from the stream's leader: never stale. */
  const fromLeader = (query: Parameters<typeof jsm.streams.getMessage>[1]) =>
    Effect.flatMap(
      Effect.mapError(
        ask(() => jsm.streams.getMessage(stream, query)),
        unavailable("the log does not answer"),
      ),
      (message) => {
        if (message === null) return Effect.succeed(undefined);
        return Effect.fromResult(decodeCommit(message.seq, message.data));
      },
    );

  /** Reads one by one what a replica that lags did not have yet. */
  const completeFromLeader = Effect.fnUntraced(function* (subject: string, after: number, commits: Array<Commit>) {
    const newest = yield* fromLeader({ last_by_subj: subject });
    if (newest === undefined) return commits;
    for (;;) {
      const position = commits.at(-1)?.position ?? after;
      if (position >= newest.position) return commits;
      // The client's type of this request lacks `next_by_subj`, which the server knows.
      const request = { seq: position + 1, next_by_subj: subject };
      const next = yield* fromLeader(request);
      if (next === undefined) return commits;
      commits.push(next);
    }
  });

  const lastPosition = Effect.mapBoth(
    ask(() => jsm.streams.info(stream)),
    {
      onSuccess: ({ state }) => state.last_seq,
      onFailure: unavailable("the log does not answer"),
    },
  );

  const follow = yield* shareLog(connection, lastPosition);

  return EventStore.of({
    append,
    read: Effect.fnUntraced(function* (aggregate, id, { after = 0, consistent = false } = {}) {
      const subject = names.subjects.event(aggregate, id);
      const commits = yield* readSubject(connection, subject, after);
      return consistent ? yield* completeFromLeader(subject, after, commits) : commits;
    }),
    commitAt: (position) =>
      position < 1 ? Effect.succeedNone : Effect.map(fromLeader({ seq: position }), Option.fromUndefinedOr),
    readAll: (after) => Stream.unwrap(Effect.map(lastPosition, (last) => readLog(connection, after, last))),
    follow,
    lastPosition,
  });
});

interface Batch {
  readonly commits: ReadonlyArray<Commit>;
  /** Whether the server has more of this subject. */
  readonly more: boolean;
}

/** How a direct get says that there is nothing to get. */
const isNothingFound = (error: Error): boolean =>
  error instanceof JetStreamError && "code" in error && error.code === 404;

const silent = (error: Error) => new StoreUnavailable({ message: `the log does not answer: ${error.message}` });

/** Collects one direct batch get; an abort gives its subscription back. */
const collect = (jsm: JetStreamManager, stream: string, subject: string, after: number, signal: AbortSignal) =>
  new Promise<Result.Result<Batch, ReadFailure>>((resolve, reject) => {
    const commits: Array<Commit> = [];
    let more = false;
    let failure: ReadFailure | undefined;
    const receive = (message: StoredMsg) => {
      const last = commits.at(-1)?.position;
      if (last !== undefined && message.lastSequence !== last) {
        failure ??= new StoreUnavailable({ message: `part of the answer about ${subject} was lost` });
      }
      const commit = decodeCommit(message.seq, message.data);
      if (Result.isFailure(commit)) failure ??= commit.failure;
      else commits.push(commit.success);
      more = message.pending > 0;
    };
    const finish = (error: Error | undefined) => {
      if (error !== undefined && !isNothingFound(error)) failure ??= silent(error);
      resolve(failure === undefined ? Result.succeed({ commits, more }) : Result.fail(failure));
    };
    jsm.direct
      .getBatch(stream, {
        seq: after + 1,
        next_by_subj: subject,
        batch: batchSize,
        callback: (done, message) => (done === null ? receive(message) : finish(done.err)),
      })
      .then((answers) => signal.addEventListener("abort", () => answers.stop()), reject);
  });

const readBatch = ({ ask, jsm, names }: NatsConnection["Service"], subject: string, after: number) =>
  ask((signal) => collect(jsm, names.streams.events, subject, after, signal)).pipe(
    Effect.mapError(silent),
    Effect.timeoutOrElse({
      duration: answerWithin,
      orElse: () => Effect.fail(new StoreUnavailable({ message: `the log did not answer in ${answerWithin}` })),
    }),
    Effect.flatMap(Effect.fromResult),
  );

/**
 * The commits on one subject after a position. Direct batch gets need no consumer on the server, which would cost more
 * than the read itself (decision 3). A replica that lags may not have the newest commits.
 */
const readSubject = Effect.fnUntraced(function* (
  connection: NatsConnection["Service"],
  subject: string,
  after: number,
) {
  const commits: Array<Commit> = [];
  for (let more = true; more; ) {
    const batch: Batch = yield* readBatch(connection, subject, commits.at(-1)?.position ?? after);
    for (const commit of batch.commits) commits.push(commit);
    more = batch.more;
  }
  return commits;
});
