import { type JetStreamClient, jetstream } from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import { headers, type NatsConnection } from "@nats-io/transport-node";
import { type Names, names } from "../../contract/names.ts";
import type { Payload } from "./commands.ts";
import { type ConnectionSettings, closeConnection, openConnection } from "./connection.ts";
import { CommandRefused, messageOf } from "./errors.ts";
import { type FeedEvent, type FeedOptions, readFeed } from "./feed.ts";
import type { Json, JsonObject } from "./json.ts";
import { ask } from "./request.ts";
import { type Signer, signedText } from "./signer.ts";
import { type DocumentChange, type QueryAnswer, type QueryInput, type ViewDocument, watchBucket } from "./view.ts";

export interface ClientOptions extends ConnectionSettings {
  /** The installation's prefix; `cim` by default. */
  readonly prefix?: string;
  /** How long a command or query waits for a backend that is away, in milliseconds; 30 000 by default. */
  readonly timeoutMs?: number;
  /** The span (W3C Trace Context) that all commands and queries belong to, unless a command names another. */
  readonly traceparent?: string;
  /** Signs every command; its key should be registered with the agent. */
  readonly signer?: Signer;
}

export interface CommandOptions {
  /** A retry with the same id gives the first reply again; by default each call has its own. */
  readonly commandId?: string;
  /** Refused with `conflict` where the aggregate is at another version. */
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

/** The accepting reply to a command. */
export interface Accepted {
  readonly aggregate: string;
  readonly id: string;
  /** The number of the aggregate's events. */
  readonly version: number;
  /** The commit's place in the log. */
  readonly position: number;
  readonly commandId: string;
  readonly events: ReadonlyArray<string>;
  /** True where the command had been applied before. */
  readonly duplicate: boolean;
}

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
 * Commands and queries wait, bounded, for a backend that is away and repeat what was not answered under the same
 * command id, so that nothing is applied twice. They throw `CommandRefused` and `BackendUnavailable`.
 */
export interface Client {
  readonly principal: string;
  /** The public nkey of what its commands are signed with, where they are. */
  readonly publicKey?: string;
  /** The connection itself, and the names on it: for what the contract has and this interface has not. */
  readonly nats: NatsConnection;
  readonly jetstream: JetStreamClient;
  readonly names: Names;
  /** Aggregate, command and payload are checked against the schemas where they are known when this is compiled. */
  command<A extends string, C extends string>(
    aggregate: A,
    id: string,
    command: C,
    payload: Payload<A, C>,
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
  /** The same connection, speaking for another principal; a secured server may refuse what it says. */
  speakingFor(principal: string): Client;
  close(): Promise<void>;
}

/** Milliseconds until a command that is not answered is repeated: by its id it is applied once. */
const commandPatience = 1_000;
/** A query is worked on anew each time it is asked. */
const queryPatience = 10_000;

/** Connects; throws where no nats-server answers or it refuses us. */
export const connect = async (options: ClientOptions): Promise<Client> => {
  return clientOn(await openConnection(options), options);
};

const clientOn = (nats: NatsConnection, options: ClientOptions): Client => {
  const js = jetstream(nats);
  const kvm = new Kvm(js);
  const known = names(options.prefix);
  const { principal, timeoutMs = 30_000, traceparent, signer } = options;
  return {
    principal,
    ...(signer === undefined ? {} : { publicKey: signer.publicKey }),
    nats,
    jetstream: js,
    names: known,
    command: async (aggregate, id, command, payload, given = {}) => {
      const commandId = given.commandId ?? crypto.randomUUID();
      const subject = known.subjects.command(principal, aggregate, id, command);
      const text = textOf(payload);
      const reply = await ask(nats, {
        subject,
        payload: text,
        headers: headersOf({
          "Cim-Signature": signer?.sign(signedText(commandId, subject, text)),
          "Cim-Public-Key": signer?.publicKey,
          "Cim-Command-Id": commandId,
          "Cim-Expected-Version": given.expectedVersion,
          "Cim-Correlation-Id": given.correlationId,
          traceparent: given.traceparent ?? traceparent,
        }),
        patienceMs: commandPatience,
        timeoutMs: given.timeoutMs ?? timeoutMs,
        ...(given.signal === undefined ? {} : { signal: given.signal }),
      });
      return accepted(reply, { aggregate, id, commandId });
    },
    query: async <V extends string, O extends string>(
      view: V,
      operation: O,
      ...[input = {}, given = {}]: [input?: object, options?: QueryOptions]
    ) => {
      const reply = await ask(nats, {
        subject: known.subjects.query(view, operation),
        payload: JSON.stringify(input),
        headers: headersOf({ "Cim-Min-Position": given.minPosition, traceparent }),
        patienceMs: queryPatience,
        timeoutMs: given.timeoutMs ?? timeoutMs,
        ...(given.signal === undefined ? {} : { signal: given.signal }),
      });
      return { position: Number(reply.position), data: (reply.data ?? null) as QueryAnswer<V, O> };
    },
    watch: <V extends string>(view: V, { id }: { readonly id?: string }, signal: AbortSignal) =>
      watchBucket<ViewDocument<V>>(kvm, known.buckets.view(view), id, signal),
    feed: (wanted, signal) => readFeed(js, known, wanted, signal),
    speakingFor: (other) => clientOn(nats, { ...options, principal: other }),
    close: () => closeConnection(nats),
  };
};

/** The payload as JSON; what cannot be told so is refused as the backend would. */
const textOf = (payload: object): string => {
  try {
    return JSON.stringify(payload);
  } catch (error) {
    throw new CommandRefused({ code: "invalid-command", message: `the payload is no JSON: ${messageOf(error)}` });
  }
};

const headersOf = (values: Readonly<Record<string, string | number | undefined>>) => {
  const result = headers();
  for (const [name, value] of Object.entries(values)) if (value !== undefined) result.set(name, String(value));
  return result;
};

const accepted = (reply: JsonObject, asked: Pick<Accepted, "aggregate" | "id" | "commandId">): Accepted => ({
  ...asked,
  version: Number(reply.version),
  position: Number(reply.position),
  events: Array.isArray(reply.events) ? reply.events.map(String) : [],
  duplicate: reply.duplicate === true,
});
