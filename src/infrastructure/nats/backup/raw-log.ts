import { setTimeout as sleep } from "node:timers/promises";
import { JetStreamError, type StoredMsg } from "@nats-io/jetstream";
import type { NatsConnection } from "../connection.ts";
import { whyNotWhole } from "../event-store/stream.ts";
import { findStream } from "../find-streams.ts";
import type { RawMessage } from "./line.ts";

type Connection = NatsConnection["Service"];

/** The messages and bytes that are asked for at a time. They limit the memory that reading needs. */
const batch = 512;
const batchBytes = 8 * 1024 * 1024;
/** The attempts of a request, a second apart, because a server may be starting. */
const attempts = 10;

/** The server has no message at a position of the log. */
export class PositionMissing extends Error {
  override readonly name = "PositionMissing";
}

/** Returns the position of the newest message. Fails if there is no log. */
export const endOfLog = async ({ jsm, names }: Connection): Promise<number> =>
  (await jsm.streams.info(names.streams.events)).state.last_seq;

/** Returns the position of the newest message, for a copy. Also fails if an import of this log was cut off. */
export const endOfWholeLog = async ({ jsm, names }: Connection): Promise<number> => {
  const { events } = names.streams;
  const info = await findStream(jsm, events);
  if (info === undefined)
    throw new Error(
      `there is no log ${events} on this server: name another one with --nats or --store, or its --prefix`,
    );
  const notWhole = whyNotWhole(info.config);
  if (notWhole !== undefined) throw new Error(notWhole);
  return info.state.last_seq;
};

const isNothingFound = (error: Error): boolean =>
  error instanceof JetStreamError && "code" in error && error.code === 404;

/** Returns one batch of the messages from a position on. A replica that lags may have fewer. */
const batchFrom = ({ jsm, names }: Connection, position: number): Promise<ReadonlyArray<StoredMsg>> =>
  new Promise((resolve, reject) => {
    const messages: Array<StoredMsg> = [];
    jsm.direct
      .getBatch(names.streams.events, {
        seq: position,
        next_by_subj: names.subjects.allEvents,
        batch,
        max_bytes: batchBytes,
        callback: (done, message) => {
          if (done === null) messages.push(message);
          else if (done.err === undefined || isNothingFound(done.err)) resolve(messages);
          else reject(done.err);
        },
      })
      .catch(reject);
  });

const repeated = async <A>(ask: () => Promise<A>, signal: AbortSignal | undefined): Promise<A> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      if (attempt === attempts) throw error;
      await sleep(1_000, undefined, signal === undefined ? {} : { signal });
    }
  }
};

/**
 * Yields the messages of the log from one position to another, byte for byte, in batches. The log may grow meanwhile:
 * nothing after `to` is read. Throws `PositionMissing` if the server has no message at a position.
 */
export async function* readRawLog(
  connection: Connection,
  from: number,
  to: number,
  signal?: AbortSignal,
): AsyncGenerator<ReadonlyArray<RawMessage>> {
  const { jsm, names } = connection;
  const prefix = names.subjects.allEvents.slice(0, -1);
  for (let next = from; next <= to; ) {
    signal?.throwIfAborted();
    const messages: Array<RawMessage> = [];
    const take = ({ seq, subject, data }: StoredMsg) => {
      messages.push({ position: seq, subject: subject.slice(prefix.length), data });
      next += 1;
    };
    for (const message of await repeated(() => batchFrom(connection, next), signal)) {
      if (message.seq !== next || next > to) break;
      take(message);
    }
    if (messages.length === 0) {
      // The leader knows whether a replica lags or the message is lost.
      const position = next;
      const message = await repeated(() => jsm.streams.getMessage(names.streams.events, { seq: position }), signal);
      if (message === null)
        throw new PositionMissing(
          `the log has nothing at position ${position}: the server has lost it; restore a backup, or export the parts before and after with --to ${position - 1} and --from ${position + 1}`,
        );
      take(message);
    }
    yield messages;
  }
}
