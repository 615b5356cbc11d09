import { JetStreamApiError, JetStreamError, type StoredMsg } from "@nats-io/jetstream";
import { Effect, Layer, Option, Result, Schedule, Stream } from "effect";
import {
  AppendConflict,
  type Commit,
  CommitRefused,
  EventStore,
  type Foreign,
  type NewCommit,
  StoreUnavailable,
} from "../../../application/ports/mod.ts";
import { inSlices } from "../../../application/time-slices.ts";
import { headerNames } from "../../../contract/names.ts";
import { defined } from "../../../domain/kernel/mod.ts";
import { isApiError, isConflict, isTooSoon } from "../api-errors.ts";
import { NatsConnection } from "../connection.ts";
import { lackOf } from "../log-reach.ts";
import { payloadRoom, unavailable } from "../streams.ts";
import { damagedAt, decodeCommit, encodeCommit } from "./commits.ts";
import { readLog } from "./log-reader.ts";
import { shareLog } from "./shared-log.ts";
import { ensureEventStream } from "./stream.ts";

/** "message size exceeds maximum allowed" by the stream. */
const tooLarge = 10054;
/** The most commits asked for in one batch. */
const batchSize = 1024;
const answerWithin = "10 seconds";
/**
 * A direct get goes to any replica. If that one is on a frozen server, another try may reach another replica.
 */
const replicaAnswersWithin = "1 second";
const replicasTried = 4;
/** The leader of a replicated log may vanish without an error. */
const leaderAnswersWithin = "2 seconds";
/** Commits of the leader arrive here a moment later. If they do not, the reader is being made again: ask the leader. */
const comesWithin = "250 millis";
/** A new leader hears from its replicas after a moment. A leader that was cut off does not. */
const unsureLeader = { times: 4, schedule: Schedule.spaced("100 millis") };
/** A backend that starts waits for a leader. */
const waitsForLeader = { times: 240, schedule: Schedule.spaced("250 millis") };

/**
 * The log in JetStream: the stream `CIM_EVENTS`, one message a commit, on the literal subject of its aggregate.
 *
 * An append names the sequence of the last message on that subject. If another backend has written since, the server
 * refuses the append. The failure that this prevents: two backends decide on the same state, and the second commit
 * breaks a rule of the domain.
 */
export const eventStoreLayer = () => Layer.effect(EventStore, Effect.andThen(ensureEventStream(), makeEventStore));

const makeEventStore = Effect.gen(function* () {
  const connection = yield* NatsConnection;
  const { nc, jsm, names, ask, connected, publish, isConnected, reach, replicas, storage, streams } = connection;
  const stream = names.streams.events;
  const prefix = names.subjects.allEvents.slice(0, -1);

  /** Fails when the log is out of reach, because no answer comes then. */
  const outOfReach = Effect.callback<never, StoreUnavailable>((resume) => {
    const tell = () => {
      if (reach.trouble !== undefined)
        resume(Effect.fail(new StoreUnavailable({ message: `the log cannot be reached: ${reach.trouble}` })));
    };
    tell();
    return Effect.sync(reach.onChange(tell));
  });
  /** Waits for an answer of the log's leader. The loss of a single server shows as a lost connection. */
  const whileInReach = <A, E>(answer: Effect.Effect<A, E>): Effect.Effect<A, E | StoreUnavailable> =>
    replicas > 1 ? Effect.raceFirst(answer, outOfReach) : answer;

  /** The newest position that was acknowledged here. The message itself may come to the followers later. */
  let acknowledged = 0;

  const append = (commit: NewCommit, expectedPosition: number) =>
    Effect.flatMap(
      inSlices(() => encodeCommit(commit)),
      (data) => {
        const room = payloadRoom(nc);
        if (data.length > room) {
          return Effect.fail(
            new CommitRefused({ message: `the commit has ${data.length} bytes, the server takes ${room} at most` }),
          );
        }
        const { aggregate, commandId, id, traceparent } = commit;
        const headers = { [headerNames.commandId]: commandId, ...defined({ traceparent }) };
        const refused = storage.refusal();
        if (refused !== undefined) return Effect.fail(new StoreUnavailable({ message: refused, refused: true }));
        const publishing = Effect.tryPromise({
          try: async () => {
            const expect = { lastSubjectSequence: expectedPosition };
            const publishing = () => publish(names.subjects.event(aggregate, id), data, { headers, expect });
            // Nothing was stored. The second attempt checks the sequence again, so it cannot overtake another writer.
            const stored = await publishing().catch((error) =>
              isTooSoon(error) ? publishing() : Promise.reject(error),
            );
            storage.stored();
            return stored;
          },
          catch: (error) => {
            // On a cluster, silence means an election, or a leader without its replicas.
            if (error instanceof Error && replicas === 1) storage.failed(error);
            return error;
          },
        });
        return Effect.mapError(Effect.andThen(connected, whileInReach(publishing)), (error) => {
          if (isConflict(error)) return new AppendConflict({ aggregate, id, expectedPosition });
          if (isApiError(error, tooLarge))
            return new CommitRefused({ message: `the commit has ${data.length} bytes, the stream takes less` });
          if (!(error instanceof JetStreamApiError) && isConnected()) reach.doubt();
          return unavailable("the log did not take the commit")(error);
        });
      },
    ).pipe(
      Effect.map(({ seq }) => {
        acknowledged = Math.max(acknowledged, seq);
        return seq;
      }),
    );

  /** Asks the stream's leader, so the answer is never stale. */
  const askLeader = <A>(request: () => Promise<A>) =>
    Effect.mapError(whileInReach(ask(request)), unavailable("the log does not answer")).pipe(
      Effect.timeoutOrElse({
        duration: replicas > 1 ? leaderAnswersWithin : answerWithin,
        orElse: () => Effect.fail(new StoreUnavailable({ message: "the leader of the log does not answer" })),
      }),
    );

  const fromLeader = (query: Parameters<typeof jsm.streams.getMessage>[1]) =>
    Effect.flatMap(
      askLeader(() => jsm.streams.getMessage(stream, query)),
      (message) => {
        if (message === null) return Effect.succeed(undefined);
        return Effect.mapError(Effect.fromResult(decodeStored(message, prefix)), (foreign) => damagedAt(foreign));
      },
    );

  /** Reads, one by one, the commits that a lagging replica did not have yet. */
  const completeFromLeader = Effect.fnUntraced(
    function* (subject: string, after: number, commits: Array<Commit>) {
      for (;;) {
        const position = commits.at(-1)?.position ?? after;
        // The client's type of this request lacks `next_by_subj`, which the server knows.
        const request = { seq: position + 1, next_by_subj: subject };
        const next = yield* fromLeader(request);
        if (next === undefined) return commits;
        commits.push(next);
      }
    },
    (effect, _subject, _after, commits) =>
      Effect.catchTag(effect, "LogDamaged", (damaged) => Effect.fail(damagedAt({ ...damaged, of: damaged }, commits))),
  );

  /**
   * The end of the log. A leader that was cut off from its replicas keeps answering for some seconds, without the
   * commits that its successor has taken. So does a leader that stood still. An answer therefore counts only if the
   * leader has just heard from its replicas.
   */
  const lastPosition = askLeader(() => jsm.streams.info(stream)).pipe(
    Effect.flatMap((info) => {
      const lack = lackOf(info);
      return lack === undefined
        ? Effect.succeed(info.state.last_seq)
        : Effect.fail(new StoreUnavailable({ message: `the log cannot be reached: ${lack}` }));
    }),
    replicas > 1 ? Effect.retry(unsureLeader) : (answer) => answer,
  );

  // The log is never made again: acknowledged commits would vanish without an error.
  streams.keep(stream);
  if (replicas > 1) yield* Effect.retry(lastPosition, waitsForLeader);
  const { follow, heard, reached, received } = yield* shareLog(connection, lastPosition);

  /**
   * Reads the commits of an aggregate on several replicas. The failure that this prevents: a replica lags, or a deposed
   * leader does not know it yet, and a command is decided on an old state. So this asks the leader for the end of the
   * log, and waits until everything up to there has arrived. That shows which commit of the aggregate is the newest. An
   * answer without that commit is refused.
   */
  const readNow = Effect.fnUntraced(function* (aggregate: string, id: string, after: number) {
    const end = yield* lastPosition;
    const here = yield* Effect.timeoutOption(reached(end), comesWithin);
    const { newest = 0, commits: own } = heard({ aggregate, id }, after);
    if (Option.isSome(here) && own !== undefined) return own;
    const subject = names.subjects.event(aggregate, id);
    const { commits, foreign } = yield* readSubject(connection, subject, after);
    if (foreign !== undefined) return yield* damagedAt(foreign, commits);
    const isNewest = (read: ReadonlyArray<Commit>) => (read.at(-1)?.position ?? after) >= newest;
    if (Option.isSome(here) && newest > 0 && isNewest(commits)) return commits;
    const complete = yield* completeFromLeader(subject, after, commits);
    if (isNewest(complete)) return complete;
    const message = `the log answers without position ${newest} of ${aggregate} ${id}, which has come here: ask again`;
    return yield* new StoreUnavailable({ message });
  });

  return EventStore.of({
    append,
    read: Effect.fnUntraced(function* (aggregate, id, { after = 0, mayLag = false } = {}) {
      // A single replica cannot lag.
      if (replicas > 1 && !mayLag) return yield* readNow(aggregate, id, after);
      const { commits, foreign } = yield* readSubject(connection, names.subjects.event(aggregate, id), after);
      return foreign === undefined ? commits : yield* damagedAt(foreign, commits);
    }),
    heard: (aggregate, id, after) => heard({ aggregate, id }, after).commits ?? [],
    commitAt: (position) =>
      position < 1 ? Effect.succeedNone : Effect.map(fromLeader({ seq: position }), Option.fromUndefinedOr),
    readAll: (after, last) =>
      last === undefined
        ? Stream.unwrap(Effect.map(lastPosition, (end) => readLog(connection, after, end)))
        : readLog(connection, after, last),
    follow,
    lastPosition,
    received: () => Math.max(received(), acknowledged),
    replaced: Effect.callback<string>((resume) =>
      Effect.sync(streams.onLoss(stream, (what) => resume(Effect.succeed(`the stream ${stream} ${what}`)))),
    ),
  });
});

const decodeStored = ({ seq, subject, data, timestamp }: StoredMsg, prefix: string) =>
  decodeCommit(seq, subject, data, prefix, Date.parse(timestamp));

interface Batch {
  readonly commits: ReadonlyArray<Commit>;
  /** The message after them that is not a commit of the aggregate. */
  readonly foreign: Foreign | undefined;
  /** Whether the server has more of this subject. */
  readonly more: boolean;
}

/** Returns whether a direct get found nothing. */
const isNothingFound = (error: Error): boolean =>
  error instanceof JetStreamError && "code" in error && error.code === 404;

const silent = (error: Error) => new StoreUnavailable({ message: `the log does not answer: ${error.message}` });

/** Collects one direct batch get, up to a foreign message. An abort ends its subscription. */
const collect = (connection: NatsConnection["Service"], subject: string, after: number, signal: AbortSignal) =>
  new Promise<Result.Result<Batch, StoreUnavailable>>((resolve, reject) => {
    const { jsm, names } = connection;
    const prefix = names.subjects.allEvents.slice(0, -1);
    const commits: Array<Commit> = [];
    let more = false;
    let foreign: Foreign | undefined;
    let failure: StoreUnavailable | undefined;
    const receive = (message: StoredMsg) => {
      if (foreign !== undefined) return;
      const last = commits.at(-1)?.position;
      if (last !== undefined && message.lastSequence !== last) {
        failure ??= new StoreUnavailable({ message: `part of the answer about ${subject} was lost` });
      }
      const decoded = decodeStored(message, prefix);
      if (Result.isSuccess(decoded)) commits.push(decoded.success);
      else foreign = decoded.failure;
      more = message.pending > 0;
    };
    const finish = (error: Error | undefined) => {
      if (error !== undefined && !isNothingFound(error)) failure ??= silent(error);
      resolve(failure === undefined ? Result.succeed({ commits, foreign, more }) : Result.fail(failure));
    };
    jsm.direct
      .getBatch(names.streams.events, {
        seq: after + 1,
        next_by_subj: subject,
        batch: batchSize,
        callback: (done, message) => (done === null ? receive(message) : finish(done.err)),
      })
      .then((answers) => signal.addEventListener("abort", () => answers.stop()), reject);
  });

const readBatch = (connection: NatsConnection["Service"], subject: string, after: number) => {
  const duration = connection.replicas > 1 ? replicaAnswersWithin : answerWithin;
  const silence = new StoreUnavailable({ message: `the log did not answer in ${duration}` });
  return connection
    .ask((signal) => collect(connection, subject, after, signal))
    .pipe(
      Effect.mapError(silent),
      Effect.timeoutOrElse({ duration, orElse: () => Effect.fail(silence) }),
      Effect.retry({ while: (error) => error === silence, times: connection.replicas > 1 ? replicasTried - 1 : 0 }),
      Effect.flatMap(Effect.fromResult),
    );
};

/**
 * Returns the commits on one subject after a position, up to a foreign message. Direct batch gets need no consumer on
 * the server. A consumer would cost more than the read itself (decision 3). A lagging replica may lack the newest
 * commits.
 */
const readSubject = Effect.fnUntraced(function* (
  connection: NatsConnection["Service"],
  subject: string,
  after: number,
) {
  const commits: Array<Commit> = [];
  for (;;) {
    const batch: Batch = yield* readBatch(connection, subject, commits.at(-1)?.position ?? after);
    for (const commit of batch.commits) commits.push(commit);
    if (batch.foreign !== undefined || !batch.more) return { commits, foreign: batch.foreign };
  }
});
