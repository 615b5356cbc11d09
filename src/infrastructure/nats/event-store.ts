import { Effect, Layer, Option, Stream } from "effect";
import { AppendConflict, type Commit, CommitRefused, EventStore, type NewCommit } from "../../application/ports/mod.ts";
import { headerNames } from "../../contract/names.ts";
import { defined } from "../../domain/kernel/mod.ts";
import { isApiError, isConflict, payloadRoom, unavailable } from "./buckets.ts";
import { NatsConnection } from "./connection.ts";
import { readSubject } from "./event-store-batch.ts";
import { decodeCommit, encodeCommit } from "./event-store-commits.ts";
import { readLog } from "./event-store-reader.ts";
import { shareLog } from "./shared-log.ts";
import { ensureEventStream } from "./streams.ts";

/** "message size exceeds maximum allowed" by the stream. */
const tooLarge = 10054;

/**
 * The log in JetStream: stream `CIM_EVENTS`, one message a commit on the literal subject of its aggregate, appended
 * under the sequence of that subject's last message.
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
      const headers = defined({ [headerNames.commandId]: commandId, [headerNames.traceparent]: traceparent });
      return Effect.mapError(
        Effect.andThen(
          connected,
          Effect.tryPromise({
            try: () =>
              publish(names.subjects.event(aggregate, id), data, {
                headers,
                expect: { lastSubjectSequence: expectedPosition },
              }),
            catch: (error) => error,
          }),
        ),
        (error) => {
          if (isConflict(error)) {
            return new AppendConflict({ aggregate, id, expectedPosition });
          }
          if (isApiError(error, tooLarge)) {
            return new CommitRefused({ message: `the commit has ${data.length} bytes, the stream takes less` });
          }
          return unavailable("the log did not take the commit")(error);
        },
      );
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

  /** Reads what a lagging replica did not have yet, one by one. */
  const completeFromLeader = Effect.fnUntraced(function* (subject: string, after: number, commits: Array<Commit>) {
    const newest = yield* fromLeader({ last_by_subj: subject });
    if (newest === undefined) return commits;
    for (;;) {
      const position = commits.at(-1)?.position ?? after;
      if (position >= newest.position) return commits;
      // The client's type of this request knows no `next_by_subj`, the server does.
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
