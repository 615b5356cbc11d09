import { JetStreamApiError, type PubAck } from "@nats-io/jetstream";
import { type NatsConnection as CoreConnection, createInbox, type Msg, type MsgHdrs } from "@nats-io/nats-core";
import { headerNames } from "../../contract/names.ts";
import { headersFrom } from "./client-internals.ts";
import { type ConnectionStatus, connectionLost } from "./connection-status.ts";

/** How often the publisher looks for messages that have waited longer, in milliseconds. */
const lookEvery = 500;

/** Options with the meaning that they have in `js.publish`. */
export interface PublishOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly msgID?: string;
  readonly expect?: { readonly lastSequence?: number; readonly lastSubjectSequence?: number };
}

interface Waiting {
  readonly subject: string;
  readonly until: number;
  readonly resolve: (acknowledgement: PubAck) => void;
  readonly reject: (error: Error) => void;
}

/** No stream has acknowledged a message in time. It may have been stored all the same. */
export class NotAcknowledged extends Error {
  override readonly name = "NotAcknowledged";
}

/** No stream has the subject, or its server is not ready. */
const noResponders = 503;

/**
 * Publishes to streams, as `js.publish` does, thousands of messages a second. `js.publish` makes an error object, a
 * timer and several promises for each message, which is a fifth of what handling a command costs (measured); this makes
 * one promise, and one timer for all messages. A message that waits for its acknowledgement when the connection is lost
 * fails at once. It may be in its stream.
 */
export class Publisher {
  readonly #nc: CoreConnection;
  readonly #within: number;
  readonly #whenNoStream: (subject: string) => void;
  readonly #inbox: string;
  /** By the last token of the subject of the acknowledgement, the oldest first. */
  readonly #waiting = new Map<string, Waiting>();
  #next = 0;
  #timer: NodeJS.Timeout | undefined;

  /**
   * `within`: the milliseconds that a stream may take to acknowledge. `whenNoStream` hears that no stream has the subject of
   * a message.
   */
  constructor(nc: CoreConnection, status: ConnectionStatus, within: number, whenNoStream: (subject: string) => void) {
    this.#nc = nc;
    this.#within = within;
    this.#whenNoStream = whenNoStream;
    this.#inbox = createInbox();
    nc.subscribe(`${this.#inbox}.*`, { callback: (_, message) => this.#acknowledge(message) });
    status.on("disconnect", () => this.#failAll());
  }

  /** To be called while connected: the client drops what is published while it is not. */
  publish(subject: string, payload: Uint8Array | string, options: PublishOptions = {}): Promise<PubAck> {
    return new Promise((resolve, reject) => {
      const token = (this.#next++).toString(36);
      this.#nc.publish(subject, payload, { reply: `${this.#inbox}.${token}`, ...headersOf(options) });
      this.#waiting.set(token, { subject, until: Date.now() + this.#within, resolve, reject });
      this.#timer ??= setInterval(() => this.#failLate(), lookEvery).unref();
    });
  }

  /**
   * Publishes without waiting, for a message whose fate a later one shows: that one is published under the number that
   * this one gets.
   */
  send(subject: string, payload: Uint8Array | string, options: PublishOptions): void {
    this.#nc.publish(subject, payload, headersOf(options));
  }

  #acknowledge(message: Msg): void {
    const token = message.subject.slice(this.#inbox.length + 1);
    const waiting = this.#waiting.get(token);
    if (waiting === undefined) return;
    this.#waiting.delete(token);
    const answer = answerOf(message, waiting.subject);
    if (message.headers?.code === noResponders) this.#whenNoStream(waiting.subject);
    if (answer instanceof Error) waiting.reject(answer);
    else waiting.resolve(answer);
  }

  #failLate(): void {
    const now = Date.now();
    for (const [token, { subject, until, reject }] of this.#waiting) {
      if (until > now) return;
      this.#waiting.delete(token);
      reject(new NotAcknowledged(`no stream acknowledged ${subject} within ${this.#within / 1_000} s`));
    }
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #failAll(): void {
    const all = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of all) reject(connectionLost());
  }
}

/** ADR-4 of NATS: a header is a line. */
const lineBreak = /[\r\n]/;

/** The given headers, and as headers the message id and the expected last message (ADR-15 and ADR-22 of NATS). */
const headersOf = ({ headers, msgID, expect }: PublishOptions): { readonly headers?: MsgHdrs } => {
  if (headers === undefined && msgID === undefined && expect === undefined) return {};
  const all: Record<string, Array<string>> = {};
  for (const name in headers) all[name] = [headers[name] ?? ""];
  if (msgID !== undefined) all[headerNames.messageId] = [msgID];
  if (expect?.lastSequence !== undefined) all[headerNames.expectedLastSequence] = [String(expect.lastSequence)];
  if (expect?.lastSubjectSequence !== undefined)
    all[headerNames.expectedLastSubjectSequence] = [String(expect.lastSubjectSequence)];
  for (const name in all)
    if (lineBreak.test(all[name]?.[0] ?? "")) throw new Error(`the header ${name} has more than one line`);
  return { headers: headersFrom(all) };
};

const isAcknowledgement = (value: unknown): value is PubAck =>
  typeof value === "object" && value !== null && "seq" in value && typeof value.seq === "number";

const apiErrorOf = (value: unknown): JetStreamApiError | undefined => {
  if (typeof value !== "object" || value === null || !("error" in value)) return undefined;
  const { error } = value;
  if (typeof error !== "object" || error === null) return undefined;
  const { code, err_code, description } = { code: 500, err_code: 0, description: "", ...error };
  return new JetStreamApiError({ code, err_code, description });
};

const answerOf = (message: Msg, subject: string): PubAck | Error => {
  if (message.headers?.code === noResponders) return new Error(`no stream takes ${subject}`);
  try {
    const answer: unknown = message.json();
    // The server sends `seq: 0` with an error.
    return (
      apiErrorOf(answer) ?? (isAcknowledgement(answer) ? answer : new Error(`${subject}: \`${message.string()}\``))
    );
  } catch {
    return new Error(`${subject} was acknowledged with \`${message.string()}\``);
  }
};
