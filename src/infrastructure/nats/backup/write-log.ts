import type { LogMessage } from "../../../application/ports/mod.ts";
import { headerNames } from "../../../contract/names.ts";
import { defined } from "../../../domain/kernel/mod.ts";
import { messageOf } from "../../message-of.ts";
import { isConflict } from "../api-errors.ts";
import type { NatsConnection } from "../connection.ts";
import { logSettings, unfinishedKey } from "../event-store/stream.ts";
import { findStream, installationStreams } from "../find-streams.ts";
import { logMessageOf, type RawMessage } from "./line.ts";

type Connection = NatsConnection["Service"];

/** Nothing can be put in here. The message says why, and what to do. */
export class NotEmpty extends Error {
  override readonly name = "NotEmpty";
}

/** The command that fills a store. An unfinished log names it. */
export type Undertaking = "cim audit import" | "cim restore";

/**
 * Makes a log that is marked as unfinished, in a store without data of the installation. It removes an unfinished log
 * of an earlier undertaking. Throws `NotEmpty` if the store has other data.
 */
export const beginLog = async (connection: Connection, undertaking: Undertaking): Promise<void> => {
  const { jsm, names, replicas } = connection;
  const name = names.streams.events;
  const before = await installationStreams(jsm, names.prefix);
  const log = before.find(({ config }) => config.name === name);
  const isUnfinished = log?.config.metadata?.[unfinishedKey] !== undefined;
  const used = before.find(({ state }) => state.last_seq > 0);
  if (used !== undefined && !isUnfinished)
    throw new NotEmpty(
      `the store is not empty: something was written to ${used.config.name}; use an empty one with --store, or another --prefix`,
    );
  // No backend starts on an unfinished log, so all of it comes from the earlier undertaking.
  for (const { config } of isUnfinished ? before : []) await jsm.streams.delete(config.name);
  const metadata = { [unfinishedKey]: undertaking };
  const settings = { ...logSettings(name, names.subjects.allEvents, replicas), metadata };
  const existing = await findStream(jsm, name);
  await (existing === undefined
    ? jsm.streams.add(settings)
    : jsm.streams.update(name, { ...existing.config, metadata }));
};

/** Marks the log as whole, so that a backend may start on it. */
export const finishLog = async (connection: Connection): Promise<void> => {
  const { jsm, names } = connection;
  const { config } = await jsm.streams.info(names.streams.events);
  const { [unfinishedKey]: _, ...metadata } = config.metadata ?? {};
  await jsm.streams.update(names.streams.events, { ...config, metadata });
};

/** The messages and bytes that are under way at a time. The server writes each message to disk before the next. */
const inFlight = 32;
const inFlightBytes = 8 * 1024 * 1024;

const headersOf = (message: LogMessage): Readonly<Record<string, string>> =>
  message.kind === "foreign"
    ? {}
    : { [headerNames.commandId]: message.commit.commandId, ...defined({ traceparent: message.commit.traceparent }) };

/**
 * Writes messages to the log, each at its position in the file. `onWritten` gets the positions that are on disk. Throws
 * if another program writes to the log meanwhile.
 */
export const writeLog = async (
  connection: Connection,
  messages: AsyncIterable<RawMessage>,
  onWritten: (position: number) => void,
): Promise<void> => {
  const { names, publish } = connection;
  const prefix = names.subjects.allEvents.slice(0, -1);
  let waiting: Array<Promise<unknown>> = [];
  let bytes = 0;
  const settle = async (position: number) => {
    try {
      await Promise.all(waiting);
    } catch (error) {
      throw isConflict(error)
        ? new Error(`another program writes to ${names.streams.events}: stop it, and begin again`, { cause: error })
        : new Error(`${names.streams.events} did not take position ${position}: ${messageOf(error)}`, { cause: error });
    }
    waiting = [];
    bytes = 0;
    onWritten(position);
  };
  let last = 0;
  for await (const message of messages) {
    last = message.position;
    const headers = headersOf(logMessageOf(message));
    waiting.push(publish(`${prefix}${message.subject}`, message.data, { headers, expect: { lastSequence: last - 1 } }));
    bytes += message.data.length;
    if (waiting.length === inFlight || bytes >= inFlightBytes) await settle(last);
  }
  await settle(last);
};
