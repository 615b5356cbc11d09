import { JetStreamApiError, type PubAck } from "@nats-io/jetstream";
import { type NatsConnection as CoreConnection, createInbox, type Msg, type MsgHdrs } from "@nats-io/nats-core";
import { MsgHdrsImpl } from "@nats-io/nats-core/internal";
import { headerNames } from "../../contract/names.ts";
import { type ConnectionStatus, connectionLost } from "./connection-status.ts";

/** How long a stream may take to acknowledge, in milliseconds. */
const acknowledgeWithin = 5_000;
/** How often it is looked whether one has taken longer, in milliseconds. */
const lookEvery = 500;

/** As those of `js.publish`. */
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

/** No stream has the subject, or its server is not ready. */
const noResponders = 503;

/**
 * Publishes to streams, as `js.publish` does, for what is published by the thousand a second: that one makes an error
 * object, a timer and several promises for each message, a fifth of all that handling a command costs. A message whose
 * acknowledgement is awaited when the connection is lost fails at once: it may be in its stream.
 */
export class Publisher {
  readonly #nc: CoreConnection;
  readonly #inbox: string;
  /** By the last token of the subject of the acknowledgement; the oldest first. */
  readonly #waiting = new Map<string, Waiting>();
  #next = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(nc: CoreConnection, status: ConnectionStatus) {
    this.#nc = nc;
    this.#inbox = createInbox();
    nc.subscribe(`${this.#inbox}.*`, { callback: (_, message) => this.#acknowledge(message) });
    status.on("disconnect", () => this.#failAll());
  }

  /** To be called while connected: the client drops what is published meanwhile. */
  publish(subject: string, payload: Uint8Array | string, options: PublishOptions = {}): Promise<PubAck> {
    return new Promise((resolve, reject) => {
      const token = (this.#next++).toString(36);
      this.#nc.publish(subject, payload, { reply: `${this.#inbox}.${token}`, ...headersOf(options) });
      this.#waiting.set(token, { subject, until: Date.now() + acknowledgeWithin, resolve, reject });
      this.#timer ??= setInterval(() => this.#failLate(), lookEvery).unref();
    });
  }

  /** The same for a message whose fate shows in that of a later one, which is published under its number. */
  send(subject: string, payload: Uint8Array | string, options: PublishOptions): void {
    this.#nc.publish(subject, payload, headersOf(options));
  }

  #acknowledge(message: Msg): void {
    const token = message.subject.slice(this.#inbox.length + 1);
    const waiting = this.#waiting.get(token);
    if (waiting === undefined) return;
    this.#waiting.delete(token);
    const answer = answerOf(message, waiting.subject);
    if (answer instanceof Error) waiting.reject(answer);
    else waiting.resolve(answer);
  }

  #failLate(): void {
    const now = Date.now();
    for (const [token, { subject, until, reject }] of this.#waiting) {
      if (until > now) return;
      this.#waiting.delete(token);
      reject(new Error(`no stream acknowledged ${subject} within ${acknowledgeWithin / 1_000} s`));
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

/** What was given, and by ADR-15 and ADR-22 of NATS a message id and the number of the last message that there must be. */
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
  // Setting one by one makes the canonical form of each name, for nothing.
  return { headers: MsgHdrsImpl.fromRecord(all) };
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
    // A server says `seq: 0` beside an error.
    return (
      apiErrorOf(answer) ?? (isAcknowledgement(answer) ? answer : new Error(`${subject}: \`${message.string()}\``))
    );
  } catch {
    return new Error(`${subject} was acknowledged with \`${message.string()}\``);
  }
};
