import { JetStreamError, type JetStreamManager, type StoredMsg } from "@nats-io/jetstream";
import { Effect, Result } from "effect";
import { type Commit, type ReadFailure, StoreUnavailable } from "../../application/ports/mod.ts";
import type { NatsConnection } from "./connection.ts";
import { decodeCommit } from "./event-store-commits.ts";

/** The most commits asked for in one batch. */
const batchSize = 1024;
const answerWithin = "10 seconds";

/** How a direct get says that there is nothing to get. */
const isNothingFound = (error: Error): boolean =>
  error instanceof JetStreamError && "code" in error && error.code === 404;

const silent = (error: Error) => new StoreUnavailable({ message: `the log does not answer: ${error.message}` });

interface Batch {
  readonly commits: ReadonlyArray<Commit>;
  /** True where the server has more of this subject. */
  readonly more: boolean;
}

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
 * The commits on one subject after a position, by direct batch gets: no consumer is made for a read (decision 3).
 * A replica that lags may not have the newest.
 */
export const readSubject = Effect.fnUntraced(function* (
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
