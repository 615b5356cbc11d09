import {
  type MsgHdrs,
  type NatsConnection,
  NoRespondersError,
  RequestError,
  TimeoutError,
} from "@nats-io/transport-node";
import { damagedReason } from "../../contract/envelope.ts";
import { defined } from "../../domain/kernel/mod.ts";
import { BackendUnavailable, CommandRefused, isBusy, messageOf } from "./errors.ts";
import { isObject, type JsonObject } from "./json.ts";
import { backoff, pause, unlessAborted } from "./waiting.ts";

/** A request to the backend, repeated until it is answered. */
export interface Question {
  readonly subject: string;
  readonly payload: string;
  readonly headers?: MsgHdrs;
  /**
   * Milliseconds that the first attempt waits for an answer. Each next attempt waits twice as long, because the request
   * may be much work for the backend.
   */
  readonly patienceMs: number;
  /** Milliseconds until the last attempt. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Room for headers, which count as a part of the message. */
const headerBytes = 1_024;
/**
 * The longest pause between two attempts, in milliseconds, while there is no backend, or none that reaches the log.
 * An election of the log's leader takes seconds, and a pause adds to it.
 */
const longestPause = 1_000;
const passing = new Set(["unavailable", "timeout"]);

/** Returns the milliseconds that the backend asked for before the next attempt. */
const askedPause = (error: CommandRefused | BackendUnavailable): number =>
  error instanceof CommandRefused &&
  isBusy(error) &&
  isObject(error.details) &&
  typeof error.details.afterMilliseconds === "number"
    ? error.details.afterMilliseconds
    : 0;

/**
 * Asks until a backend answers or `timeoutMs` is over, with growing patience and pauses. `unavailable`,
 * `timeout`, `rate-limited` and `overloaded` do not count as answers; only that an aggregate is damaged does not pass.
 * Returns the accepting reply. Throws {@link CommandRefused} and {@link BackendUnavailable}.
 */
export const ask = async (nc: NatsConnection, question: Question): Promise<JsonObject> => {
  refuseTooLarge(nc, question.payload);
  const deadline = Date.now() + question.timeoutMs;
  let known: CommandRefused | BackendUnavailable | undefined;
  for (let attempt = 1, patience = question.patienceMs; ; attempt += 1, patience *= 2) {
    question.signal?.throwIfAborted();
    const left = Math.max(1, deadline - Date.now());
    const outcome = await attemptOnce(nc, question, Math.min(patience, left));
    if (outcome.answered) return outcome.reply;
    // An attempt that the end cut short says less than those before it.
    if (known === undefined || left >= patience) known = outcome.error;
    const pauseMs = outcome.atOnce ? backoff(attempt, longestPause) : backoff(attempt);
    const wait = Math.max(pauseMs, askedPause(outcome.error));
    if (Date.now() + wait >= deadline) throw known;
    await pause(wait, question.signal);
  }
};

const refuseTooLarge = (nc: NatsConnection, payload: string): void => {
  const bytes = Buffer.byteLength(payload);
  const most = (nc.info?.max_payload ?? Number.POSITIVE_INFINITY) - headerBytes;
  if (bytes > most)
    throw new CommandRefused({
      code: "invalid-command",
      message: `the payload has ${bytes} bytes and the nats-server takes ${most}: send less at once`,
      details: { reason: "too-large" },
    });
};

type Outcome =
  | { readonly answered: true; readonly reply: JsonObject }
  | {
      readonly answered: false;
      readonly error: CommandRefused | BackendUnavailable;
      /** Nobody works on it: an attempt costs the backend nothing. */
      readonly atOnce: boolean;
    };

const attemptOnce = async (nc: NatsConnection, question: Question, timeout: number): Promise<Outcome> => {
  const { subject, payload, headers, signal } = question;
  let reply: unknown;
  try {
    const answer = nc.request(subject, payload, defined({ timeout, headers }));
    reply = (await unlessAborted(answer, signal)).json();
  } catch (error) {
    signal?.throwIfAborted();
    return { answered: false, error: silence(subject, error), atOnce: isNobodyThere(error) };
  }
  if (!isObject(reply))
    throw new Error(`the reply on ${subject} is not a JSON object: is another program listening there?`);
  if (reply.ok === true) return { answered: true, reply };
  const refused = refusal(subject, reply);
  const passes = passing.has(refused.code) && refused.reason !== damagedReason;
  if (!passes && !isBusy(refused)) throw refused;
  return { answered: false, error: refused, atOnce: refused.code === "unavailable" };
};

const refusal = (subject: string, reply: JsonObject): CommandRefused => {
  const error = isObject(reply.error) ? reply.error : {};
  const { code, message, details } = error;
  return new CommandRefused(
    defined({
      code: typeof code === "string" ? code : "unavailable",
      message: typeof message === "string" ? message : `the reply on ${subject} has no error message`,
      details,
    }),
  );
};

const isNobodyThere = (error: unknown): boolean =>
  error instanceof NoRespondersError || (error instanceof RequestError && error.isNoResponders());

/** Returns the reason for the silence. Throws a fault that waiting does not end. */
const silence = (subject: string, error: unknown): BackendUnavailable => {
  const root = subject.split(".").slice(0, 2).join(".");
  if (isNobodyThere(error)) return new BackendUnavailable(`no backend answers on ${root}: start one with \`cim up\``);
  if (error instanceof TimeoutError)
    return new BackendUnavailable(`the backend did not answer on ${subject} in time: is it, and its nats-server, up?`);
  if (error instanceof RequestError) return new BackendUnavailable(`${subject}: ${messageOf(error)}`);
  throw error;
};
