import { type JetStreamClient, jetstream } from "@nats-io/jetstream";
import { headers, type NatsConnection } from "@nats-io/transport-node";
import type { CommandPayload } from "../../contract/commands.ts";
import { Accepted } from "../../contract/envelope.ts";
import { headerNames, type Names, names } from "../../contract/names.ts";
import { defined } from "../../domain/kernel/mod.ts";
import { type ConnectionSettings, closeConnection, closedness, openConnection } from "./connection.ts";
import { CommandRefused, messageOf } from "./errors.ts";
import { type FeedEvent, type FeedOptions, readFeed } from "./feed.ts";
import { type Json, reader } from "./json.ts";
import { keepRenewed } from "./renewal.ts";
import { ask } from "./request.ts";
import { type Signer, signedText } from "./signer.ts";
import { type DocumentChange, type QueryAnswer, type QueryInput, type ViewDocument, watchView } from "./view.ts";

export interface ClientOptions extends ConnectionSettings {
  /** The installation's prefix; `cim` by default. */
  readonly prefix?: string;
  /** Milliseconds that a command or query waits for a backend that is away; 30 000 by default. */
  readonly timeoutMs?: number;
  /** The span (W3C Trace Context) that all commands and queries belong to, unless a command names another. */
  readonly traceparent?: string;
  /** Signs every command; its key should be registered with the agent. */
  readonly signer?: Signer;
}

export interface CommandOptions {
  /** A retry with the same id gives the first reply again; by default each call has its own. */
  readonly commandId?: string;
  /** The command is refused with `conflict` if the aggregate is at another version. */
  readonly expectedVersion?: number;
  readonly correlationId?: string;
  readonly traceparent?: string;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface QueryOptions {
  /** The answer waits until the view has seen this position: an {@link Accepted.position}. */
  readonly minPosition?: number;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export type { Accepted };

/** The answer to a query. */
export interface Answer<Data = Json> {
  /** The answer holds for the log up to here at least. */
  readonly position: number;
  readonly data: Data;
}

/** The input may be left out if none of its fields is required. */
type QueryArguments<V extends string, O extends string> =
  Record<never, never> extends QueryInput<V, O>
    ? [input?: QueryInput<V, O>, options?: QueryOptions]
    : [input: QueryInput<V, O>, options?: QueryOptions];

/**
 * A connection to an installation, speaking for one principal. Reconnects for ever.
 *
 * Commands and queries wait, bounded, for a backend that is away. They repeat a request without an answer under the
 * same command id, so that nothing is applied twice. They throw `CommandRefused` and `BackendUnavailable`.
 */
export interface Client {
  readonly principal: string;
  /** The public nkey of the signatures of its commands, if it signs them. */
  readonly publicKey?: string;
  /** The connection itself, and the names on it: for parts of the contract that this interface does not have. */
  readonly nats: NatsConnection;
  readonly jetstream: JetStreamClient;
  readonly names: Names;
  /** Whether it is a peer of a closed installation, which reads streams by consumers that the backend makes. */
  readonly isPeer: boolean;
  /** Whether the nats-server checks who connects. */
  readonly isClosed: boolean;
  /** The payload has the type of the contract if aggregate and command are known when this is compiled. */
  command<A extends string, C extends string>(
    aggregate: A,
    id: string,
    command: C,
    payload: CommandPayload<A, C>,
    options?: CommandOptions,
  ): Promise<Accepted>;
  /** Input and answer have the types of the contract if view and operation are known when this is compiled. */
  query<V extends string, O extends string>(
    view: V,
    operation: O,
    ...asked: QueryArguments<V, O>
  ): Promise<Answer<QueryAnswer<V, O>>>;
  /** The documents of a view as they are, then every change. */
  watch<V extends string>(
    view: V,
    options: { readonly id?: string },
    signal: AbortSignal,
  ): AsyncIterable<DocumentChange<ViewDocument<V>>>;
  /** The events of every aggregate, or of those that `options` names. */
  feed(options: FeedOptions, signal: AbortSignal): AsyncIterable<FeedEvent>;
  /** The same connection, speaking for another principal; in a closed installation the server refuses what it says. */
  speakingFor(principal: string): Client;
  /**
   * The same connection, whose queries are answered as they were at a moment: a position of the log, or a time (RFC 3339 in
   * UTC, with milliseconds).
   */
  asOf(moment: number | string): Client;
  close(): Promise<void>;
}

/** Milliseconds until a command without an answer is repeated. Its id makes it count once. */
const commandPatience = 1_000;
/** Milliseconds until a query without an answer is repeated: longer, because the backend works on each repetition. */
const queryPatience = 10_000;

/** Connects. Throws if no nats-server answers or it refuses the connection. */
export const connect = async (options: ClientOptions): Promise<Client> => {
  const { credentials } = options;
  if (typeof credentials !== "string" || !closedness(options).isPeer)
    return clientOn(await openConnection(options), options);
  let current = credentials;
  const nats = await openConnection({ ...options, credentials: () => current });
  keepRenewed(nats, names(options.prefix), credentials, (next) => {
    current = next;
    options.onRenewed?.(next);
  });
  return clientOn(nats, options);
};

const clientOn = (nats: NatsConnection, options: ClientOptions, moment?: number | string): Client => {
  const known = names(options.prefix);
  const { isPeer, isClosed } = closedness(options);
  const js = jetstream(nats, isPeer ? { apiPrefix: known.peerApi } : {});
  const { principal, timeoutMs = 30_000, traceparent, signer } = options;
  const access = { principal, nats, jetstream: js, names: known, isPeer, isClosed };
  return {
    ...access,
    ...defined({ publicKey: signer?.publicKey }),
    command: async (aggregate, id, command, payload, given = {}) => {
      const commandId = given.commandId ?? crypto.randomUUID();
      const subject = known.subjects.command(principal, aggregate, id, command);
      const text = textOf(payload);
      const reply = await ask(nats, {
        subject,
        payload: text,
        headers: headersOf({
          [headerNames.signature]: signer?.sign(signedText(commandId, subject, text)),
          [headerNames.publicKey]: signer?.publicKey,
          [headerNames.commandId]: commandId,
          [headerNames.expectedVersion]: given.expectedVersion,
          [headerNames.correlationId]: given.correlationId,
          [headerNames.traceparent]: given.traceparent ?? traceparent,
        }),
        patienceMs: commandPatience,
        timeoutMs: given.timeoutMs ?? timeoutMs,
        signal: given.signal,
      });
      return readAccepted(reply);
    },
    query: async <V extends string, O extends string>(
      view: V,
      operation: O,
      ...[input = {}, given = {}]: [input?: object, options?: QueryOptions]
    ) => {
      const reply = await ask(nats, {
        subject: known.subjects.query(view, operation),
        payload: JSON.stringify(input),
        headers: headersOf({
          [headerNames.minPosition]: given.minPosition,
          [headerNames.at]: moment,
          [headerNames.traceparent]: traceparent,
        }),
        patienceMs: queryPatience,
        timeoutMs: given.timeoutMs ?? timeoutMs,
        signal: given.signal,
      });
      return { position: Number(reply.position), data: (reply.data ?? null) as QueryAnswer<V, O> };
    },
    watch: <V extends string>(view: V, { id }: { readonly id?: string }, signal: AbortSignal) =>
      watchView<ViewDocument<V>>(access, view, id, signal),
    feed: (wanted, signal) => readFeed(access, wanted, signal),
    speakingFor: (other) => clientOn(nats, { ...options, principal: other }, moment),
    asOf: (at) => clientOn(nats, options, at),
    close: () => closeConnection(nats),
  };
};

/** Returns the payload as JSON. Refuses a payload that is not JSON as the backend would. */
const textOf = (payload: object): string => {
  try {
    return JSON.stringify(payload);
  } catch (error) {
    throw new CommandRefused({ code: "invalid-command", message: `the payload is not JSON: ${messageOf(error)}` });
  }
};

const headersOf = (values: Readonly<Record<string, string | number | undefined>>) => {
  const result = headers();
  for (const [name, value] of Object.entries(values)) if (value !== undefined) result.set(name, String(value));
  return result;
};

const readAccepted = reader(Accepted, "the reply to an accepted command");
