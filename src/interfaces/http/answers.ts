import { randomBytes } from "node:crypto";
import type { ErrorCode, Refusal } from "../../contract/envelope.ts";
import { defined } from "../../domain/kernel/mod.ts";

/** Returns a value that no page can guess, for the styles of one answer. */
export const newNonce = (): string => randomBytes(16).toString("base64");

/**
 * The headers of every answer. Nothing may be loaded from elsewhere, run that is not a file of ours, or put into a
 * frame, so a text that gets into a page as HTML by a mistake of ours can neither run nor send anything away.
 */
export const everyAnswer = (nonce: string): Readonly<Record<string, string>> => ({
  "Content-Security-Policy": `default-src 'none'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; connect-src 'self'; img-src 'self' data:; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Cache-Control": "no-store",
});

/** A refusal with the status that it is answered with. The body is that of a refusing reply of the contract. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly status: number;
  readonly refusal: Refusal;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, refusal: Refusal, headers: Readonly<Record<string, string>> = {}) {
    super(refusal.message);
    this.status = status;
    this.refusal = refusal;
    this.headers = headers;
  }
}

/** Returns a refusal; `reason` goes into its details. */
export const refused = (status: number, code: ErrorCode, message: string, reason?: string): Refused =>
  new Refused(status, { code, message, details: defined({ reason }) });

/** Returns a JSON answer. Its other headers are those of {@link everyAnswer}. */
export const json = (document: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response =>
  new Response(JSON.stringify(document), { status, headers: { "Content-Type": "application/json", ...headers } });

/** Returns the answer to a refused request. */
export const refusing = ({ status, refusal, headers }: Refused): Response =>
  json(
    { ok: false, error: { code: refusal.code, message: refusal.message, details: refusal.details ?? {} } },
    status,
    headers,
  );

/**
 * Returns the whole text of an answer for a socket whose request could not be read, with the headers of every answer.
 */
export const rawAnswer = (status: number, title: string, message: string): string => {
  const body = JSON.stringify({ ok: false, error: { code: "unavailable", message, details: {} } });
  const headers = { ...everyAnswer(newNonce()), "Content-Type": "application/json", Connection: "close" };
  const lines = Object.entries({ ...headers, "Content-Length": String(Buffer.byteLength(body)) });
  return `HTTP/1.1 ${status} ${title}\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n${body}`;
};
